import { dayOf, type Day } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { ChangedRow, Tx } from '../store/index.js';
import { moveEnd } from './move-end.js';
import { moveMaintenance } from './move-maintenance.js';
import type { OrderColumns } from './row.js';

interface Moved {
  readonly license_id: string;
  readonly from_day: Day | null;
  readonly until_day: Day | null;
  /** Its last day now. */
  readonly day: Day;
}

/** Takes back what an order brought: new licenses end, renewed ones get the day back that they had. Never before the end
 * of today, so that no backup of tonight stops; and not where a later order built on the day, which then stays. None of
 * them renews itself any more. */
export async function takeBack(tx: Tx, order: OrderColumns, now: number): Promise<ChangedRow[]> {
  if (order.fulfilled_at === null) return [];
  const { account, id, kind } = order;
  const today = dayOf(now, (await accountOf(tx, account)).timeZone);
  const table = kind === 'maintenance' ? 'pool_licenses' : 'instance_licenses';
  const day = kind === 'maintenance' ? 'free_upgrade_until' : 'valid_until';
  const moved = await tx.all<Moved>(
    `SELECT o.license_id, o.from_day, o.until_day, l.${day} AS day FROM order_licenses o
       JOIN ${table} l ON l.account = o.account AND l.id = o.license_id
       WHERE o.account = ? AND o.order_id = ? ORDER BY o.license_id`,
    [account, id],
  );
  const rows: ChangedRow[] = [];
  for (const one of moved) {
    if (one.day !== one.until_day) continue;
    const until = latest(one.from_day ?? today, today);
    if (kind === 'maintenance') rows.push(...(await moveMaintenance(tx, account, one.license_id, until, now)));
    else rows.push(...(await moveEnd(tx, account, one.license_id, { until, autoRenew: false }, now)));
  }
  return rows;
}

function latest(one: Day, other: Day): Day {
  return one > other ? one : other;
}
