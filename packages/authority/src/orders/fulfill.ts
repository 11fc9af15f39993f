import { dayOf, renewedUntil, type Day } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { ChangedRow, Tx } from '../store/index.js';
import { bring } from './bring.js';
import { moveEnd } from './move-end.js';
import { moveMaintenance } from './move-maintenance.js';
import { lastDayBefore, namedLicenses } from './named.js';
import { orderChanged, type OrderColumns } from './row.js';

/** Brings what was ordered, once: the row in `fulfillments` is written in the same transaction, and whoever finds it
 * there delivers nothing. Answers the rows that changed, the order among them; none, if it was fulfilled before. */
export async function fulfill(tx: Tx, order: OrderColumns, cause: string, now: number): Promise<ChangedRow[]> {
  const { account, id } = order;
  const first = await tx.run(
    'INSERT INTO fulfillments (account, order_id, at, caused_by) VALUES (?, ?, ?, ?) ON CONFLICT (account, order_id) DO NOTHING',
    [account, id, now, cause],
  );
  if (first === 0) return [];
  const rows = await DELIVERIES[order.kind](tx, order, now);
  await tx.run('UPDATE orders SET fulfilled_at = ? WHERE account = ? AND id = ?', [now, account, id]);
  return [await orderChanged(tx, account, id), ...rows];
}

type Delivery = (tx: Tx, order: OrderColumns, now: number) => Promise<ChangedRow[]>;

const DELIVERIES: Readonly<Record<OrderColumns['kind'], Delivery>> = {
  licenses: bring,
  trial: bring,
  renewal: renew,
  maintenance: maintain,
};

/** Each license of the order goes on from its own last day. */
async function renew(tx: Tx, order: OrderColumns, now: number): Promise<ChangedRow[]> {
  const { account, id: orderId } = order;
  const { timeZone } = await accountOf(tx, account);
  const today = dayOf(now, timeZone);
  const rows: ChangedRow[] = [];
  for (const { license_id: id, ends_at: end, given_back } of await namedLicenses(tx, account, orderId)) {
    const from = lastDayBefore(end!, timeZone);
    const term = given_back === 1 ? ({ term: 'subscription' } as const) : {};
    const until = renewedUntil(from, today, order.payment_mode!, order.periods!);
    await noteMove(tx, order, id, from, until);
    rows.push(...(await moveEnd(tx, account, id, { until, ...term }, now)));
  }
  return rows;
}

/** The license's date moves to the day that was paid for, unless it is later by now (F-11). */
async function maintain(tx: Tx, order: OrderColumns, now: number): Promise<ChangedRow[]> {
  const { account, id: orderId } = order;
  const named = await tx.get<{ license_id: string; until_day: Day; free_upgrade_until: Day }>(
    `SELECT o.license_id, o.until_day, l.free_upgrade_until FROM order_licenses o
       JOIN pool_licenses l ON l.account = o.account AND l.id = o.license_id WHERE o.account = ? AND o.order_id = ?`,
    [account, orderId],
  );
  if (named === undefined || named.until_day <= named.free_upgrade_until) return [];
  await noteMove(tx, order, named.license_id, named.free_upgrade_until, named.until_day);
  return moveMaintenance(tx, account, named.license_id, named.until_day, now);
}

/** What a refund would move back. */
async function noteMove(tx: Tx, { account, id }: OrderColumns, license: string, from: Day, until: Day): Promise<void> {
  await tx.run(
    'UPDATE order_licenses SET from_day = ?, until_day = ? WHERE account = ? AND order_id = ? AND license_id = ?',
    [from, until, account, id, license],
  );
}
