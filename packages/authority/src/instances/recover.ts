import type { LeaseClaims } from '@leasehold/protocol';
import { accountOf } from '../accounts/account.js';
import { findInstanceLicense } from '../licenses/instance-license.js';
import { findMachineLicense } from '../licenses/machine-license.js';
import { licenseChanged, seatChanged } from '../licenses/rows.js';
import { keepSeat } from '../licenses/seats.js';
import { keyChanged } from '../pools/key-row.js';
import { poolLicenseChanged } from '../pools/pool-rows.js';
import { appendJournal, type ChangedRow, type Tx } from '../store/index.js';
import type { CheckIn } from './check-in.js';
import { noteCover } from './cover.js';
import { draftOf } from './draft.js';
import { recoverCopy } from './forks.js';
import { noteUnit, seatUnit } from './entitle.js';
import { noteComponents, searchedAs } from './identity.js';
import { insertInstance, reported, updateInstance, type EntitlementKind, type InstanceRow } from './instance.js';
import { NO_LICENSE } from './lease.js';
import { machineChanged } from './rows.js';

/** After a restore from a backup: an instance that the database does not know, or knows as it was before, with a lease to
 * show that this authority signed meanwhile. Whether the operator began a new epoch is not asked: where the whole machine
 * was put back, keys and all, nothing else tells of it, and an instance never leaves the tables by itself. It gets back what
 * the lease says, also where that makes a license overfull: it was counted when the lease was signed. Undefined where the
 * lease shows nothing of the kind, or its license itself is not in the backup; then the agent rides on its lease. */
export async function recoverInstance(
  tx: Tx,
  input: CheckIn,
  known: InstanceRow | undefined,
  now: number,
): Promise<InstanceRow | undefined> {
  const { account, jkt, request, held } = input;
  if (held === undefined || !isNewer(input, held, known, now)) return undefined;
  const { sub: id, license } = held;
  if (known === undefined && license === NO_LICENSE) return recoverUnlicensed(tx, input, held, now);
  const draft = await draftOf(tx, { ...input, freshId: id, owner: () => known?.company_id ?? null }, known, now);
  const kept = await keep(tx, draft, license, now);
  if (kept === undefined) return undefined;
  const columns = {
    ...reported(request.machine, draft.agent_version!, request.server?.utcOffsetMinutes),
    ...kept.columns,
    ...headOf(held),
    host_id: draft.host_id,
    jkt,
    state: 'active',
  } as const;
  const stored =
    known === undefined ? await insertInstance(tx, { ...draft, ...columns }) : await updateInstance(tx, known, columns);
  await noteComponents(tx, account, id, request.machine, known && searchedAs(known));
  const { row } = await noteCover(tx, stored, now);
  appendJournal(tx, account, {
    type: 'instance.recovered',
    subject: { type: 'machine', id },
    actor: `instance:${id}`,
    companyId: row.company_id,
    details: { license, lease: held.seq },
    rows: [machineChanged(row, now), ...(await kept.rows())],
  });
  return row;
}

/** Machines of one device key that are looked at. */
const OF_ONE_KEY = 64;

/** What has no license of its own runs on that of the machine whose state it was made of, device key and all: a copy, or a
 * standby that booted. As long as that one is not known again either, nothing tells whose it is. */
async function recoverUnlicensed(
  tx: Tx,
  input: CheckIn,
  held: LeaseClaims,
  now: number,
): Promise<InstanceRow | undefined> {
  const { account, jkt, request } = input;
  const sameKey = await tx.all<InstanceRow>(
    'SELECT * FROM instances WHERE account = ? AND jkt = ? AND product = ? LIMIT ?',
    [account, jkt, request.product, OF_ONE_KEY],
  );
  const original = sameKey.find(({ forked_from: from }) => from === null);
  if (original === undefined) return undefined;
  const asked = { freshId: held.sub, request, head: headOf(held) };
  const drawn = await draftOf(tx, { ...input, ...asked, owner: () => original.company_id }, original, now);
  return recoverCopy(tx, original, drawn, asked, now);
}

/** A lease that still runs, beyond what the database knows, shown by the device that it is bound to. */
function isNewer({ jkt, request }: CheckIn, held: LeaseClaims, known: InstanceRow | undefined, now: number): boolean {
  if (held.sub !== request.instance || held.jti !== request.chain.parent || held.cnf.jkt !== jkt) return false;
  return held.exp * 1000 > now && (known === undefined || held.seq > known.lease_seq);
}

function headOf({ jti, seq, parent, epoch, iat, exp }: LeaseClaims): Partial<InstanceRow> {
  return {
    lease_id: jti,
    lease_seq: seq,
    lease_parent: parent,
    lease_nonce: jti.slice(jti.indexOf('.') + 1),
    lease_epoch: epoch,
    lease_issued_at: iat * 1000,
    lease_expires_at: exp * 1000,
  };
}

interface Kept {
  readonly columns: { readonly entitlement_kind: EntitlementKind; readonly entitlement_id: string };
  /** Read once the instance stands in the tables: they show its name. */
  readonly rows: () => Promise<readonly ChangedRow[]>;
}

/** Gives the instance what the lease names, whoever the restored database thinks has it: the lease is newer. */
async function keep(tx: Tx, draft: InstanceRow, id: string, now: number): Promise<Kept | undefined> {
  const { account } = draft;
  const license = await findMachineLicense(tx, account, id);
  if (license !== undefined) {
    // A technician's license has no machine.
    const own = await accountOf(tx, account);
    if (license.edition === own.catalogs.aip.editions?.technician) return undefined;
    const unit = seatUnit(own, license, draft);
    if (typeof unit !== 'string') return undefined;
    await keepSeat(tx, account, id, unit, now);
    await noteUnit(tx, own, license, draft, unit, now);
    return { columns: to('machine_license', id), rows: () => seatChanged(tx, license, unit, now) };
  }
  if ((await findInstanceLicense(tx, account, id)) !== undefined) {
    await tx.run(
      `UPDATE instance_licenses SET assigned_to = ?, assigned_kind = 'computer', computer_name = ?, os = ?, updated_at = ?
         WHERE account = ? AND id = ?`,
      [draft.id, draft.label, draft.os, now, account, id],
    );
    return { columns: to('instance_license', id), rows: async () => [await licenseChanged(tx, account, id, now)] };
  }
  const kept = await tx.run("UPDATE pool_keys SET status = 'in_use', server_id = ? WHERE account = ? AND id = ?", [
    draft.id,
    account,
    id,
  ]);
  if (kept > 0) return { columns: to('pool_key', id), rows: async () => [await keyChanged(tx, account, id, now)] };
  const applied = await tx.run('UPDATE pool_licenses SET applied_to = ? WHERE account = ? AND id = ?', [
    draft.id,
    account,
    id,
  ]);
  if (applied === 0) return undefined;
  return { columns: to('pool_license', id), rows: async () => [await poolLicenseChanged(tx, account, id)] };
}

function to(kind: EntitlementKind, id: string): Kept['columns'] {
  return { entitlement_kind: kind, entitlement_id: id };
}
