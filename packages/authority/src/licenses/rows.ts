import type { Message } from '@leasehold/protocol';
import type { Binding } from '@leasehold/terms';
import { accountOf, type Account } from '../accounts/account.js';
import { companyName } from '../companies/find.js';
import { hostChanged } from '../hosts/rows.js';
import { afterEnd } from '../instances/graces.js';
import type { ChangedRow, Reader } from '../store/index.js';
import { findInstanceLicense, type InstanceLicenseRow } from './instance-license.js';
import { bindingOf, findMachineLicense, type MachineLicenseRow, type SeatUnit } from './machine-license.js';
import { nextReusable, type CountedLicense } from './seats.js';

export type LicenseRow = Message<'LicenseRow'>;

const DAY = 86_400_000;
/** D-2: the first warning comes 30 days ahead. */
const SOON = 30 * DAY;

export interface Names {
  readonly company_name: string | null;
}

/** What the seats of a license tell of it: who holds the only one, and when the first that waits is free (epoch ms). */
export interface Seated {
  readonly unit: string | null;
  readonly waiting_until: number | null;
}

export function machineLicenseRow(own: Account, row: MachineLicenseRow & Names & Seated, now: number): LicenseRow {
  const seat = holderOf(row);
  const grace = afterEnd(own, row.term);
  const status = row.state === 'revoked' ? 'revoked' : statusBy(row.ends_at, grace, now);
  return {
    id: row.id,
    profile: 'aip',
    type: row.edition,
    kind: row.term === 'trial' ? 'trial' : 'commercial',
    term: row.term,
    companyId: row.company_id,
    companyName: row.company_name,
    assignedTo: seat?.id ?? null,
    assignedKind: (seat?.type ?? null) as LicenseRow['assignedKind'],
    computerName: null,
    os: null,
    user: null,
    status,
    validUntil: row.valid_until,
    ...(status === 'grace' && { graceUntil: new Date(row.ends_at! + grace).toISOString() }),
    autoRenew: false,
    transaction: row.transaction_id,
    used: row.used,
    quota: row.quota,
    ...(row.waiting_until === null ? {} : { reusableFrom: new Date(row.waiting_until).toISOString() }),
  };
}

/** Who holds the only seat; else what the license is bound to. */
function holderOf(row: MachineLicenseRow & Seated): Binding | null {
  if (row.quota === 1 && row.unit !== null) return bindingOf(row.unit);
  return row.bound_type === null ? null : { type: row.bound_type, id: row.bound_id! };
}

export function instanceLicenseRow(row: InstanceLicenseRow & Names, now: number): LicenseRow {
  return {
    id: row.id,
    profile: 'msp',
    type: row.type,
    kind: row.kind,
    term: row.kind === 'trial' ? 'trial' : 'subscription',
    companyId: row.company_id,
    companyName: row.company_name,
    assignedTo: row.assigned_to,
    assignedKind: row.assigned_kind,
    computerName: row.computer_name,
    os: row.os,
    user: row.user_name,
    status: row.state === 'revoked' ? 'revoked' : statusBy(row.ends_at, 0, now, row.auto_renew === 1),
    validUntil: row.valid_until,
    autoRenew: row.auto_renew === 1,
    transaction: row.transaction_id,
    used: row.assigned_to === null ? 0 : 1,
    quota: 1,
  };
}

/** Of a license that renews itself nobody is warned (D-2 speaks of auto-renew off). */
function statusBy(endsAt: number | null, grace: number, now: number, renews = false): LicenseRow['status'] {
  if (endsAt === null || now < endsAt - SOON) return 'valid';
  if (now < endsAt) return renews ? 'valid' : 'expires_soon';
  return now < endsAt + grace ? 'grace' : 'expired';
}

/** The rows that a seat shows in: its license, and the host that it covers. `counted`: the license as it stands since the
 * seat was counted; lists tell only the first seat of a license from the others. */
export async function seatChanged(
  reader: Reader,
  { account, id }: Pick<MachineLicenseRow, 'account' | 'id'>,
  unit: SeatUnit,
  now: number,
  counted?: CountedLicense,
): Promise<ChangedRow[]> {
  const { type, id: on } = bindingOf(unit);
  const changed = await licenseChanged(reader, account, id, now, counted);
  const alike = counted !== undefined && counted.used > 1 && type !== 'cluster_group';
  const license = alike ? ({ sameIndex: true, ...changed } as const) : changed;
  return type === 'host' ? [license, await hostChanged(reader, account, on)] : [license];
}

/** The row of one license of either kind as it stands, for the journal; `counted` where that was read just now. */
export async function licenseChanged(
  reader: Reader,
  account: string,
  id: string,
  now: number,
  counted?: CountedLicense,
): Promise<ChangedRow> {
  const machine = counted ?? (await findMachineLicense(reader, account, id));
  if (machine !== undefined) {
    // A license of many seats shows no holder.
    const seat =
      machine.quota === 1
        ? await reader.get<{ instance_id: string }>(
            "SELECT instance_id FROM seats WHERE account = ? AND license_id = ? AND state = 'held' LIMIT 1",
            [account, id],
          )
        : undefined;
    const company = await companyName(reader, account, machine.company_id);
    const waiting = counted === undefined ? await nextReusable(reader, account, id) : counted.waiting_until;
    const shown = { company_name: company, unit: seat?.instance_id ?? null, waiting_until: waiting, ...machine };
    return { table: 'license', id, row: machineLicenseRow(await accountOf(reader, account), shown, now) };
  }
  const single = await findInstanceLicense(reader, account, id);
  if (single === undefined) return { table: 'license', id, row: null };
  const names = { company_name: await companyName(reader, account, single.company_id) };
  return { table: 'license', id, row: instanceLicenseRow({ ...single, ...names }, now) };
}
