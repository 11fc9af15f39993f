import type { Day } from '@leasehold/terms';
import { keysOfType } from '../pools/key-row.js';
import { poolLicenseChanged } from '../pools/pool-rows.js';
import type { ChangedRow, Tx } from '../store/index.js';

/** Gives a pool license another Free Upgrade Until. The rows of all keys of its type follow, because the earliest date of
 * the type is theirs (LMP-4.17). */
export async function moveMaintenance(
  tx: Tx,
  account: string,
  id: string,
  until: Day,
  now: number,
): Promise<ChangedRow[]> {
  const license = await tx.get<{ type: string }>(
    'UPDATE pool_licenses SET free_upgrade_until = ? WHERE account = ? AND id = ? RETURNING type',
    [until, account, id],
  );
  const changed = await poolLicenseChanged(tx, account, id);
  return license === undefined ? [changed] : [changed, ...(await keysOfType(tx, account, license.type, now))];
}
