import { LeaseholdError } from '@leasehold/protocol';
import type { Stripe } from 'stripe';
import type { OrderRow } from '../orders/row.js';
import type { PaymentEvent, PaymentService, PayPlace } from './service.js';

export interface StripeOptions {
  /** `sk_…`; a restricted key that may write Checkout Sessions is enough. */
  readonly secretKey: string;
  /** `whsec_…` of the endpoint `/v1/payments/stripe`. */
  readonly webhookSecret: string;
  /** Where the buyer comes back to, whatever became of the payment: the console, or a page of the seller. */
  readonly returnUrl: string;
  /** Another address than the service's own, for tests. */
  readonly apiBase?: string;
}

const SECONDS = 20; // a buyer waits for the link
/** How old a signed event may be, seconds: the service signs each delivery anew. */
const TOLERANCE = 300;

/** Stripe Checkout: a session is made for each link, and signed events tell what became of it. The package is loaded with
 * the first use. */
export class StripeCheckout implements PaymentService {
  readonly name = 'stripe';
  readonly #account: string;
  readonly #options: StripeOptions;
  #client: Promise<Stripe> | undefined;

  constructor(account: string, options: StripeOptions) {
    this.#account = account;
    this.#options = options;
    for (const name of ['secretKey', 'webhookSecret', 'returnUrl'] as const) {
      if (typeof options[name] === 'string' && options[name] !== '') continue;
      throw new LeaseholdError('OPTIONS_INVALID', `The payment service Stripe needs ${name}.`, {
        path: `payments.stripe.${name}`,
        remedy: 'Take it from the dashboard of the payment service.',
      });
    }
  }

  async payPlace(order: OrderRow, attempt: string): Promise<PayPlace> {
    const metadata = { leasehold_account: this.#account, leasehold_order: order.id };
    const client = await this.#open();
    const session = await client.checkout.sessions
      .create(
        {
          mode: 'payment',
          client_reference_id: order.id,
          line_items: lineItems(order),
          metadata,
          // Charges and refunds carry it too, so that a refund is understood before its payment.
          payment_intent_data: { metadata },
          success_url: this.#options.returnUrl,
          cancel_url: this.#options.returnUrl,
        },
        { idempotencyKey: `leasehold ${this.#account} ${order.id} ${attempt}` },
      )
      .catch((cause: unknown) => {
        throw new LeaseholdError('PAYMENT_UNAVAILABLE', 'The payment service made no link.', {
          remedy: 'Try again later; the order can be paid by invoice meanwhile.',
          cause,
        });
      });
    if (session.url === null) {
      throw new LeaseholdError('PAYMENT_UNAVAILABLE', 'The payment service made a link without an address.');
    }
    return { url: session.url, until: session.expires_at * 1000 };
  }

  /** Closes the place of an order that is void, so that nobody pays there any more. */
  async closePlace(url: string): Promise<void> {
    const id = /\/(cs_\w+)/.exec(url)?.[1];
    if (id !== undefined) await (await this.#open()).checkout.sessions.expire(id);
  }

  /** What a delivery says of an order of this account; undefined where it is about something else. Throws UNAUTHORIZED when
   * it is not signed by the service, or too long ago. */
  async readEvent(body: Uint8Array, signature: string | undefined, now: number): Promise<PaymentEvent | undefined> {
    const { webhooks } = await this.#open();
    let event: Stripe.Event;
    try {
      const text = Buffer.from(body).toString('utf8');
      event = webhooks.constructEvent(text, signature ?? '', this.#options.webhookSecret, TOLERANCE, undefined, now);
    } catch (cause) {
      throw new LeaseholdError('UNAUTHORIZED', 'This delivery is not signed by the payment service.', {
        remedy: 'Check the webhook secret of the endpoint, and that no proxy changes the body.',
        cause,
      });
    }
    return readEvent(event, this.#account);
  }

  #open(): Promise<Stripe> {
    this.#client ??= this.#load();
    return this.#client;
  }

  async #load(): Promise<Stripe> {
    const { Stripe: StripeClient } = await import('stripe');
    const base = this.#options.apiBase === undefined ? undefined : new URL(this.#options.apiBase);
    return new StripeClient(this.#options.secretKey, {
      timeout: SECONDS * 1000,
      maxNetworkRetries: 1,
      telemetry: false,
      ...(base === undefined
        ? {}
        : { host: base.hostname, port: base.port, protocol: base.protocol === 'http:' ? 'http' : 'https' }),
    });
  }
}

function lineItems({ lines, currency }: OrderRow): Stripe.Checkout.SessionCreateParams.LineItem[] {
  return lines.map(({ item, quantity, periods, unitAmount }) => ({
    quantity,
    price_data: { currency: currency!, unit_amount: unitAmount! * periods, product_data: { name: item } },
  }));
}

function readEvent(event: Stripe.Event, account: string): PaymentEvent | undefined {
  if (event.type === 'checkout.session.completed' || event.type === 'checkout.session.async_payment_succeeded') {
    // Completed is not paid yet, where the way of paying takes days.
    const session = event.data.object;
    return session.payment_status === 'unpaid' ? undefined : ofSession(event.id, 'paid', session, account);
  }
  if (event.type === 'checkout.session.async_payment_failed') {
    return ofSession(event.id, 'failed', event.data.object, account);
  }
  return event.type === 'charge.refunded' ? ofCharge(event.id, event.data.object, account) : undefined;
}

function ofCharge(id: string, charge: Stripe.Charge, account: string): PaymentEvent | undefined {
  const { metadata, payment_intent: intent, amount_refunded: amount, currency } = charge;
  const order = metadata['leasehold_order'];
  if (metadata['leasehold_account'] !== account || order === undefined) return undefined;
  return { id, kind: 'refunded', order, payment: idOf(intent) ?? charge.id, amount, currency };
}

function ofSession(
  id: string,
  kind: 'paid' | 'failed',
  session: Stripe.Checkout.Session,
  account: string,
): PaymentEvent | undefined {
  const { metadata, payment_intent: intent, amount_total: amount, currency } = session;
  if (metadata?.['leasehold_account'] !== account || metadata['leasehold_order'] === undefined) return undefined;
  return { id, kind, order: metadata['leasehold_order'], payment: idOf(intent) ?? session.id, amount, currency };
}

function idOf(one: string | { readonly id: string } | null): string | undefined {
  return typeof one === 'string' ? one : one?.id;
}
