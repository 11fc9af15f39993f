import type { ChangedRow, Tx } from '../store/index.js';
import { setCals } from './cals.js';

/** Removes a poolable license that no server runs on, with its license keys. Undefined, and nothing changed, for one that
 * is pooled (LMP-4.6) or in use. */
export async function dropPoolLicense(tx: Tx, account: string, id: string): Promise<ChangedRow | undefined> {
  const dropped = await tx.run(
    "DELETE FROM pool_licenses WHERE account = ? AND id = ? AND state = 'poolable' AND applied_to IS NULL",
    [account, id],
  );
  if (dropped === 0) return undefined;
  await setCals(tx, account, 'license', id, {});
  await tx.run("DELETE FROM directory WHERE account = ? AND kind = 'pool_license' AND target = ?", [account, id]);
  return { table: 'pool_license', id, row: null };
}
