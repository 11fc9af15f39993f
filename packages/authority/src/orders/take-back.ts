import { dayOf, endOfDay, type Day } from '@leasehold/terms';
import { accountOf, type Account } from '../accounts/account.js';
import { afterEnd } from '../instances/graces.js';
import { dropPoolLicense } from '../pools/drop-license.js';
import type { ChangedRow, Tx } from '../store/index.js';
import { moveEnd } from './move-end.js';
import { moveMaintenance } from './move-maintenance.js';
import { lastDayBefore, namedLicenses, paidUntil, type NamedLicense } from './named.js';
import { orderChanged, type OrderColumns } from './row.js';

/** Takes back what an order brought: new licenses end, renewed ones get the day back that they had. Never before the end
 * of today, so that no backup of tonight stops; and not where a later order built on the day, which then stays. What has
 * ended by itself keeps its day. None of them renews itself any more. */
export async function takeBack(tx: Tx, order: OrderColumns, now: number): Promise<ChangedRow[]> {
  if (order.fulfilled_at === null) return [];
  if (order.kind === 'maintenance') return maintained(tx, order, now);
  if (order.profile === 'lmp') return pooled(tx, order);
  const { account, id } = order;
  const own = await accountOf(tx, account);
  const today = dayOf(now, own.timeZone);
  const rows: ChangedRow[] = [];
  for (const named of await namedLicenses(tx, account, id)) {
    const end = named.ends_at === null ? null : lastDayBefore(named.ends_at, own.timeZone);
    if (end !== named.until_day) continue;
    const paid = await paidUntil(tx, account, named.license_id, named.from_day);
    const term = paid === null ? givenBack(named) : named.term;
    const earliest = earliestEnd(own, term, today);
    const left = paid === null ? earliest : latest(paid, earliest);
    const until = end !== null && named.ends_at! + graceOf(own, named.term) <= now ? end : left;
    const change = { until, autoRenew: false, ...(term === 'rental' ? { term } : {}) } as const;
    rows.push(...(await moveEnd(tx, account, named.license_id, change, now)));
  }
  return rows;
}

/** What was bought is a rental from then on; a trial stays one. */
const givenBack = ({ term }: NamedLicense): NamedLicense['term'] =>
  term === null || term === 'trial' ? term : 'rental';

/** The first last day with which a license goes on to the end of today, by the grace of its term where that has one (D-3):
 * ending today it would begin another grace. */
function earliestEnd(own: Account, term: NamedLicense['term'], today: Day): Day {
  return lastDayBefore(endOfDay(today, own.timeZone) - graceOf(own, term), own.timeZone);
}

const graceOf = (own: Account, term: NamedLicense['term']): number => (term === null ? 0 : afterEnd(own, term));

async function maintained(tx: Tx, { account, id }: OrderColumns, now: number): Promise<ChangedRow[]> {
  const today = dayOf(now, (await accountOf(tx, account)).timeZone);
  const named = await tx.get<{ license_id: string; from_day: Day; until_day: Day; free_upgrade_until: Day }>(
    `SELECT o.license_id, o.from_day, o.until_day, l.free_upgrade_until FROM order_licenses o
       JOIN pool_licenses l ON l.account = o.account AND l.id = o.license_id WHERE o.account = ? AND o.order_id = ?`,
    [account, id],
  );
  if (named === undefined || named.free_upgrade_until !== named.until_day || named.until_day < today) return [];
  const paid = await paidUntil(tx, account, named.license_id, named.from_day);
  return moveMaintenance(tx, account, named.license_id, latest(paid ?? named.from_day ?? today, today), now);
}

/** A poolable license that no server runs on is gone, and so are unpaid orders of its maintenance. One that was pooled, which
 * nothing undoes (LMP-4.6), or runs a server stays, and a person looks at it. */
async function pooled(tx: Tx, { account, id }: OrderColumns): Promise<ChangedRow[]> {
  const named = await tx.all<{ license_id: string }>(
    'SELECT license_id FROM order_licenses WHERE account = ? AND order_id = ? ORDER BY license_id',
    [account, id],
  );
  const rows: ChangedRow[] = [];
  for (const { license_id: license } of named) {
    const row = await dropPoolLicense(tx, account, license);
    if (row !== undefined) rows.push(row, ...(await voidMaintenance(tx, account, license)));
  }
  if (rows.filter(({ table }) => table === 'pool_license').length < named.length) {
    await tx.run("UPDATE orders SET attention = 'not_taken_back' WHERE account = ? AND id = ?", [account, id]);
  }
  return rows;
}

/** Paid, they would bring nothing. A payment that is under way is told as one of a void order. */
async function voidMaintenance(tx: Tx, account: string, license: string): Promise<ChangedRow[]> {
  const open = await tx.all<{ id: string }>(
    `SELECT o.id FROM order_licenses n JOIN orders o ON o.account = n.account AND o.id = n.order_id
       WHERE n.account = ? AND n.license_id = ? AND o.kind = 'maintenance' AND o.status = 'open' ORDER BY o.id`,
    [account, license],
  );
  const rows: ChangedRow[] = [];
  for (const { id } of open) {
    await voidOrder(tx, account, id);
    rows.push(await orderChanged(tx, account, id));
  }
  return rows;
}

/** Nobody pays it any more. */
export async function voidOrder(tx: Tx, account: string, id: string): Promise<void> {
  await tx.run("UPDATE orders SET status = 'void', pay_url = NULL, pay_until = NULL WHERE account = ? AND id = ?", [
    account,
    id,
  ]);
}

function latest(one: Day, other: Day): Day {
  return one > other ? one : other;
}
