import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Message, RequestOf } from '@leasehold/protocol';
import { Agent, asPerson, newLicense, startBench, type Answer, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

const DAY = 86_400_000;

describe.each(engines)('buying licenses of machines and pools on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(undefined, { timeZone: 'Europe/Berlin' }, await engine.url());
    const prices = [
      { item: 'machine:virtual', per: 'once', amount: 90_000 },
      { item: 'machine:server', per: 'year', amount: 30_000 },
      { item: 'pool:OEM:obm', per: 'once', amount: 100 },
      { item: 'maintenance:obm', per: 'year', amount: 20 },
    ] as const;
    await asPerson(bench, 'pricesSet', { body: { currency: 'eur', prices: [...prices] } });
  });
  afterAll(() => bench?.close());

  const buy = (order: RequestOf<'orderCreate'>) => asPerson(bench, 'orderCreate', { body: order });
  const orderOf = async (id: string): Promise<Message<'OrderRow'>> =>
    (await asPerson(bench, 'order', { params: { order: id } })).body;
  const made = (answer: Answer<{ id?: string }>): string => {
    expect({ status: answer.status, problem: answer.problem?.code }).toEqual({ status: 200, problem: undefined });
    return answer.body.id!;
  };
  const bought = async (order: RequestOf<'orderCreate'>): Promise<string> => {
    const id = made(await buy(order));
    made(await asPerson(bench, 'orderPay', { params: { order: id }, body: {} }));
    return id;
  };
  const refund = (order: string) => asPerson(bench, 'orderRefund', { params: { order }, body: {} });
  const licensesOf = async (order: string, more = '') =>
    (await asPerson(bench, 'licenses', { query: `?search=${order.replace('ord_', 'lic_')}${more}` })).body.rows;
  const poolLicenses = async () => (await asPerson(bench, 'pools')).body.licenses;
  const activated = async (license: string, name: string): Promise<Agent> => {
    const { body } = await asPerson(bench, 'licenseKeysIssue', { body: { licenses: [license] } });
    const agent = await Agent.on(bench, name);
    expect((await agent.activate(body.licenses[0]!.licenseKey)).status).toBe(200);
    return agent;
  };
  const statusOf = async (agent: Agent) =>
    (await asPerson(bench, 'machine', { params: { machine: agent.instance } })).body.machine.status;

  test.each<[string, RequestOf<'orderCreate'>, object]>([
    ['no term', { profile: 'aip', type: 'server' }, { code: 'INPUT_INVALID', path: 'term' }],
    ['no edition', { profile: 'aip', type: 'sever', term: 'perpetual' }, { code: 'INPUT_INVALID', path: 'type' }],
    ['a term of instances', { type: 'server', term: 'perpetual' }, { code: 'INPUT_INVALID', path: 'term' }],
    ['CALs of instances', { type: 'server', cals: { obm: 1 } }, { code: 'INPUT_INVALID', path: 'cals' }],
    ['no CALs', { profile: 'lmp', type: 'OEM', cals: { obm: 0 } }, { code: 'INPUT_INVALID', path: 'cals' }],
    ['no type of pools', { profile: 'lmp', type: 'oem', cals: { obm: 1 } }, { code: 'INPUT_INVALID', path: 'type' }],
    [
      'a company of pools',
      { profile: 'lmp', type: 'OEM', cals: { obm: 1 }, companyId: 'north' },
      { code: 'INPUT_INVALID', path: 'companyId' },
    ],
    [
      'a mode where it is paid once',
      { profile: 'aip', type: 'server', term: 'perpetual', paymentMode: 'monthly' },
      { code: 'INPUT_INVALID', path: 'paymentMode' },
    ],
    [
      'machines that would renew by themselves',
      { profile: 'aip', type: 'server', term: 'subscription', autoRenew: true },
      { code: 'INPUT_INVALID', path: 'autoRenew' },
    ],
    [
      'pools that would renew by themselves',
      { profile: 'lmp', type: 'OEM', cals: { obm: 1 }, autoRenew: true },
      { code: 'INPUT_INVALID', path: 'autoRenew' },
    ],
    [
      'a quantity of none',
      { profile: 'aip', type: 'server', term: 'perpetual', quantity: 0 },
      { code: 'REFUSED', rule: 'MSP-9', reason: 'QUANTITY' },
    ],
    [
      'an add-on that is not sold',
      { profile: 'lmp', type: 'OEM', cals: { obm: 1 }, addOns: ['gold'] },
      { code: 'REFUSED', rule: 'MSP-9', reason: 'ADD_ON' },
    ],
    [
      'a first subscription with no mode',
      { profile: 'aip', type: 'server', term: 'subscription' },
      { code: 'REFUSED', rule: 'MSP-11', reason: 'PAYMENT_MODE_REQUIRED' },
    ],
  ])('what is refused: %s', async (_what, order, problem) => {
    expect((await buy(order)).problem).toMatchObject(problem);
    expect((await asPerson(bench, 'orders')).body.total).toBe(0);
  });

  test('perpetual licenses are paid once, never end, choose no payment mode, and cover', async () => {
    const order = { profile: 'aip', type: 'server', term: 'perpetual', quantity: 2 } as const;
    const dry = await buy({ profile: 'aip', type: 'virtual', term: 'perpetual', quantity: 2, dryRun: true });
    expect(dry.body.decision.value).toMatchObject({ total: 180_000, paymentMode: null, validUntil: null });
    const id = await bought(order);
    const rows = await licensesOf(id);
    const one = {
      profile: 'aip',
      type: 'server',
      term: 'perpetual',
      validUntil: null,
      transaction: id,
      used: 0,
      quota: 1,
    };
    expect(rows).toMatchObject([one, one]);
    const agent = await activated(rows[0]!.id, 'bought');
    expect(await statusOf(agent)).toBe('valid');
    expect((await buy({ profile: 'aip', type: 'server', term: 'subscription' })).problem).toMatchObject({
      reason: 'PAYMENT_MODE_REQUIRED',
    });
  });

  test('subscriptions of machines fix the payment mode, are renewed, and a refund gives the day back', async () => {
    const id = await bought({ profile: 'aip', type: 'server', term: 'subscription', paymentMode: 'annual' });
    const [license] = await licensesOf(id);
    expect(license).toMatchObject({ term: 'subscription', validUntil: '2027-06-14' });
    expect((await buy({ type: 'server', quantity: 1, paymentMode: 'monthly' })).problem).toMatchObject({
      reason: 'PAYMENT_MODE_FIXED',
    });
    const renewal = made(await asPerson(bench, 'renewalCreate', { body: { licenses: [license!.id] } }));
    expect(await orderOf(renewal)).toMatchObject({ kind: 'renewal', total: 30_000, licenses: [license!.id] });
    made(await asPerson(bench, 'orderPay', { params: { order: renewal }, body: {} }));
    expect((await licensesOf(id))[0]!.validUntil).toBe('2028-06-14');
    made(await refund(renewal));
    expect((await licensesOf(id))[0]!.validUntil).toBe('2027-06-14');
    const [perpetual] = await licensesOf(await bought({ profile: 'aip', type: 'cloud', term: 'perpetual' }));
    expect((await asPerson(bench, 'renewalCreate', { body: { licenses: [perpetual!.id] } })).problem).toMatchObject({
      code: 'INPUT_INVALID',
      path: 'licenses[0]',
    });
  });

  test('poolable licenses: client access licenses once, maintenance by the year; pooled and given on', async () => {
    const order = { profile: 'lmp', type: 'OEM', cals: { obm: 100 }, quantity: 2, periods: 3 } as const;
    const dry = await buy({ ...order, dryRun: true });
    expect(dry.body.decision.value).toMatchObject({
      lines: [
        { item: 'pool:OEM:obm', quantity: 200, periods: 1, amount: 20_000 },
        { item: 'maintenance:obm', quantity: 200, periods: 3, amount: 12_000 },
      ],
      total: 32_000,
      paymentMode: null,
      freeUpgradeUntil: '2029-06-14',
    });
    const id = made(await buy(order));
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => asPerson(bench, 'orderPay', { params: { order: id }, body: {} })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const license = { type: 'OEM', purchase: 'purchased', state: 'poolable', cals: { obm: 100 } };
    expect(await poolLicenses()).toMatchObject([license, license]);
    const [first, second] = (await orderOf(id)).licenses;
    const convert = await asPerson(bench, 'poolConvert', {
      params: { license: first! },
      body: { confirmName: first! },
    });
    expect(convert.status).toBe(200);

    // What is pooled stays pooled (LMP-4.6): a person settles the refund.
    made(await refund(id));
    expect(await orderOf(id)).toMatchObject({ status: 'refunded', attention: 'not_taken_back' });
    const left = await poolLicenses();
    expect(left).toMatchObject([{ id: first, state: 'pooled' }]);
    expect(left.map((row) => row.id)).not.toContain(second);
  });

  test('a subscription that was given back and is paid for again is one again: a rental has no grace (D-3)', async () => {
    const id = await bought({ profile: 'aip', type: 'server', term: 'subscription' });
    const [license] = await licensesOf(id);
    made(await refund(id));
    expect(await licensesOf(id)).toMatchObject([{ term: 'rental', validUntil: '2026-06-15' }]);
    const renewal = made(await asPerson(bench, 'renewalCreate', { body: { licenses: [license!.id] } }));
    made(await asPerson(bench, 'orderPay', { params: { order: renewal }, body: {} }));
    expect(await licensesOf(id)).toMatchObject([{ term: 'subscription', validUntil: '2027-06-15' }]);
    made(await refund(renewal));
    expect(await licensesOf(id)).toMatchObject([{ term: 'rental', validUntil: '2026-06-15' }]);
  });

  test('maintenance of a poolable license that was given back is not paid for any more', async () => {
    const id = await bought({ profile: 'lmp', type: 'OEM', cals: { obm: 10 } });
    const [license] = (await orderOf(id)).licenses;
    const order = { params: { license: license! }, body: { until: '2028-06-14' } };
    const maintenance = made(await asPerson(bench, 'maintenanceOrder', order));
    made(await refund(id));
    expect(await orderOf(id)).toMatchObject({ status: 'refunded', attention: null });
    expect((await asPerson(bench, 'orderPay', { params: { order: maintenance }, body: {} })).problem).toMatchObject({
      code: 'CONFLICT',
    });
    expect(await orderOf(maintenance)).toMatchObject({ status: 'void' });
    const { rows } = (await asPerson(bench, 'journal', { query: '?limit=100' })).body;
    expect(rows.findLast(({ type }) => type === 'order.refunded')!.payload).toContain(maintenance);
  });

  test('a trial of an edition is there at once, once', async () => {
    const ask = () => asPerson(bench, 'trialRequest', { body: { profile: 'aip', type: 'virtual', quantity: 1 } });
    const id = made(await ask());
    expect(await licensesOf(id, '&kind=trial')).toMatchObject([
      { profile: 'aip', kind: 'trial', validUntil: '2026-06-29' },
    ]);
    expect((await ask()).problem.code).toBe('CONFLICT');
    // The edition `server` and the type `server` are two things.
    const body = { type: 'virtual', quantity: 1 };
    made(await asPerson(bench, 'trialRequest', { body }));
  });

  test('a refund ends perpetual licenses with today, not before', async () => {
    const id = await bought({ profile: 'aip', type: 'server', term: 'perpetual', quantity: 2 });
    const agent = await activated((await licensesOf(id))[0]!.id, 'refunded');
    made(await refund(id));
    expect((await licensesOf(id)).map(({ validUntil }) => validUntil)).toEqual(['2026-06-15', '2026-06-15']);
    expect(await statusOf(agent)).not.toBe('stopped');
    bench.clock += DAY;
    expect((await agent.checkIn()).status).toBe(200);
    expect(await statusOf(agent)).toBe('stopped');
  });

  test('what is given back ends with today, whatever grace its term has, and a trial stays one', async () => {
    const graces = await startBench(undefined, { timeZone: 'Europe/Berlin' }, await engine.url());
    await asPerson(graces, 'policySet', { body: { policy: { graceDays: { trial: 10, rental: 20 } } } });
    const prices = [{ item: 'machine:server', per: 'once', amount: 100 }] as const;
    await asPerson(graces, 'pricesSet', { body: { currency: 'eur', prices: [...prices] } });
    const goods = { profile: 'aip', type: 'server', quantity: 1 } as const;
    const trial = made(await asPerson(graces, 'trialRequest', { body: goods }));
    const paid = made(await asPerson(graces, 'orderCreate', { body: { ...goods, term: 'perpetual' } }));
    made(await asPerson(graces, 'orderPay', { params: { order: paid }, body: {} }));
    const given: Agent[] = [];
    for (const [kind, order] of Object.entries({ trial, commercial: paid })) {
      const [license] = (await asPerson(graces, 'licenses', { query: `?kind=${kind}` })).body.rows;
      const { body } = await asPerson(graces, 'licenseKeysIssue', { body: { licenses: [license!.id] } });
      const agent = await Agent.on(graces, kind);
      expect((await agent.activate(body.licenses[0]!.licenseKey)).status).toBe(200);
      made(await asPerson(graces, 'orderRefund', { params: { order }, body: {} }));
      expect((await asPerson(graces, 'licenses', { query: `?kind=${kind}` })).body.rows).toMatchObject([
        { id: license!.id },
      ]);
      given.push(agent);
    }
    const states = async () => {
      for (const agent of given) await agent.checkIn();
      return (await asPerson(graces, 'machines')).body.rows.map(({ status }) => status);
    };
    expect(await states()).not.toContain('stopped');
    graces.clock += DAY;
    expect(await states()).toEqual(['stopped', 'stopped']);
    await graces.close();
  });

  test('a refund of a renewal begins no other grace: it ends with today where that was over, else when it would have (D-3)', async () => {
    const ended = (validUntil: string) => newLicense(bench, { term: 'subscription', validUntil });
    const [long, short] = [await ended('2026-06-20'), await ended('2026-08-01')];
    const agents = [await Agent.on(bench, 'long over'), await Agent.on(bench, 'in its grace')] as const;
    for (const [index, license] of [long, short].entries()) await agents[index]!.activate(license.licenseKey);
    bench.clock = Date.parse('2026-08-20T10:00:00Z');
    for (const agent of agents) await agent.checkIn();
    expect([await statusOf(agents[0]), await statusOf(agents[1])]).toEqual(['stopped', 'grace']);
    const renewal = made(await asPerson(bench, 'renewalCreate', { body: { licenses: [long.id, short.id] } }));
    made(await asPerson(bench, 'orderPay', { params: { order: renewal }, body: {} }));
    expect([await statusOf(agents[0]), await statusOf(agents[1])]).not.toContain('stopped');
    made(await refund(renewal));
    expect([await statusOf(agents[0]), await statusOf(agents[1])]).toEqual(['grace', 'grace']);
    bench.clock += DAY;
    for (const agent of agents) await agent.checkIn();
    expect([await statusOf(agents[0]), await statusOf(agents[1])]).toEqual(['stopped', 'grace']);
    bench.clock = Date.parse('2026-09-01T10:00:00Z');
    await agents[1].checkIn();
    expect(await statusOf(agents[1])).toBe('stopped');
  });

  test('a refund of what has ended by itself gives it no further day', async () => {
    const body = { name: 'for years', role: 'owner', validDays: 3000 } as const;
    Object.assign(bench, { ownerToken: (await asPerson(bench, 'tokenCreate', { body })).body.token });
    const yearly = { type: 'server', quantity: 1, paymentMode: 'annual' } as const;
    const orders = [await bought(yearly), await bought({ ...yearly, profile: 'aip', term: 'subscription' })];
    const plain = { type: 'OEM', purchase: 'purchased', cals: { obm: 1 }, freeUpgradeUntil: '2026-09-30' } as const;
    await asPerson(bench, 'poolLicensesCreate', { body: { licenses: [{ id: 'ended', ...plain }] } });
    const maintained = { params: { license: 'ended' }, body: { until: '2027-08-31' } };
    const maintenance = made(await asPerson(bench, 'maintenanceOrder', maintained));
    made(await asPerson(bench, 'orderPay', { params: { order: maintenance }, body: {} }));
    const ends = async () => [
      ...(await Promise.all(orders.map(async (id) => (await licensesOf(id))[0]!.validUntil))),
      (await poolLicenses()).find(({ id }) => id === 'ended')!.freeUpgradeUntil,
    ];
    const paid = await ends();
    bench.clock += 410 * DAY;
    for (const id of [...orders, maintenance]) made(await refund(id));
    expect(await ends()).toEqual(paid);
  });
});
