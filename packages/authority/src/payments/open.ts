import { linkService } from './link.js';
import type { PaymentService } from './service.js';
import { StripeCheckout, type StripeOptions } from './stripe.js';

export interface PaymentOptions {
  readonly stripe?: StripeOptions;
  /** A page of the seller's own at which orders are paid; used where there is no payment service. */
  readonly link?: string;
}

/** How orders are paid beside by invoice. */
export interface Payments {
  readonly stripe: StripeCheckout | undefined;
  /** What makes pay links. */
  readonly links: PaymentService | undefined;
}

/** Throws OPTIONS_INVALID, naming the member that is wrong. */
export function openPayments(account: string, { stripe, link }: PaymentOptions): Payments {
  const checkout = stripe === undefined ? undefined : new StripeCheckout(account, stripe);
  return { stripe: checkout, links: checkout ?? (link === undefined ? undefined : linkService(link)) };
}
