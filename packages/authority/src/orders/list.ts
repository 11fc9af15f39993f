import { LeaseholdError, type Message } from '@leasehold/protocol';
import { within, type Scope } from '../companies/reach.js';
import type { Reader, SqlValue } from '../store/index.js';
import { findOrder, orderRow, type OrderColumns, type OrderRow } from './row.js';

interface Ask {
  readonly account: string;
  readonly scope: Scope;
  /** The number of the last order of the page before. */
  readonly after: string | null;
  readonly limit: number;
  readonly status: string | null;
  readonly company: string | null;
  readonly kind: string | null;
}

/** Orders by filters, the newest first. */
export async function listOrders(reader: Reader, ask: Ask): Promise<Message<'OrderPage'>> {
  const filters: readonly (readonly [string, SqlValue])[] = [
    ['account = ?', ask.account],
    ['status = ?', ask.status],
    ['company_id = ?', ask.company],
    ['kind = ?', ask.kind],
  ];
  const asked = filters.filter(([, value]) => value !== null);
  const own = within('company_id', ask);
  const whereOf = (some: typeof filters) => [...some.map(([condition]) => condition), own.sql].join(' AND ');
  const paramsOf = (some: typeof filters) => [...some.map(([, value]) => value), ...own.params];
  const [where, params] = [whereOf(asked), paramsOf(asked)];
  const rows = await reader.all<OrderColumns>(
    `SELECT * FROM orders WHERE ${where} AND number < ? ORDER BY number DESC LIMIT ?`,
    [...params, placeOf(ask.after), ask.limit],
  );
  const anyStatus = asked.filter(([condition]) => !condition.startsWith('status'));
  const states = await reader.all<{ status: string; n: number }>(
    `SELECT status, count(*) AS n FROM orders WHERE ${whereOf(anyStatus)} GROUP BY status`,
    paramsOf(anyStatus),
  );
  const byStatus = new Map(states.map(({ status, n }) => [status, n]));
  const all = states.reduce((sum, { n }) => sum + n, 0);
  const shown: OrderRow[] = [];
  for (const order of rows) shown.push(await orderRow(reader, order));
  return {
    rows: shown,
    next: rows.length < ask.limit ? null : String(rows.at(-1)!.number),
    total: ask.status === null ? all : (byStatus.get(ask.status) ?? 0),
    counts: { all, ...Object.fromEntries(byStatus) },
  };
}

/** One order. Rejects with NOT_FOUND. */
export async function showOrder(
  reader: Reader,
  { account, order: id }: { readonly account: string; readonly order: string },
): Promise<OrderRow> {
  const order = await findOrder(reader, account, id);
  if (order !== undefined) return orderRow(reader, order);
  throw new LeaseholdError('NOT_FOUND', `There is no order ${id}.`, { path: 'order' });
}

function placeOf(after: string | null): number {
  if (after === null) return Number.MAX_SAFE_INTEGER;
  if (/^\d{1,15}$/.test(after)) return Number(after);
  throw new LeaseholdError('INPUT_INVALID', 'A page of orders goes on from a number.', { path: 'query.after' });
}
