import { noteCover } from '../instances/cover.js';
import { findInstance } from '../instances/instance.js';
import { machineChanged } from '../instances/rows.js';
import type { ChangedRow, Reader, Tx } from '../store/index.js';
import type { FoundLicense } from './find-license.js';
import { machinesAt } from './machines-at.js';

/** The machines that run on a license: the computer it is assigned to, those that hold a seat, the guests of such hosts. */
export async function machinesOn(reader: Reader, account: string, { kind, row }: FoundLicense): Promise<string[]> {
  if (kind === 'instance') return row.assigned_to === null ? [] : [row.assigned_to];
  const seats = await reader.all<{ instance_id: string }>(
    'SELECT instance_id FROM seats WHERE account = ? AND license_id = ? ORDER BY instance_id',
    [account, row.id],
  );
  const found = new Set<string>();
  for (const seat of seats) for (const id of await machinesAt(reader, account, seat.instance_id)) found.add(id);
  return [...found].sort();
}

/** Asks the rules again whether these machines may back up, and answers their rows. */
export async function coverAgain(
  tx: Tx,
  account: string,
  machines: readonly string[],
  now: number,
): Promise<ChangedRow[]> {
  const rows: ChangedRow[] = [];
  for (const machine of machines) {
    const row = await findInstance(tx, account, machine);
    if (row !== undefined) rows.push(machineChanged((await noteCover(tx, row, now)).row, now));
  }
  return rows;
}
