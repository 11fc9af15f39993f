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

/** When the lease of a key ends that was in touch at an instant: 14 days later, and never after the end of its Free Upgrade
 * Until day, so that agent and authority agree without a word (rules 1.7, last paragraph). */
export function keyLease(
  contact: number,
  earliest: { readonly free_upgrade_until: string } | undefined,
  timeZone: string,
): number {
  const rolling = contact + KEY_LEASE_DAYS * DAY;
  return earliest === undefined ? rolling : Math.min(rolling, endOfDay(earliest.free_upgrade_until, timeZone));
}

/** The end of the lease that a server's check is given. A key that is not renewed any more counts from its last check
 * (F-12). */
export async function keyLeaseEnd(reader: Reader, server: InstanceRow, now: number): Promise<number> {
  const key = await reader.get<Pick<PoolKeyColumns, 'last_check_at' | 'stopped_at'> & { readonly type: string }>(
    `SELECT k.last_check_at, k.stopped_at, p.type FROM pool_keys k
       JOIN license_pools p ON p.account = k.account AND p.id = k.pool_id WHERE k.account = ? AND k.id = ?`,
    [server.account, server.entitlement_id ?? ''],
  );
  if (key === undefined) return now + KEY_LEASE_DAYS * DAY;
  const { timeZone } = await accountOf(reader, server.account);
  const contact = key.stopped_at === null ? now : (key.last_check_at ?? now);
  return keyLease(contact, await earliestPooled(reader, server.account, key.type), timeZone);
}
