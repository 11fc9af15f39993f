import { appendJournal, serialize, type Tx } from '../store/index.js';
import type { PaymentEvent } from '../payments/service.js';
import { findOrder, orderChanged, type OrderColumns } from './row.js';
import { settle } from './settle.js';
import { takeBack } from './take-back.js';

export interface Told {
  readonly account: string;
  readonly service: 'stripe';
  readonly event: PaymentEvent;
}

/** Takes in what a payment service told, once: its event is written down in the same transaction. Events come twice, late
 * and out of order; whatever the order, what is paid is brought once, and what is refunded is not brought any more. */
export async function notePayment(tx: Tx, { account, service, event }: Told, now: number): Promise<void> {
  await serialize(tx, account);
  const first = await tx.run(
    `INSERT INTO payment_events (account, service, id, type, order_id, at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (account, service, id) DO NOTHING`,
    [account, service, event.id, event.kind, event.order, now],
  );
  const order = first === 0 ? undefined : await findOrder(tx, account, event.order);
  if (order === undefined) return;
  await TAKE[event.kind](tx, order, event, `payment:${service}`, now);
}

type Take = (tx: Tx, order: OrderColumns, event: PaymentEvent, actor: string, now: number) => Promise<void>;

const TAKE: Readonly<Record<PaymentEvent['kind'], Take>> = { paid, failed, refunded };

async function paid(tx: Tx, order: OrderColumns, event: PaymentEvent, actor: string, now: number): Promise<void> {
  if (order.status === 'open') {
    // What was agreed is brought for what was agreed.
    if (event.amount !== order.total || event.currency !== order.currency) {
      return attention(tx, order, 'amount_differs', event, actor);
    }
    await settle(tx, order, { by: 'stripe', actor, reference: event.payment }, now);
    return undefined;
  }
  // Told in two events, or refunded before we heard of it.
  if (order.reference === event.payment) return undefined;
  return attention(tx, order, order.status === 'void' ? 'paid_after_void' : 'paid_twice', event, actor);
}

async function failed(tx: Tx, order: OrderColumns, event: PaymentEvent, actor: string): Promise<void> {
  appendJournal(tx, order.account, {
    type: 'order.payment_failed',
    subject: { type: 'order', id: order.id },
    actor,
    companyId: order.company_id,
    details: { payment: event.payment },
    rows: [await orderChanged(tx, order.account, order.id)],
  });
}

/** A full refund takes back what the payment brought. A refund of another payment of the order, which was paid twice or
 * after it was voided, only settles that. */
async function refunded(tx: Tx, order: OrderColumns, event: PaymentEvent, actor: string, now: number): Promise<void> {
  const { account, id } = order;
  // The service adds up what it gave back; a smaller sum is an older one.
  const amount = Math.max(order.refunded, event.amount ?? 0);
  const whole = order.total !== null && amount >= order.total;
  const other = order.status === 'void' || (order.reference !== null && order.reference !== event.payment);
  const taken = whole && !other && order.status !== 'refunded';
  if (other) await tx.run('UPDATE orders SET attention = NULL WHERE account = ? AND id = ?', [account, id]);
  else {
    await tx.run(
      'UPDATE orders SET status = ?, refunded = ?, reference = ?, attention = ? WHERE account = ? AND id = ?',
      [whole ? 'refunded' : order.status, amount, event.payment, whole ? null : 'partly_refunded', account, id],
    );
  }
  appendJournal(tx, account, {
    type: 'order.refunded',
    subject: { type: 'order', id },
    actor,
    companyId: order.company_id,
    details: { payment: event.payment, amount, whole },
    rows: [...(taken ? await takeBack(tx, order, now) : []), await orderChanged(tx, account, id)],
  });
}

/** What a person has to look at; nothing is brought or taken back for it. */
async function attention(
  tx: Tx,
  order: OrderColumns,
  why: NonNullable<OrderColumns['attention']>,
  event: PaymentEvent,
  actor: string,
): Promise<void> {
  const { account, id } = order;
  await tx.run('UPDATE orders SET attention = ? WHERE account = ? AND id = ?', [why, account, id]);
  appendJournal(tx, account, {
    type: 'order.payment_unexpected',
    subject: { type: 'order', id },
    actor,
    companyId: order.company_id,
    details: { why, payment: event.payment, amount: event.amount, currency: event.currency },
    rows: [await orderChanged(tx, account, id)],
  });
}
