import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Stripe } from 'stripe';

export const SECRET_KEY = 'sk_test_not_a_key';
export const WEBHOOK_SECRET = 'whsec_not_a_secret';

/** Stands in for the service's API, which cannot be reached from a test: *recorded, not run*. It makes sessions, the same
 * one for the same idempotency key, and remembers what it was asked. */
export class RecordedApi {
  readonly asked: {
    readonly path: string;
    readonly form: URLSearchParams;
    readonly headers: IncomingMessage['headers'];
  }[] = [];
  broken = false;
  readonly #server: Server;
  readonly #sessions = new Map<string, string>();
  until = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      let text = '';
      request.on('data', (part: Buffer) => (text += part.toString()));
      request.on('end', () => {
        this.asked.push({ path: request.url ?? '', form: new URLSearchParams(text), headers: request.headers });
        const key = String(request.headers['idempotency-key']);
        const id = this.#sessions.get(key) ?? `cs_test_${this.#sessions.size + 1}`;
        this.#sessions.set(key, id);
        const session = {
          id,
          object: 'checkout.session',
          url: `https://checkout.example/${id}`,
          expires_at: this.until,
        };
        response.writeHead(this.broken ? 400 : 200, { 'content-type': 'application/json' });
        response.end(
          JSON.stringify(this.broken ? { error: { message: 'no', type: 'invalid_request_error' } } : session),
        );
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

export const stripe = new Stripe(SECRET_KEY);
let events = 0;

type Session = Partial<{ payment_status: string; amount_total: number; currency: string; payment_intent: string }>;

/** An event as the service sends it. */
export function sessionEvent(type: string, order: string, more: Session = {}, account = 'acme') {
  events += 1;
  const object = {
    id: `cs_of_${order}`,
    object: 'checkout.session',
    payment_status: 'paid',
    amount_total: 2400,
    currency: 'eur',
    payment_intent: `pi_of_${order}`,
    metadata: { leasehold_account: account, leasehold_order: order },
    ...more,
  };
  return { id: `evt_${events}`, object: 'event', type, data: { object } };
}
export const completed = (order: string, more: Session = {}) => sessionEvent('checkout.session.completed', order, more);

export function refundEvent(order: string, amount: number, payment_intent = `pi_of_${order}`) {
  events += 1;
  const metadata = { leasehold_account: 'acme', leasehold_order: order };
  const object = {
    id: `ch_${events}`,
    object: 'charge',
    payment_intent,
    amount_refunded: amount,
    currency: 'eur',
    metadata,
  };
  return { id: `evt_${events}`, object: 'event', type: 'charge.refunded', data: { object } };
}
