import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guards, type Message, type RequestOf } from '@leasehold/protocol';
import { Agent, asPerson, newLicense, startBench, type Answer, type Bench } from '../support/authority.js';
import { FeedReader } from '../support/feed-reader.js';
import { engines } from '../support/store-engines.js';

const DAY = 86_400_000;

describe.each(engines)('buying on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(undefined, { timeZone: 'Europe/Berlin' }, await engine.url());
  });
  afterAll(() => bench?.close());

  const buy = (order: Partial<RequestOf<'orderCreate'>>, headers: Record<string, string> = {}) =>
    asPerson(bench, 'orderCreate', { body: { type: 'server', quantity: 1, ...order }, headers });
  const orderOf = async (id: string): Promise<Message<'OrderRow'>> =>
    (await asPerson(bench, 'order', { params: { order: id } })).body;
  const pay = (order: string, reference?: string) =>
    asPerson(bench, 'orderPay', { params: { order }, body: reference === undefined ? {} : { reference } });
  const renewed = async (license: string): Promise<string> => {
    const id = made(await asPerson(bench, 'renewalCreate', { body: { licenses: [license] } }));
    made(await pay(id));
    return id;
  };
  const licensesOf = async (query: string) => (await asPerson(bench, 'licenses', { query })).body.rows;
  const made = (answer: Answer<{ id?: string }>): string => {
    expect({ status: answer.status, problem: answer.problem?.code }).toEqual({ status: 200, problem: undefined });
    return answer.body.id!;
  };

  test('what a purchase is refused for, by its rule', async () => {
    const mode = { paymentMode: 'annual' } as const;
    for (const [asked, rule, reason] of [
      [{ quantity: 0, ...mode }, 'MSP-9', 'QUANTITY'],
      [{ quantity: 1.5, ...mode }, 'MSP-9', 'QUANTITY'],
      [{ addOns: ['gold_support'], ...mode }, 'MSP-9', 'ADD_ON'],
      [{}, 'MSP-11', 'PAYMENT_MODE_REQUIRED'],
    ] as const) {
      const { status, problem } = await buy(asked as never);
      expect(status).toBe(409);
      expect(problem).toMatchObject({ code: 'REFUSED', rule, reason });
    }
    expect((await buy({ quantity: 1001, ...mode })).problem).toMatchObject({ code: 'INPUT_INVALID', path: 'quantity' });
    expect((await buy({ companyId: 'nobody', ...mode })).problem).toMatchObject({ code: 'NOT_FOUND' });
    expect((await asPerson(bench, 'orders')).body).toEqual({ rows: [], next: null, total: 0, counts: { all: 0 } });
  });

  test('the dry run tells price and last day, and orders nothing', async () => {
    const prices = [
      { item: 'license:server', per: 'year', amount: 12_000 },
      { item: 'license:server', per: 'month', amount: 1_200 },
      { item: 'premium_support', per: 'once', amount: 5_000 },
    ] as const;
    const set = await asPerson(bench, 'pricesSet', { body: { currency: 'eur', prices: [...prices] } });
    expect(set.status).toBe(200);
    const { body } = await buy({ quantity: 3, paymentMode: 'annual', addOns: ['premium_support'], dryRun: true });
    expect(body).toMatchObject({ dryRun: true, decision: { decision: 'allow', reason_rule: 'MSP-9' } });
    expect(body.decision.value).toEqual({
      lines: [
        { item: 'license:server', quantity: 3, periods: 1, unitAmount: 12_000, amount: 36_000 },
        { item: 'premium_support', quantity: 1, periods: 1, unitAmount: 5_000, amount: 5_000 },
      ],
      currency: 'eur',
      total: 41_000,
      paymentMode: 'annual',
      validUntil: '2027-06-14',
    });
    expect((await asPerson(bench, 'orders')).body.total).toBe(0);
    const twice = await asPerson(bench, 'pricesSet', { body: { currency: 'eur', prices: [prices[0], prices[0]] } });
    expect(twice.problem).toMatchObject({ code: 'INPUT_INVALID', path: 'prices[1].item' });
  });

  test.each([
    ['licence:server', 'month', 'item'],
    ['license:', 'month', 'item'],
    ['machine:sever', 'once', 'item'],
    ['pool:oem:obm', 'once', 'item'],
    ['pool:OEM', 'once', 'item'],
    ['maintenance:obm', 'month', 'per'],
    ['license:server', 'once', 'per'],
    ['gold_support', 'once', 'item'],
  ] as const)('a price of %s by %s, which no order asks for, is refused', async (item, per, member) => {
    const before = (await asPerson(bench, 'prices')).body;
    const list = [{ item: 'license:server', per: 'month', amount: 1 } as const, { item, per, amount: 1 }];
    const { problem } = await asPerson(bench, 'pricesSet', { body: { currency: 'eur', prices: list } });
    expect(problem).toMatchObject({ code: 'INPUT_INVALID', path: `prices[1].${member}` });
    expect((await asPerson(bench, 'prices')).body).toEqual(before);
  });

  test('order, invoice, payment, licenses; the feed carries every row', async () => {
    await asPerson(bench, 'companyCreate', { body: { id: 'north', name: 'North' } });
    const { epoch, seq } = (await asPerson(bench, 'me')).body;
    const reader = await FeedReader.open(bench, `${epoch}:${seq}`);
    const order = { quantity: 3, companyId: 'north', paymentMode: 'annual', addOns: ['onboarding'] } as const;
    const id = made(await buy({ ...order, addOns: ['onboarding'] }, { 'idempotency-key': 'first' }));
    expect(made(await buy({ ...order, addOns: ['onboarding'] }, { 'idempotency-key': 'first' }))).toBe(id);
    const placed = await orderOf(id);
    expect(guards.isOrderRow(placed)).toBe(true);
    expect(placed).toMatchObject({
      number: 1,
      kind: 'licenses',
      status: 'open',
      companyName: 'North',
      paymentMode: 'annual',
      // Onboarding has no price: the invoice says the amount.
      total: null,
      dueDay: '2026-06-29',
      fulfilledAt: null,
      licenseCount: 0,
    });
    expect(await licensesOf('?company=north')).toEqual([]);

    expect((await buy({ paymentMode: 'monthly' })).problem).toMatchObject({
      rule: 'MSP-11',
      reason: 'PAYMENT_MODE_FIXED',
    });

    bench.clock += 2 * DAY;
    made(await pay(id, 'wire 4711'));
    const paid = await orderOf(id);
    expect(paid).toMatchObject({
      status: 'paid',
      paidBy: 'invoice',
      reference: 'wire 4711',
      paidAt: new Date(bench.clock).toISOString(),
      fulfilledAt: new Date(bench.clock).toISOString(),
      licenseCount: 3,
    });
    const licenses = await licensesOf('?company=north');
    expect(licenses).toHaveLength(3);
    expect(licenses[0]).toMatchObject({
      type: 'server',
      kind: 'commercial',
      validUntil: '2027-06-16',
      autoRenew: true,
      transaction: id,
      assignedTo: null,
    });
    expect(paid.licenses).toEqual(licenses.map((one) => one.id).sort());
    expect((await pay(id)).problem).toMatchObject({ code: 'CONFLICT' });

    const rows = [await reader.row(), await reader.row()];
    expect(rows.map(({ type }) => type)).toEqual(['order.created', 'order.paid']);
    const payload = JSON.parse(rows[1]!.payload!) as Message<'JournalPayload'>;
    expect(guards.isJournalPayload(payload)).toBe(true);
    expect(payload.rows.map(({ table }) => table)).toEqual(['order', 'license', 'license', 'license']);
    expect(payload.rows[0]!.row).toEqual(paid);
    reader.close();
  });

  test('a voided order brings nothing', async () => {
    const id = made(await buy({ quantity: 2 }));
    made(await asPerson(bench, 'orderVoid', { params: { order: id }, body: {} }));
    expect(await orderOf(id)).toMatchObject({ status: 'void', fulfilledAt: null });
    expect((await pay(id)).problem.code).toBe('CONFLICT');
    expect((await asPerson(bench, 'orderPay', { params: { order: 'none' }, body: {} })).problem.code).toBe('NOT_FOUND');
  });

  test('two first orders at once: one payment mode, which is open again when they are voided', async () => {
    const other = await startBench(undefined, {}, await engine.url());
    const modes = ['monthly', 'annual', 'monthly', 'annual'] as const;
    const answers = await Promise.all(
      modes.map((paymentMode) =>
        asPerson(other, 'orderCreate', { body: { type: 'server', quantity: 1, paymentMode } }),
      ),
    );
    const { rows } = (await asPerson(other, 'orders')).body;
    expect(new Set(rows.map((row) => row.paymentMode)).size).toBe(1);
    expect(rows.map((row) => row.number)).toEqual([2, 1]);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(2);
    for (const { id } of rows) await asPerson(other, 'orderVoid', { params: { order: id }, body: {} });
    const paymentMode = rows[0]!.paymentMode === 'annual' ? 'monthly' : 'annual';
    const fresh = await asPerson(other, 'orderCreate', { body: { type: 'server', quantity: 1, paymentMode } });
    expect(fresh.status).toBe(200);
    await other.close();
  });

  test('paid ten times at once: fulfilled once', async () => {
    const id = made(await buy({ type: 'desktop', quantity: 4 }));
    const answers = await Promise.all(Array.from({ length: 10 }, () => pay(id)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
    expect(await licensesOf('?type=desktop')).toHaveLength(4);
    const again = await Promise.all(
      Array.from({ length: 5 }, () =>
        asPerson(bench, 'orderPay', { params: { order: id }, body: {}, headers: { 'idempotency-key': 'paid-twice' } }),
      ),
    );
    expect(again.every(({ status }) => status === 409)).toBe(true);
    expect(await licensesOf('?type=desktop')).toHaveLength(4);
  });

  test('a refund ends new licenses with today, and none renews itself', async () => {
    const id = made(await buy({ type: 'desktop', quantity: 1, companyId: 'north' }));
    expect((await asPerson(bench, 'orderRefund', { params: { order: id }, body: {} })).problem.code).toBe('CONFLICT');
    made(await pay(id));
    made(await asPerson(bench, 'orderRefund', { params: { order: id }, body: { reference: 'credit 12' } }));
    expect(await orderOf(id)).toMatchObject({ status: 'refunded' });
    const [license] = await licensesOf('?company=north&type=desktop');
    expect(license).toMatchObject({ validUntil: '2026-06-17', autoRenew: false, status: 'expires_soon' });
  });

  test('renewal goes on from the last day, or from today where that is over; a refund gives the day back', async () => {
    const license = { profile: 'msp', type: 'server', term: 'subscription', autoRenew: true } as const;
    const live = await newLicense(bench, { ...license, validUntil: '2026-07-31' });
    const past = await newLicense(bench, { ...license, validUntil: '2026-05-31' });
    const asked = { licenses: [live.id, past.id], periods: 2 };
    const dry = await asPerson(bench, 'renewalCreate', { body: { ...asked, dryRun: true } });
    expect(dry.body.decision).toMatchObject({
      reason_rule: 'D-7',
      value: { total: 48_000, currency: 'eur', paymentMode: 'annual', validUntil: '2028-06-16' },
    });
    const id = made(await asPerson(bench, 'renewalCreate', { body: asked }));
    expect((await licensesOf(`?search=${live.id}`))[0]).toMatchObject({ validUntil: '2026-07-31' });
    made(await pay(id));
    const end = async (one: { id: string }) => (await licensesOf(`?search=${one.id}`))[0]!.validUntil;
    expect([await end(live), await end(past)]).toEqual(['2028-07-31', '2028-06-16']);
    made(await asPerson(bench, 'orderRefund', { params: { order: id }, body: {} }));
    expect([await end(live), await end(past)]).toEqual(['2026-07-31', '2026-06-17']);

    const twice = { licenses: [live.id, live.id] };
    expect((await asPerson(bench, 'renewalCreate', { body: twice })).problem).toMatchObject({ path: 'licenses[1]' });
    expect((await asPerson(bench, 'renewalCreate', { body: { licenses: ['none'] } })).problem.code).toBe('NOT_FOUND');
  });

  test('a later renewal stands when an earlier one is refunded', async () => {
    const license = { profile: 'msp', type: 'server', term: 'subscription', validUntil: '2026-07-31' } as const;
    const { id: one } = await newLicense(bench, license);
    const orders = [await renewed(one), await renewed(one)];
    made(await asPerson(bench, 'orderRefund', { params: { order: orders[0]! }, body: {} }));
    expect((await licensesOf(`?search=${one}`))[0]).toMatchObject({ validUntil: '2028-07-31' });
    made(await asPerson(bench, 'orderRefund', { params: { order: orders[1]! }, body: {} }));
    expect((await licensesOf(`?search=${one}`))[0]).toMatchObject({ validUntil: '2026-07-31' });
    // What is paid again stands, though it leads up to the day of one that was given back.
    const [paid, more] = [await renewed(one), await renewed(one)];
    made(await asPerson(bench, 'orderRefund', { params: { order: more }, body: {} }));
    expect((await licensesOf(`?search=${one}`))[0]).toMatchObject({ validUntil: '2027-07-31' });
    expect(await orderOf(paid)).toMatchObject({ status: 'paid' });
  });

  test('a trial is there at once, free, 15 days, once for each type and company', async () => {
    const ask = (body: Partial<RequestOf<'trialRequest'>>) =>
      asPerson(bench, 'trialRequest', { body: { type: 'm365', quantity: 2, ...body } });
    expect((await ask({ quantity: 0 })).problem).toMatchObject({ rule: 'MSP-9', reason: 'QUANTITY' });
    const id = made(await ask({}));
    expect(await orderOf(id)).toMatchObject({ kind: 'trial', status: 'paid', paidBy: 'nothing_due', licenseCount: 2 });
    const trials = await licensesOf('?kind=trial');
    expect(trials.map(({ validUntil, autoRenew }) => [validUntil, autoRenew])).toEqual([
      ['2026-07-01', false],
      ['2026-07-01', false],
    ]);
    expect((await ask({})).problem.code).toBe('CONFLICT');
    expect((await ask({ companyId: 'north' })).status).toBe(200);
    expect((await asPerson(bench, 'renewalCreate', { body: { licenses: [trials[0]!.id] } })).problem.code).toBe(
      'INPUT_INVALID',
    );
  });

  test('without a quantity it is for as many as are missing today', async () => {
    const license = { profile: 'msp', type: 'vm_server', term: 'subscription', companyId: 'north' } as const;
    for (const name of ['short-1', 'short-2']) {
      const { licenseKey } = await newLicense(bench, { ...license, validUntil: '2026-06-20' });
      expect((await (await Agent.on(bench, name)).activate(licenseKey)).status).toBe(200);
    }
    const order = { type: 'vm_server', quantity: undefined, companyId: 'north' } as const;
    expect((await buy(order as never)).problem).toMatchObject({ rule: 'MSP-9', reason: 'QUANTITY' });
    bench.clock = Date.parse('2026-06-21T10:00:00Z');
    const dry = await buy({ ...order, dryRun: true } as never);
    expect(dry.body.decision.value).toMatchObject({ lines: [{ item: 'license:vm_server', quantity: 2 }] });
  });

  test('orders page by page, and by filters', async () => {
    const all = (await asPerson(bench, 'orders', { query: '?limit=500' })).body;
    expect(all.rows.map((row) => row.number)).toEqual(Array.from({ length: all.total }, (_, n) => all.total - n));
    const first = (await asPerson(bench, 'orders', { query: '?limit=3' })).body;
    const second = (await asPerson(bench, 'orders', { query: `?limit=3&after=${first.next}` })).body;
    expect([...first.rows, ...second.rows]).toEqual(all.rows.slice(0, 6));
    const voided = (await asPerson(bench, 'orders', { query: '?status=void' })).body;
    expect(voided.counts).toEqual(all.counts);
    expect([all.counts!['all'], voided.counts!['void']]).toEqual([all.total, voided.total]);
    expect(voided.rows.every((row) => row.status === 'void') && voided.total === voided.rows.length).toBe(true);
    const north = (await asPerson(bench, 'orders', { query: '?company=north&kind=trial' })).body;
    expect(north.rows).toMatchObject([{ companyName: 'North', kind: 'trial' }]);
    expect((await asPerson(bench, 'orders', { query: '?after=x' })).problem.code).toBe('INPUT_INVALID');
  });
});
