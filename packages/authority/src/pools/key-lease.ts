import { endOfDay } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { InstanceRow } from '../instances/instance.js';
import type { Reader } from '../store/index.js';
import type { PoolKeyColumns } from './rows.js';

const DAY = 86_400_000;
/** LMP-4.16: the Expiry Date lies always 14 days ahead. */
export const KEY_LEASE_DAYS = 14;

/** The pooled license whose date rules every key of its type: the earliest (LMP-4.17). */
export async function earliestPooled(
  reader: Reader,
  account: string,
  type: string,
): Promise<{ readonly id: string; readonly free_upgrade_until: string } | undefined> {
  return reader.get(
    `SELECT id, free_upgrade_until FROM pool_licenses
       WHERE account = ? AND type = ? AND state = 'pooled' ORDER BY free_upgrade_until, id LIMIT 1`,
    [account, type],
  );
}

/** When a key's lease ends: 14 days after the check, and never after the end of its Free Upgrade Until day, so that agent
 * and authority agree without a word (rules 1.7, last paragraph). */
export async function keyLeaseEnd(reader: Reader, server: InstanceRow, now: number): Promise<number> {
  const rolling = now + KEY_LEASE_DAYS * DAY;
  const pool = await reader.get<Pick<PoolKeyColumns, 'id'> & { type: string }>(
    `SELECT p.id, p.type FROM pool_keys k JOIN license_pools p ON p.account = k.account AND p.id = k.pool_id
       WHERE k.account = ? AND k.id = ?`,
    [server.account, server.entitlement_id ?? ''],
  );
  const earliest = pool === undefined ? undefined : await earliestPooled(reader, server.account, pool.type);
  if (earliest === undefined) return rolling;
  const { timeZone } = await accountOf(reader, server.account);
  return Math.min(rolling, endOfDay(earliest.free_upgrade_until, timeZone));
}
