import { decide, type Decision } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { at, machineFact } from '../facts.js';
import { findInstanceLicense, instanceLicenseFacts } from '../licenses/instance-license.js';
import { findMachineLicense, licenseFact } from '../licenses/machine-license.js';
import { licenseChanged } from '../licenses/rows.js';
import { holdsSeat, releaseSeat } from '../licenses/seats.js';
import { keyChanged } from '../pools/key-row.js';
import type { ChangedRow, Reader, Tx } from '../store/index.js';
import { updateInstance, type InstanceRow } from './instance.js';

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
  const gone = await updateInstance(tx, from, {
    declared: from.declared ?? 'disposed',
    superseded_by: to.id,
    superseded_at: now,
    ...(rows.length === 0 ? {} : { entitlement_id: null }),
  });
  const { entitlement_kind: kind, entitlement_id: id } = from;
  const got = rows.length === 0 ? {} : { entitlement_kind: kind, entitlement_id: id };
  return { from: gone, to: await updateInstance(tx, to, { forked_at: null, ...got }), rows };
}

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
    return moved === 0 ? [] : [await keyChanged(tx, account, id, now)];
  }
  if (await holdsSeat(tx, account, id, `machine:${to.id}`)) {
    return (await releaseSeat(tx, account, id, `machine:${from.id}`, null, now))
      ? [await licenseChanged(tx, account, id, now)]
      : [];
  }
  const moved = await tx.run(
    "UPDATE seats SET instance_id = ?, taken_at = ? WHERE account = ? AND license_id = ? AND instance_id = ? AND state = 'held'",
    [`machine:${to.id}`, now, account, id, `machine:${from.id}`],
  );
  return moved === 0 ? [] : [await licenseChanged(tx, account, id, now)];
}
