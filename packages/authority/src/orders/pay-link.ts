import { LeaseholdError } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../serving/changes.js';
import type { PayPlace } from '../payments/service.js';
import { appendJournal } from '../store/index.js';
import { findOrder, orderChanged, type OrderRow } from './row.js';

export interface NewLink extends PayPlace {
  readonly order: string;
}

/** Notes the link at which an order is paid. */
export const orderPayLink: Change<NewLink, null, { readonly id: string }> = {
  async judge(reader, { account }, { order: id }) {
    const order = await findOrder(reader, account, id);
    if (order === undefined) throw new LeaseholdError('NOT_FOUND', `There is no order ${id}.`, { path: 'order' });
    if (order.status !== 'open') throw notOpen(order.status);
    return { decision: BY_ROLE, plan: null };
  },
  async apply(tx, { account, actor }, { order: id, url, until }) {
    await tx.run('UPDATE orders SET pay_url = ?, pay_until = ? WHERE account = ? AND id = ?', [
      url,
      until,
      account,
      id,
    ]);
    appendJournal(tx, account, {
      type: 'order.pay_link_made',
      subject: { type: 'order', id },
      actor,
      details: { until },
      rows: [await orderChanged(tx, account, id)],
    });
    return { id };
  },
};

/** Throws CONFLICT for an order of which nothing can be paid by a link. */
export function assertPayable(order: OrderRow): void {
  if (order.status !== 'open') throw notOpen(order.status);
  if (order.total !== null && order.currency !== null) return;
  throw new LeaseholdError('CONFLICT', 'A line of this order has no price.', {
    path: 'order',
    remedy: 'Complete the price list and order anew, or let it be paid by invoice.',
  });
}

function notOpen(status: OrderRow['status']): LeaseholdError {
  return new LeaseholdError('CONFLICT', `The order is ${status}; only an open one is paid.`, { path: 'order' });
}
