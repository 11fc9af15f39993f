import { appendJournal, type Tx } from '../store/index.js';
import { fulfill } from './fulfill.js';
import { findOrder, orderChanged, type OrderColumns, type OrderRow } from './row.js';

export interface Payment {
  readonly by: NonNullable<OrderRow['paidBy']>;
  /** Who says so: `admin:<token id>`, `payment:stripe`, `system`. */
  readonly actor: string;
  readonly reference: string | null;
}

/** Takes the payment of an open order and brings what was ordered. False, and nothing changed, where it is not open: of
 * two payments at once one opens this door. */
export async function settle(tx: Tx, order: OrderColumns, payment: Payment, now: number): Promise<boolean> {
  const { account, id } = order;
  const taken = await tx.run(
    `UPDATE orders SET status = 'paid', paid_at = ?, paid_by = ?, reference = ?, attention = NULL,
         pay_url = NULL, pay_until = NULL
       WHERE account = ? AND id = ? AND status = 'open'`,
    [now, payment.by, payment.reference, account, id],
  );
  if (taken === 0) return false;
  const brought = await fulfill(tx, order, payment.actor, now);
  appendJournal(tx, account, {
    type: 'order.paid',
    subject: { type: 'order', id },
    actor: payment.actor,
    companyId: order.company_id,
    details: { by: payment.by, reference: payment.reference, total: order.total, currency: order.currency },
    // Fulfilled before its payment, it brings nothing more, and its own row changed all the same.
    rows: brought.length > 0 ? brought : [await orderChanged(tx, account, id)],
  });
  return true;
}

/** Nothing is to be paid: what was ordered is there at once. */
export async function settleFree(tx: Tx, account: string, id: string, now: number): Promise<void> {
  const order = await findOrder(tx, account, id);
  await settle(tx, order!, { by: 'nothing_due', actor: 'system', reference: null }, now);
}
