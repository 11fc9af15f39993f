import { appliedLicenses } from './facts.js';
import { keyChanged } from './key-row.js';
import { poolLicenseChanged } from './pool-rows.js';
import type { ChangedRow, Tx } from '../store/index.js';

/** Takes a server off every key and license that it ran on, but `keep`: it gave them back itself, or applied another
 * (LMP-P1: one server, one of them). A pooled license that it lived on is done with then (LMP-3.2). */
export async function leavePools(
  tx: Tx,
  account: string,
  server: string,
  now: number,
  keep: string | null = null,
): Promise<ChangedRow[]> {
  const rows: ChangedRow[] = [];
  const keys = await tx.all<{ id: string }>(
    'SELECT id FROM pool_keys WHERE account = ? AND server_id = ? AND id <> ? ORDER BY id',
    [account, server, keep ?? ''],
  );
  for (const { id } of keys) {
    await freeKey(tx, account, id);
    rows.push(await keyChanged(tx, account, id, now));
  }
  for (const { id, state } of await appliedLicenses(tx, account, server)) {
    if (id === keep && state === 'poolable') continue;
    await tx.run('UPDATE pool_licenses SET applied_to = NULL WHERE account = ? AND id = ?', [account, id]);
    rows.push(await poolLicenseChanged(tx, account, id));
  }
  return rows;
}

/** A key that no server runs on any more; it may be applied to another, or deleted. */
export async function freeKey(tx: Tx, account: string, id: string): Promise<void> {
  await tx.run(
    `UPDATE pool_keys SET status = 'not_in_use', server_id = NULL, stopped_at = NULL WHERE account = ? AND id = ?`,
    [account, id],
  );
}
