import type { OrderRow } from '../orders/row.js';

/** A place where an order is paid. */
export interface PayPlace {
  readonly url: string;
  /** Epoch ms; null: as long as the order is open. */
  readonly until: number | null;
}

/** What a payment service told, in our words. Amounts are in the currency's smallest unit. */
export interface PaymentEvent {
  /** The service's own id of the event: what comes again is known by it. */
  readonly id: string;
  readonly kind: 'paid' | 'failed' | 'refunded';
  readonly order: string;
  /** Names the payment, the same in all events about it. */
  readonly payment: string;
  /** What was paid, or given back so far; null where a payment failed. */
  readonly amount: number | null;
  readonly currency: string | null;
}

/** Makes links at which orders are paid. */
export interface PaymentService {
  readonly name: 'stripe' | 'link';
  /** `attempt` tells one link of an order from the next; asked again with the same one, it is the same link. */
  payPlace(order: OrderRow, attempt: string): Promise<PayPlace>;
}
