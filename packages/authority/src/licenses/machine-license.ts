import type { License, Binding, Term } from '@leasehold/terms';
import type { Reader, Tx } from '../store/index.js';

/** A license that is bound to machines, hosts, a cluster group or a technician: columns of `machine_licenses`. */
export interface MachineLicenseRow {
  readonly account: string;
  readonly id: string;
  readonly edition: string;
  readonly term: Term;
  readonly starts_at: string | null;
  readonly valid_until: string | null;
  readonly ends_at: number | null;
  readonly bound_type: Binding['type'] | null;
  readonly bound_id: string | null;
  readonly quota: number;
  readonly used: number;
  readonly state: 'active' | 'revoked';
  readonly company_id: string | null;
  /** The order that brought it, or what its importer calls the purchase. */
  readonly transaction_id: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

/** What one seat of a license is taken by. Written `type:id`. */
export type SeatUnit = `${'machine' | 'host' | 'cluster_group'}:${string}`;

export function bindingOf(unit: string): Binding {
  const colon = unit.indexOf(':');
  return { type: unit.slice(0, colon) as Binding['type'], id: unit.slice(colon + 1) };
}

export async function findMachineLicense(
  reader: Reader,
  account: string,
  id: string,
): Promise<MachineLicenseRow | undefined> {
  return reader.get<MachineLicenseRow>('SELECT * FROM machine_licenses WHERE account = ? AND id = ?', [account, id]);
}

/** What the rules read of a license. */
type LicenseFactRow = Pick<
  MachineLicenseRow,
  'id' | 'edition' | 'term' | 'starts_at' | 'valid_until' | 'quota' | 'state'
>;

/** The license as the rules read it, bound to one unit. A license of many seats is one fact for each of them, told apart
 * by the unit. */
export function licenseFact(row: LicenseFactRow, boundTo: Binding | null): License {
  const { id, edition, term, state } = row;
  return {
    id: row.quota === 1 || boundTo === null ? id : `${id}/${boundTo.type}:${boundTo.id}`,
    edition,
    term,
    ...(row.starts_at === null ? {} : { startsAt: row.starts_at }),
    validUntil: row.valid_until,
    boundTo,
    state,
  };
}

/** The license behind such a fact. */
export function licenseIdOf({ id, boundTo }: License): string {
  const suffix = boundTo === null ? '' : `/${boundTo.type}:${boundTo.id}`;
  return suffix !== '' && id.endsWith(suffix) ? id.slice(0, -suffix.length) : id;
}

/** Licenses with a seat held by one of these units. */
export async function licensesOn(reader: Reader, account: string, units: readonly string[]): Promise<License[]> {
  if (units.length === 0) return [];
  const marks = units.map(() => '?').join(', ');
  const rows = await reader.all<LicenseFactRow & { readonly unit: string }>(
    `SELECT l.id, l.edition, l.term, l.starts_at, l.valid_until, l.quota, l.state, s.instance_id AS unit FROM seats s JOIN machine_licenses l ON l.account = s.account AND l.id = s.license_id
       WHERE s.account = ? AND s.state = 'held' AND s.instance_id IN (${marks}) ORDER BY s.license_id, s.instance_id`,
    [account, ...units],
  );
  return rows.map((row) => licenseFact(row, bindingOf(row.unit)));
}

/** An additional-node license stays with its first group: from now on the rules refuse every other one (AIP-5.5). */
export async function bindForGood(tx: Tx, account: string, license: string, group: string): Promise<void> {
  await tx.run("UPDATE machine_licenses SET bound_type = 'cluster_group', bound_id = ? WHERE account = ? AND id = ?", [
    group,
    account,
    license,
  ]);
}
