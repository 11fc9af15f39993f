import { addDays, dayOf, endOfDay, lastDayOf, renewedUntil, type Day } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { licenseChanged } from '../licenses/rows.js';
import type { ChangedRow, Tx } from '../store/index.js';
import { moveEnd } from './move-end.js';
import { moveMaintenance } from './move-maintenance.js';
import { nameLicense } from './open.js';
import { orderChanged, type OrderColumns } from './row.js';

/** How long a trial runs. */
export const TRIAL_DAYS = 15;

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
  licenses: (tx, order, now) => bring(tx, order, 'commercial', now),
  trial: (tx, order, now) => bring(tx, order, 'trial', now),
  renewal: renew,
  maintenance: maintain,
};

/** New licenses, from today on. They are the company's that they were bought for, or the global pool's (MSP-3, MSP-4). */
async function bring(tx: Tx, order: OrderColumns, kind: 'commercial' | 'trial', now: number): Promise<ChangedRow[]> {
  const { account, id: orderId } = order;
  const { timeZone } = await accountOf(tx, account);
  const today = dayOf(now, timeZone);
  const until =
    kind === 'trial' ? addDays(today, TRIAL_DAYS - 1) : lastDayOf(today, order.payment_mode!, order.periods!);
  const rows: ChangedRow[] = [];
  for (let n = 1; n <= quantityOf(order); n += 1) {
    const id = `${orderId.replace(/^ord_/, 'lic_')}-${n}`;
    await tx.run(
      `INSERT INTO instance_licenses (account, id, number, type, kind, company_id, valid_until, ends_at, auto_renew,
         transaction_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        account,
        id,
        id,
        order.license_type,
        kind,
        order.company_id,
        until,
        endOfDay(until, timeZone),
        order.auto_renew ?? 0,
        orderId,
        now,
        now,
      ],
    );
    await nameLicense(tx, account, orderId, id, until);
    rows.push(await licenseChanged(tx, account, id, now));
  }
  return rows;
}

/** The first line is what the order is about; add-ons follow it. */
export function quantityOf(order: OrderColumns): number {
  return (JSON.parse(order.lines) as { readonly quantity: number }[])[0]!.quantity;
}

/** Each license of the order goes on from its own last day. */
async function renew(tx: Tx, order: OrderColumns, now: number): Promise<ChangedRow[]> {
  const { account, id: orderId } = order;
  const today = dayOf(now, (await accountOf(tx, account)).timeZone);
  const licenses = await tx.all<{ id: string; valid_until: Day }>(
    `SELECT l.id, l.valid_until FROM order_licenses o JOIN instance_licenses l ON l.account = o.account AND l.id = o.license_id
       WHERE o.account = ? AND o.order_id = ? ORDER BY l.id`,
    [account, orderId],
  );
  const rows: ChangedRow[] = [];
  for (const { id, valid_until: from } of licenses) {
    const until = renewedUntil(from, today, order.payment_mode!, order.periods!);
    await noteMove(tx, order, id, from, until);
    rows.push(...(await moveEnd(tx, account, id, { until }, now)));
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
