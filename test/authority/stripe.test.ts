import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathOf, type Message } from '@leasehold/protocol';
import { asPerson, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';
import {
  completed,
  RecordedApi,
  refundEvent,
  SECRET_KEY,
  sessionEvent,
  stripe,
  WEBHOOK_SECRET,
} from '../support/stripe-service.js';

const HOUR = 3_600_000;

describe.each(engines)('payment by Stripe Checkout, on $name', (engine) => {
  const api = new RecordedApi();
  let bench: Bench;
  beforeAll(async () => {
    const apiBase = await api.listen();
    const service = {
      secretKey: SECRET_KEY,
      webhookSecret: WEBHOOK_SECRET,
      returnUrl: 'https://console.example/',
      apiBase,
    };
    bench = await startBench(undefined, {}, await engine.url(), { payments: { stripe: service } });
    api.until = Math.floor((bench.clock + 24 * HOUR) / 1000);
    const prices = [{ item: 'license:server', per: 'month', amount: 1200 }] as const;
    await asPerson(bench, 'pricesSet', { body: { currency: 'eur', prices: [...prices] } });
  });
  afterAll(async () => {
    await bench?.close();
    api.close();
  });

  /** Two server licenses for a month: 24.00 EUR. */
  const order = async (): Promise<string> => {
    const body = { type: 'server', quantity: 2, paymentMode: 'monthly' } as const;
    return (await asPerson(bench, 'orderCreate', { body })).body.id!;
  };
  const show = async (id: string): Promise<Message<'OrderRow'>> =>
    (await asPerson(bench, 'order', { params: { order: id } })).body;
  const deliver = async (event: object, header?: (body: string) => string): Promise<number> => {
    const body = JSON.stringify(event, null, 2);
    const timestamp = Math.floor(bench.clock / 1000);
    const signed = stripe.webhooks.generateTestHeaderString({ payload: body, secret: WEBHOOK_SECRET, timestamp });
    const response = await fetch(`${bench.authority.url}${pathOf('stripeEvent')}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': header?.(body) ?? signed },
      body,
    });
    return response.status;
  };
  const journalOf = async (id: string): Promise<string[]> => {
    const { rows } = (await asPerson(bench, 'journal', { query: '?limit=500' })).body;
    const about = rows.filter((row) => (JSON.parse(row.payload!) as Message<'JournalPayload'>).subject.id === id);
    return about.map((row) => row.type);
  };

  test('a link is a session with the order’s lines; asked again it is the same one, until it ends', async () => {
    const id = await order();
    const ask = () => asPerson(bench, 'orderPayLink', { params: { order: id }, body: {} });
    const first = await ask();
    expect(first.body).toMatchObject({ order: id, until: new Date(api.until * 1000).toISOString() });
    expect((await ask()).body).toEqual(first.body);
    expect(api.asked).toHaveLength(1);
    const { form, headers } = api.asked[0]!;
    expect(headers.authorization).toBe(`Bearer ${SECRET_KEY}`);
    expect(Object.fromEntries(form)).toEqual({
      mode: 'payment',
      client_reference_id: id,
      'line_items[0][quantity]': '2',
      'line_items[0][price_data][currency]': 'eur',
      'line_items[0][price_data][unit_amount]': '1200',
      'line_items[0][price_data][product_data][name]': 'license:server',
      'metadata[leasehold_account]': 'acme',
      'metadata[leasehold_order]': id,
      'payment_intent_data[metadata][leasehold_account]': 'acme',
      'payment_intent_data[metadata][leasehold_order]': id,
      success_url: 'https://console.example/',
      cancel_url: 'https://console.example/',
    });
    bench.clock += 24 * HOUR;
    api.until += 24 * 3600;
    const next = await ask();
    expect(next.body.url).not.toBe(first.body.url);
    expect(await show(id)).toMatchObject({ payUrl: next.body.url, status: 'open' });
  });

  test('a service that answers no leaves the order open', async () => {
    const id = await order();
    api.broken = true;
    const { status, problem } = await asPerson(bench, 'orderPayLink', { params: { order: id }, body: {} });
    api.broken = false;
    expect({ status, code: problem.code }).toEqual({ status: 502, code: 'PAYMENT_UNAVAILABLE' });
    expect(await show(id)).toMatchObject({ status: 'open', payUrl: null });
  });

  test('delivered ten times at once, and again later: brought once', async () => {
    const id = await order();
    const event = completed(id);
    const statuses = await Promise.all(Array.from({ length: 10 }, () => deliver(event)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(await deliver(event)).toBe(200);
    expect(await deliver(completed(id))).toBe(200);
    expect(await show(id)).toMatchObject({
      status: 'paid',
      paidBy: 'stripe',
      reference: `pi_of_${id}`,
      licenseCount: 2,
      attention: null,
      payUrl: null,
    });
    expect(await journalOf(id)).toEqual(['order.created', 'order.paid']);
  });

  test('an invoice marked paid while the payment comes in: brought once, and a person told', async () => {
    const id = await order();
    const both = await Promise.all([
      asPerson(bench, 'orderPay', { params: { order: id }, body: { reference: 'wire' } }),
      deliver(completed(id)),
    ]);
    expect(both[1]).toBe(200);
    const { status, licenseCount, attention, reference } = await show(id);
    expect({ status, licenseCount }).toEqual({ status: 'paid', licenseCount: 2 });
    // Whoever came second: the console is told, or the admin was.
    expect(reference === 'wire' ? attention : both[0].status).toBe(reference === 'wire' ? 'paid_twice' : 409);
    if (reference !== 'wire') return;
    await deliver(refundEvent(id, 2400));
    expect(await show(id)).toMatchObject({ status: 'paid', attention: null });
  });

  test('what is not signed, signed long ago or changed on the way changes nothing', async () => {
    const id = await order();
    const event = completed(id);
    const now = Math.floor(bench.clock / 1000);
    const sign = (payload: string, secret: string, timestamp: number): string =>
      stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
    expect(await deliver(event, (body) => sign(body, 'whsec_of_another', now))).toBe(401);
    expect(await deliver(event, (body) => sign(body, WEBHOOK_SECRET, now - 301))).toBe(401);
    expect(await deliver(event, (body) => sign(body.replace('2400', '1'), WEBHOOK_SECRET, now))).toBe(401);
    expect(await deliver(event, () => '')).toBe(401);
    expect(await deliver(event, () => 't=1,v1=zz')).toBe(401);
    expect(await show(id)).toMatchObject({ status: 'open' });
    expect(await deliver(event, (body) => sign(body, WEBHOOK_SECRET, now - 299))).toBe(200);
    expect(await show(id)).toMatchObject({ status: 'paid' });
  });

  test('a payment that takes days is paid when it says so, and may fail before', async () => {
    const id = await order();
    await deliver(completed(id, { payment_status: 'unpaid' }));
    expect(await show(id)).toMatchObject({ status: 'open' });
    await deliver(sessionEvent('checkout.session.async_payment_failed', id, { payment_status: 'unpaid' }));
    expect(await show(id)).toMatchObject({ status: 'open' });
    expect(await journalOf(id)).toEqual(['order.created', 'order.payment_failed']);
    await deliver(sessionEvent('checkout.session.async_payment_succeeded', id));
    expect(await show(id)).toMatchObject({ status: 'paid', licenseCount: 2 });
  });

  test('another amount or currency than ordered brings nothing, and a person is told', async () => {
    for (const more of [{ amount_total: 2399 }, { currency: 'usd' }]) {
      const id = await order();
      await deliver(completed(id, more));
      expect(await show(id)).toMatchObject({ status: 'open', attention: 'amount_differs', fulfilledAt: null });
    }
  });

  test('a refund takes back what was brought; a part of it is for a person to judge', async () => {
    const id = await order();
    await deliver(completed(id));
    await deliver(refundEvent(id, 500));
    expect(await show(id)).toMatchObject({ status: 'paid', refunded: 500, attention: 'partly_refunded' });
    const [license] = (await show(id)).licenses;
    const last = async () =>
      (await asPerson(bench, 'licenses', { query: `?search=${license}` })).body.rows[0]!.validUntil;
    expect(await last()).toBe('2026-07-15');
    const whole = refundEvent(id, 2400);
    await deliver(whole);
    await deliver(whole);
    // The earlier of two sums, told late.
    await deliver(refundEvent(id, 500));
    expect(await show(id)).toMatchObject({ status: 'refunded', refunded: 2400, attention: null });
    expect(await last()).toBe('2026-06-16');
  });

  test('refunded before it was told paid: nothing is brought', async () => {
    const id = await order();
    await deliver(refundEvent(id, 2400));
    await deliver(completed(id));
    expect(await show(id)).toMatchObject({ status: 'refunded', fulfilledAt: null, licenseCount: 0, attention: null });
  });

  test('voiding closes the session; a service that cannot be told keeps nobody from voiding', async () => {
    const voided = async () => {
      const id = await order();
      const { url } = (await asPerson(bench, 'orderPayLink', { params: { order: id }, body: {} })).body;
      const before = api.asked.length;
      const ask = (dryRun: boolean) => asPerson(bench, 'orderVoid', { params: { order: id }, body: { dryRun } });
      await ask(true);
      expect(api.asked).toHaveLength(before);
      return { session: url.split('/').at(-1)!, status: (await ask(false)).status, now: (await show(id)).status };
    };
    const closed = await voided();
    expect(closed).toMatchObject({ status: 200, now: 'void' });
    expect(api.asked.at(-1)!.path).toBe(`/v1/checkout/sessions/${closed.session}/expire`);
    const id = await order();
    await asPerson(bench, 'orderPayLink', { params: { order: id }, body: {} });
    api.broken = true;
    expect((await asPerson(bench, 'orderVoid', { params: { order: id }, body: {} })).status).toBe(200);
    api.broken = false;
    expect(bench.logged.join()).toContain('payment.place_left_open');
  });

  test('paid after it was voided: nothing is brought, a person is told, and the refund settles it', async () => {
    const id = await order();
    await asPerson(bench, 'orderVoid', { params: { order: id }, body: {} });
    await deliver(completed(id));
    expect(await show(id)).toMatchObject({ status: 'void', attention: 'paid_after_void', licenseCount: 0 });
    await deliver(refundEvent(id, 2400));
    expect(await show(id)).toMatchObject({ status: 'void', attention: null });
  });

  test('what is about something else is taken and changes nothing', async () => {
    const id = await order();
    const { seq } = (await asPerson(bench, 'me')).body;
    expect(await deliver(sessionEvent('checkout.session.completed', id, {}, 'another-account'))).toBe(200);
    expect(await deliver(completed('no-such-order'))).toBe(200);
    expect(await deliver(sessionEvent('customer.created', id))).toBe(200);
    expect((await asPerson(bench, 'me')).body.seq).toBe(seq);
    expect(await show(id)).toMatchObject({ status: 'open' });
  });

  test('only an open order with a price has a link', async () => {
    const link = (id: string, dryRun = false) =>
      asPerson(bench, 'orderPayLink', { params: { order: id }, body: { dryRun } });
    const priceless = await asPerson(bench, 'orderCreate', { body: { type: 'desktop', quantity: 1 } });
    expect((await link(priceless.body.id!)).problem).toMatchObject({ code: 'CONFLICT', path: 'order' });
    const id = await order();
    await asPerson(bench, 'orderVoid', { params: { order: id }, body: {} });
    expect((await link(id)).problem).toMatchObject({ code: 'CONFLICT' });
    expect((await link('none')).problem).toMatchObject({ code: 'NOT_FOUND' });
    expect((await link(id, true)).problem).toMatchObject({ code: 'INPUT_INVALID', path: 'dryRun' });
  });

  test('no secret is in the log', () => {
    expect(bench.logged.join()).not.toMatch(/sk_test|whsec|pi_of/);
  });
});

test('without the service: a page of the seller’s own, or none', async () => {
  const link = 'https://pay.example/{number}?amount={total}&currency={currency}&order={order}';
  const own = await startBench(undefined, {}, undefined, { payments: { link } });
  const body = { type: 'server', quantity: 1, paymentMode: 'monthly' } as const;
  await asPerson(own, 'pricesSet', {
    body: { currency: 'eur', prices: [{ item: 'license:server', per: 'month', amount: 1200 }] },
  });
  const { id } = (await asPerson(own, 'orderCreate', { body })).body;
  const made = await asPerson(own, 'orderPayLink', { params: { order: id! }, body: {} });
  expect(made.body).toEqual({
    order: id,
    url: `https://pay.example/1?amount=1200&currency=eur&order=${id}`,
    until: null,
  });
  expect((await asPerson(own, 'stripeEvent', { body: {} })).problem).toMatchObject({ code: 'NOT_FOUND' });
  await own.close();

  const none = await startBench();
  const other = (await asPerson(none, 'orderCreate', { body })).body.id!;
  const refused = await asPerson(none, 'orderPayLink', { params: { order: other }, body: {} });
  expect(refused.problem).toMatchObject({ code: 'CONFLICT' });
  await none.close();
  await expect(startBench(undefined, {}, undefined, { payments: { link: 'pay here' } })).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
    details: { path: 'payments.link' },
  });
});
