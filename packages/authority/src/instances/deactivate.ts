import type { Message } from '@leasehold/protocol';
import { dropHyperAgent } from '../hosts/hyper-agents.js';
import type { SeatUnit } from '../licenses/machine-license.js';
import { licenseChanged, seatChanged } from '../licenses/rows.js';
import { releaseSeat, seatOf } from '../licenses/seats.js';
import { leavePools } from '../pools/leave.js';
import { appendJournal, type ChangedRow, type Tx } from '../store/index.js';
import { holdInstance, updateInstance, type InstanceRow } from './instance.js';
import { machineChanged } from './rows.js';
import { settleFork } from './settle-fork.js';

export interface Deactivation {
  readonly account: string;
  readonly jkt: string;
  readonly request: Message<'DeactivateRequest'>;
}

/** Gives up what an instance runs on. Its holder signed the request, so that the seat is free at once (design section 3,
 * Release). A repeated request is answered alike. */
export async function deactivate(
  tx: Tx,
  { account, jkt, request }: Deactivation,
  now: number,
): Promise<{ id: string }> {
  const row = await holdInstance(tx, account, request.instance);
  if (row === undefined || row.jkt !== jkt || row.state !== 'active') return { id: request.instance };
  const rows = [...(await giveBack(tx, row, null, now)), ...(await settleFork(tx, row, now))];
  const released = await updateInstance(tx, row, { ...OUT, last_seen_at: now });
  appendJournal(tx, account, {
    type: 'instance.deactivated',
    subject: { type: 'machine', id: row.id },
    actor: `instance:${row.id}`,
    companyId: row.company_id,
    details: { license: row.entitlement_id },
    rows: [machineChanged(released, now), ...rows],
  });
  return { id: row.id };
}

/** What the row of an instance says that holds nothing any more. */
export const OUT = { state: 'released', cover_decision: null, covered_by: null, forked_at: null } as const;

/** Takes from an instance all that it holds. Seats are free from `reusableFrom` on, null: at once; until then a server's
 * Pool Key or license stays in use, because it could be spent twice (LMP-4.13). What is assigned to an instance is free at
 * once, because its rules count assignments, not leases (MSP-2). */
export async function giveBack(
  tx: Tx,
  row: InstanceRow,
  reusableFrom: number | null,
  now: number,
): Promise<ChangedRow[]> {
  await dropHyperAgent(tx, row.account, row.id);
  const keep = reusableFrom === null ? null : row.entitlement_id;
  return [
    ...(await leavePools(tx, row.account, row.id, now, keep)),
    ...(await giveBackAssigned(tx, row, now)),
    ...(await giveBackSeats(tx, row, reusableFrom, now)),
  ];
}

/** Takes from an instance the license that it runs on, and nothing else: it goes on by `next`, of which it has its seat. */
export async function giveBackLicense(
  tx: Tx,
  row: InstanceRow,
  next: string,
  reusableFrom: number | null,
  now: number,
): Promise<ChangedRow[]> {
  return [
    ...(await giveBackAssigned(tx, row, now, row.entitlement_id!)),
    ...(await giveBackSeats(tx, row, reusableFrom, now, next)),
  ];
}

/** `only`: this license alone. */
async function giveBackAssigned(
  tx: Tx,
  { account, id: holder }: InstanceRow,
  now: number,
  only?: string,
): Promise<ChangedRow[]> {
  const licenses = await tx.all<{ id: string }>(
    `UPDATE instance_licenses SET assigned_to = NULL, assigned_kind = NULL, computer_name = NULL, os = NULL,
       last_released_from = ?, updated_at = ? WHERE account = ? AND assigned_to = ?${only === undefined ? '' : ' AND id = ?'}
       RETURNING id`,
    [holder, now, account, holder, ...(only === undefined ? [] : [only])],
  );
  const rows: ChangedRow[] = [];
  for (const { id } of licenses) rows.push(await licenseChanged(tx, account, id, now));
  return rows;
}

/** The machine's own seats; a host's seat when no other machine rides on it any more. Where it goes on by `next`, only those
 * of the license that it ran on; other guests of its host go on by that too. */
async function giveBackSeats(
  tx: Tx,
  row: InstanceRow,
  reusableFrom: number | null,
  now: number,
  next?: string,
): Promise<ChangedRow[]> {
  const { account } = row;
  const units = [`machine:${row.id}`, ...(await hostUnitsOfLast(tx, row, next))];
  const marks = units.map(() => '?').join(', ');
  const seats = await tx.all<{ license_id: string; instance_id: SeatUnit }>(
    `SELECT license_id, instance_id FROM seats WHERE account = ? AND instance_id IN (${marks})`,
    [account, ...units],
  );
  const rows: ChangedRow[] = [];
  for (const { license_id: id, instance_id: unit } of seats) {
    if (next !== undefined && id !== row.entitlement_id) continue;
    await releaseSeat(tx, account, id, unit, reusableFrom, now);
    rows.push(...(await seatChanged(tx, { account, id }, unit, now)));
  }
  return rows;
}

/** Hosts whose seat the machine was the last to ride on, or which have one of `next` in its place. */
async function hostUnitsOfLast(tx: Tx, row: InstanceRow, next?: string): Promise<string[]> {
  const { account, id, entitlement_id: license } = row;
  if (license === null) return [];
  const hosts = [row.host_id, row.declared_host_id, `host-${id}`].filter((host) => host !== null);
  const units: string[] = [];
  for (const host of new Set(hosts)) {
    const unit = `host:${host}` as const;
    if ((await seatOf(tx, account, license, unit)) === undefined) continue;
    const isReplaced = next !== undefined && (await seatOf(tx, account, next, unit)) === 'held';
    if (isReplaced || !(await carriesAnother(tx, row, host))) units.push(unit);
  }
  return units;
}

/** Is another machine that is in service on this host, or backs up guests of it without an agent? */
async function carriesAnother(tx: Tx, { account, id }: InstanceRow, host: string): Promise<boolean> {
  const other = await tx.get(
    `SELECT id FROM instances WHERE account = ? AND host_id = ? AND id <> ? AND state = 'active' UNION ALL
       SELECT id FROM instances WHERE account = ? AND declared_host_id = ? AND id <> ? AND state = 'active' UNION ALL
       SELECT i.id FROM hyper_agent_hosts r JOIN instances i ON i.account = r.account AND i.id = r.machine_id
         WHERE r.account = ? AND r.host_id = ? AND i.id <> ? AND i.state = 'active' LIMIT 1`,
    [account, host, id, account, host, id, account, host, id],
  );
  return other !== undefined;
}
