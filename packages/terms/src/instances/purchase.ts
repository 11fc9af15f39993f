import type { Account } from '../model.js';

export type PaymentMode = 'monthly' | 'annual';

/** What "Buy New Licenses" sends (MSP-9). */
export interface Order {
  readonly quantity: number;
  readonly addOns?: readonly string[];
  readonly paymentMode?: PaymentMode | null;
}

/** What stands against the things ordered, or null (MSP-9): one whole license at least, and add-ons that are sold. */
export function refuseOrder(order: Order, addOnsSold: readonly string[]): 'QUANTITY' | 'ADD_ON' | null {
  if (!Number.isInteger(order.quantity) || order.quantity < 1) return 'QUANTITY';
  return (order.addOns ?? []).every((addOn) => addOnsSold.includes(addOn)) ? null : 'ADD_ON';
}

/** What stands against the way of paying, or null (MSP-11): it is chosen with the first purchase and stays; naming the
 * mode that is already set changes nothing. */
export function refusePayment(order: Order, account: Account): 'PAYMENT_MODE_REQUIRED' | 'PAYMENT_MODE_FIXED' | null {
  const mode = order.paymentMode ?? null;
  if (isFirst(account)) return mode === null ? 'PAYMENT_MODE_REQUIRED' : null;
  return mode === null || mode === account.paymentMode ? null : 'PAYMENT_MODE_FIXED';
}

/** An account that counts no purchases has made one if its payment mode is set. */
function isFirst(account: Account): boolean {
  return account.purchases === undefined ? (account.paymentMode ?? null) === null : account.purchases === 0;
}
