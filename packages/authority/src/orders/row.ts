import type { Message } from '@leasehold/protocol';
import type { PaymentMode } from '@leasehold/terms';
import type { ChangedRow, Reader } from '../store/index.js';
import type { Goods } from './goods.js';

export type OrderRow = Message<'OrderRow'>;
export type OrderLine = OrderRow['lines'][number];

/** Columns of `orders` (migration 8). */
export interface OrderColumns {
  readonly account: string;
  readonly id: string;
  readonly number: number;
  readonly kind: OrderRow['kind'];
  readonly status: OrderRow['status'];
  readonly automatic: number;
  readonly company_id: string | null;
  readonly payment_mode: PaymentMode | null;
  /** JSON of OrderLine[]. */
  readonly lines: string;
  readonly currency: string | null;
  readonly total: number | null;
  readonly refunded: number;
  readonly created_at: number;
  readonly due_day: string;
  readonly fulfilled_at: number | null;
  readonly paid_at: number | null;
  readonly paid_by: OrderRow['paidBy'];
  readonly reference: string | null;
  readonly pay_url: string | null;
  readonly pay_until: number | null;
  readonly attention: OrderRow['attention'];
  /** Of new licenses: what they license, their type or edition, of machines the term, of pools JSON of their client access
   * licenses, and whether they renew themselves. */
  readonly profile: Goods['profile'];
  readonly license_type: string | null;
  readonly term: Goods['term'];
  readonly cals: string | null;
  readonly quantity: number | null;
  readonly auto_renew: number | null;
  readonly periods: number | null;
}

/** How many licenses a row names; the others are found by the order. */
const NAMED = 20;

export async function findOrder(reader: Reader, account: string, id: string): Promise<OrderColumns | undefined> {
  return reader.get<OrderColumns>('SELECT * FROM orders WHERE account = ? AND id = ?', [account, id]);
}

/** How many licenses an order brings. */
export function quantityOf(order: OrderColumns): number {
  return order.quantity ?? (JSON.parse(order.lines) as OrderLine[])[0]!.quantity;
}

/** The order as every page shows it. */
export async function orderRow(reader: Reader, order: OrderColumns): Promise<OrderRow> {
  const { account, id } = order;
  const licenses = await reader.all<{ license_id: string }>(
    'SELECT license_id FROM order_licenses WHERE account = ? AND order_id = ? ORDER BY license_id LIMIT ?',
    [account, id, NAMED],
  );
  const counted = await reader.get<{ n: number }>(
    'SELECT count(*) AS n FROM order_licenses WHERE account = ? AND order_id = ?',
    [account, id],
  );
  const company = await reader.get<{ name: string }>('SELECT name FROM companies WHERE account = ? AND id = ?', [
    account,
    order.company_id,
  ]);
  return {
    id,
    number: order.number,
    kind: order.kind,
    status: order.status,
    automatic: order.automatic === 1,
    companyId: order.company_id,
    companyName: company?.name ?? null,
    paymentMode: order.payment_mode,
    lines: JSON.parse(order.lines) as OrderLine[],
    currency: order.currency,
    total: order.total,
    refunded: order.refunded,
    createdAt: new Date(order.created_at).toISOString(),
    dueDay: order.due_day,
    fulfilledAt: isoOrNull(order.fulfilled_at),
    paidAt: isoOrNull(order.paid_at),
    paidBy: order.paid_by,
    reference: order.reference,
    payUrl: order.pay_url,
    payUntil: isoOrNull(order.pay_until),
    attention: order.attention,
    licenses: licenses.map((one) => one.license_id),
    licenseCount: counted?.n ?? 0,
  };
}

/** The row of one order as it stands, for the journal. */
export async function orderChanged(reader: Reader, account: string, id: string): Promise<ChangedRow> {
  const order = await findOrder(reader, account, id);
  return { table: 'order', id, row: order === undefined ? null : await orderRow(reader, order) };
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
