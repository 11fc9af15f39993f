import { LeaseholdError } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { appendJournal, type Reader } from '../store/index.js';
import { settle } from './settle.js';
import { findOrder, orderChanged, type OrderColumns, type OrderRow } from './row.js';
import { takeBack, voidOrder } from './take-back.js';

export interface Asked {
  readonly order: string;
  readonly reference?: string | undefined;
}
type Plan = { readonly order: OrderColumns };
type Closing = Change<Asked, Plan, { readonly id: string }>;

/** Marks an invoice paid; its licenses are there with it. */
export const orderPay: Closing = {
  edits: ({ order }) => [order],
  async judge(reader, { account }, { order: id }) {
    return { decision: BY_ROLE, plan: { order: await orderIn(reader, account, id, 'open') } };
  },
  async apply(tx, { actor }, { reference = null }, { order }, now) {
    await settle(tx, order, { by: 'invoice', actor, reference }, now);
    return { id: order.id };
  },
};

/** Voids an order that nobody paid. What the daily run renewed ahead of its payment is taken back. */
export const orderVoid: Closing = {
  edits: ({ order }) => [order],
  async judge(reader, { account }, { order: id }) {
    return { decision: BY_ROLE, plan: { order: await orderIn(reader, account, id, 'open') } };
  },
  async apply(tx, { account, actor }, _asked, { order }, now) {
    await voidOrder(tx, account, order.id);
    appendJournal(tx, account, {
      type: 'order.voided',
      subject: { type: 'order', id: order.id },
      actor,
      companyId: order.company_id,
      details: { number: order.number },
      rows: [...(await takeBack(tx, order, now)), await orderChanged(tx, account, order.id)],
    });
    return { id: order.id };
  },
};

/** Notes that all of a payment was given back, and takes back what the order brought. */
export const orderRefund: Closing = {
  edits: ({ order }) => [order],
  async judge(reader, { account }, { order: id }) {
    return { decision: BY_ROLE, plan: { order: await orderIn(reader, account, id, 'paid') } };
  },
  async apply(tx, { account, actor }, { reference = null }, { order }, now) {
    await tx.run("UPDATE orders SET status = 'refunded', refunded = ?, attention = NULL WHERE account = ? AND id = ?", [
      order.total ?? 0,
      account,
      order.id,
    ]);
    appendJournal(tx, account, {
      type: 'order.refunded',
      subject: { type: 'order', id: order.id },
      actor,
      companyId: order.company_id,
      details: { reference },
      rows: [...(await takeBack(tx, order, now)), await orderChanged(tx, account, order.id)],
    });
    return { id: order.id };
  },
};

async function orderIn(reader: Reader, account: string, id: string, status: OrderRow['status']): Promise<OrderColumns> {
  const order = await findOrder(reader, account, id);
  if (order === undefined) throw new LeaseholdError('NOT_FOUND', `There is no order ${id}.`, { path: 'order' });
  if (order.status === status) return order;
  throw new LeaseholdError('CONFLICT', `The order is ${order.status}, not ${status}.`, {
    path: 'order',
    remedy: order.status === 'paid' ? 'What is paid is refunded, not voided.' : 'Place a new order.',
  });
}
