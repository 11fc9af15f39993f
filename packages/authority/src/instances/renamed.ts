import { licenseChanged } from '../licenses/rows.js';
import { keyChanged } from '../pools/key-row.js';
import type { ChangedRow, Tx } from '../store/index.js';
import type { InstanceRow } from './instance.js';

/** What else shows a machine by its name: licenses assigned to it, and its Pool Key. Where it has another name or system
 * than before, they show it too; answers the rows that changed. */
export async function followName(tx: Tx, before: InstanceRow, row: InstanceRow, now: number): Promise<ChangedRow[]> {
  const { account, id: holder, label, os } = row;
  if (before.label === label && before.os === os) return [];
  const licenses = await tx.all<{ id: string }>(
    'UPDATE instance_licenses SET computer_name = ?, os = ?, updated_at = ? WHERE account = ? AND assigned_to = ? RETURNING id',
    [label, os, now, account, holder],
  );
  const keys = await tx.all<{ id: string }>('SELECT id FROM pool_keys WHERE account = ? AND server_id = ?', [
    account,
    holder,
  ]);
  const rows: ChangedRow[] = [];
  for (const { id } of licenses) rows.push(await licenseChanged(tx, account, id, now));
  for (const { id } of keys) rows.push(await keyChanged(tx, account, id, now));
  return rows;
}
