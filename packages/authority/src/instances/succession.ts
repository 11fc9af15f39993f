import { decide, type Decision } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { at, machineFact } from '../facts.js';
import { findInstanceLicense, instanceLicenseFacts } from '../licenses/instance-license.js';
import { findMachineLicense, licenseFact } from '../licenses/machine-license.js';
import { licenseChanged } from '../licenses/rows.js';
import { holdsSeat, moveSeat } from '../licenses/seats.js';
import { keyChanged } from '../pools/key-row.js';
import { leavePools } from '../pools/leave.js';
import { poolLicenseChanged } from '../pools/pool-rows.js';
import type { ChangedRow, Reader, Tx } from '../store/index.js';
import { withdrawGone } from './declarations.js';
import { updateInstance, type InstanceRow } from './instance.js';
import { settleFork } from './settle-fork.js';

/** What the rules say of one machine taking the place of another that is gone: its license moves (AIP-2.1, F-7). Where it
 * holds none of its own, because its host or group carries it, nothing moves (AIP-3.3). */
export async function judgeSuccession(
  reader: Reader,
  from: InstanceRow,
  to: InstanceRow,
  now: number,
): Promise<Decision> {
  const { account, entitlement_id: id } = from;
  const bare: Decision = { decision: 'allow', reason_rule: 'F-7', obligations: ['DISPOSE_SOURCE'] };
  if (id === null || from.entitlement_kind === 'pool_key') return bare;
  if (from.entitlement_kind === 'instance_license') {
    const license = await findInstanceLicense(reader, account, id);
    if (license?.assigned_to !== from.id) return bare;
    const own = await accountOf(reader, account);
    const facts = await instanceLicenseFacts(reader, own, to, { ...license, assigned_to: null });
    const request = { action: 'license.assign', license: id, instance: to.id };
    return decide(at(facts, now), request, own.catalogs.msp);
  }
  const license = await findMachineLicense(reader, account, id);
  if (license === undefined || !(await holdsSeat(reader, account, id, `machine:${from.id}`))) return bare;
  const { policy, timeZone, catalogs } = await accountOf(reader, account);
  const facts = at(
    {
      profile: 'aip',
      machines: [machineFact(from), machineFact(to)],
      licenses: [{ ...licenseFact(license, { type: 'machine', id: from.id }), id }],
      unknown: ['hyper_agents'],
      policy,
      account: { timeZone },
    },
    now,
  );
  const request = {
    action: 'license.move',
    license: id,
    to: { type: 'machine', id: to.id },
    replaces: { type: 'machine', id: from.id },
    sourceDisposition: 'disposed',
  };
  return decide(facts, request, catalogs.aip);
}

/** Moves what one machine runs on to its successor; the seat is never free in between. The one before is out of service. */
export async function succeed(
  tx: Tx,
  from: InstanceRow,
  to: InstanceRow,
  now: number,
): Promise<{ readonly from: InstanceRow; readonly to: InstanceRow; readonly rows: readonly ChangedRow[] }> {
  const rows = await moveRights(tx, from, to, now);
  const settled = [
    ...(from.forked_from === to.id ? [] : await settleFork(tx, from, now)),
    ...(to.forked_from === from.id ? [] : await settleFork(tx, to, now)),
  ];
  const gone = await updateInstance(tx, from, {
    declared: from.declared ?? 'disposed',
    superseded_by: to.id,
    superseded_at: now,
    forked_at: null,
    ...(rows.length === 0 ? {} : { entitlement_id: null }),
  });
  const { entitlement_kind: kind, entitlement_id: id } = from;
  const got = rows.length === 0 ? {} : { entitlement_kind: kind, entitlement_id: id };
  await withdrawGone(tx, to, now);
  const successor = await updateInstance(tx, to, { ...IN_SERVICE, forked_at: null, ...got });
  return { from: gone, to: successor, rows: [...rows, ...settled] };
}

/** What the row of a machine says that is not gone, whatever was declared of it before. */
export const IN_SERVICE = { declared: null, contradicted_at: null, superseded_by: null, superseded_at: null } as const;

/** Moves what a machine runs on to another; answers the rows that changed. */
export async function moveRights(tx: Tx, from: InstanceRow, to: InstanceRow, now: number): Promise<ChangedRow[]> {
  const { account, entitlement_id: id } = from;
  if (id === null) return [];
  if (from.entitlement_kind === 'instance_license') {
    const moved = await tx.run(
      `UPDATE instance_licenses SET assigned_to = ?, computer_name = ?, os = ?, last_released_from = ?, updated_at = ?
         WHERE account = ? AND id = ? AND assigned_to = ?`,
      [to.id, to.label, to.os, from.id, now, account, id, from.id],
    );
    return moved === 0 ? [] : [await licenseChanged(tx, account, id, now)];
  }
  if (from.entitlement_kind === 'pool_key') {
    const moved = await tx.run('UPDATE pool_keys SET server_id = ? WHERE account = ? AND id = ? AND server_id = ?', [
      to.id,
      account,
      id,
      from.id,
    ]);
    // One server, one key (LMP-P1).
    return moved === 0
      ? []
      : [await keyChanged(tx, account, id, now), ...(await leavePools(tx, account, to.id, now, id))];
  }
  if (from.entitlement_kind === 'pool_license') {
    // Once pooled it runs no other server (LMP-4.4).
    const moved = await tx.run(
      "UPDATE pool_licenses SET applied_to = ? WHERE account = ? AND id = ? AND applied_to = ? AND state = 'poolable'",
      [to.id, account, id, from.id],
    );
    const left = moved === 0 ? [] : await leavePools(tx, account, to.id, now, id);
    return moved === 0 ? [] : [await poolLicenseChanged(tx, account, id), ...left];
  }
  if (!(await holdsSeat(tx, account, id, `machine:${from.id}`))) return [];
  await moveSeat(tx, account, id, { from: `machine:${from.id}`, to: `machine:${to.id}` }, now);
  return [await licenseChanged(tx, account, id, now)];
}
