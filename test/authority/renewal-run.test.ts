import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { join } from 'node:path';
import type { Message } from '@leasehold/protocol';
import { registry, type AuthorityRegistry } from '../../packages/authority/src/registry.js';
import { openStore, type Store } from '../../packages/authority/src/store/index.js';
import { Agent, asPerson, claimsOf, newLicense, startBench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

const DAY = 86_400_000;
const START = Date.parse('2026-06-15T10:00:00Z');
const SERVER = {
  profile: 'msp',
  type: 'server',
  kind: 'commercial',
  term: 'subscription',
  companyId: null,
  seats: 1,
} as const;

/** The run by itself, as the schedule of each node calls it. */
describe.each(engines)('the daily run, on $name', (engine) => {
  let stores: Store<AuthorityRegistry>[] = [];
  let ids = 0;
  beforeAll(async () => {
    const url = await engine.url();
    // Several nodes on the engine that has them.
    for (let n = 0; n < (engine.name === 'postgres' ? 3 : 1); n += 1) stores.push(await openStore(url, registry));
    const account = { account: 'acme', name: 'Acme', product: 'acme-backup', salt: 's', prefix: null, epoch: 1 };
    await stores[0]!.execute('createAccount', { ...account, timeZone: 'UTC', policy: {} }, START);
    await change('companyCreate', { id: 'north', name: 'North' });
    const prices = [{ item: 'license:server', per: 'month', amount: 1200 }] as const;
    await change('pricesSet', { currency: 'eur', prices: [...prices] });
  });
  afterAll(async () => {
    for (const store of stores) await store.close();
    stores = [];
  });

  const by = {
    account: 'acme',
    actor: 'admin:test',
    scope: null,
    named: [],
    dryRun: false,
    idempotency: null,
    seen: null,
  };
  const change = async (
    name: 'companyCreate' | 'pricesSet' | 'licensesCreate' | 'licenseAutoRenew' | 'orderVoid',
    input: object,
  ) => stores[0]!.execute(name, { by, input } as never, START);
  const run = (at: number) =>
    Promise.all(
      stores.flatMap((store, node) =>
        [1, 2, 3].map(() =>
          store.execute('doTimedWork', { account: 'acme', name: 'licenses.renew', node: `node-${node}` }, at),
        ),
      ),
    );
  const license = async (validUntil: string, more: object = {}): Promise<string> => {
    ids += 1;
    const id = `L${ids}`;
    const licenses = [{ ...SERVER, id, validUntil, autoRenew: true, keyHash: `hash ${id}`, ...more }];
    await change('licensesCreate', { licenses });
    return id;
  };
  const endOf = async (id: string): Promise<string | null> => {
    const filters = { company: null, kind: null, validity: null, usage: null, autoRenew: null, type: null, sort: null };
    const kind = id === 'L7' ? 'trial' : null;
    const page = { account: 'acme', scope: null, after: null, limit: 500, now: START };
    const ask = { ...page, ...filters, kind, search: id } as never;
    return (await stores[0]!.read('licenses', ask)).rows.find((row) => row.id === id)!.validUntil;
  };
  const orders = async (): Promise<Message<'OrderRow'>[]> => {
    const ask = { account: 'acme', scope: null, after: null, limit: 100, status: null, company: null, kind: null };
    return (await stores[0]!.read('orders', ask)).rows;
  };

  test('renews what ends soon or ended while nobody looked, once, with one order for each company', async () => {
    const soon = await license('2026-06-17');
    const today = await license('2026-06-15', { companyId: 'north' });
    const missed = await license('2026-06-05');
    const later = await license('2026-06-20');
    const long = await license('2026-05-01');
    const once = await license('2026-06-16', { autoRenew: false });
    const trial = await license('2026-06-16', { kind: 'trial' });
    await run(START);
    expect(await Promise.all([soon, today, missed, later, long, once, trial].map(endOf))).toEqual([
      '2026-07-17',
      '2026-07-15',
      '2026-07-14',
      '2026-06-20',
      '2026-05-01',
      '2026-06-16',
      '2026-06-16',
    ]);
    const made = await orders();
    expect(made).toHaveLength(2);
    expect(made.find((order) => order.companyId === 'north')).toMatchObject({
      kind: 'renewal',
      automatic: true,
      status: 'open',
      total: 1200,
      paymentMode: 'monthly',
      licenses: [today],
      fulfilledAt: new Date(START).toISOString(),
    });
    expect(made.find((order) => order.companyId === null)).toMatchObject({ total: 2400, licenseCount: 2 });
  });

  test('the next runs of that day and the day after renew nothing twice', async () => {
    const before = await orders();
    await run(START + 3_600_000);
    expect(await orders()).toEqual(before);
    await run(START + DAY);
    expect(await orders()).toEqual(before);
  });

  test('a voided renewal gives the day back, and the license renews itself no more', async () => {
    const id = await license('2026-06-18');
    await run(START + 2 * DAY);
    expect(await endOf(id)).toBe('2026-07-18');
    const [order] = await orders();
    await change('orderVoid', { order: order!.id });
    expect(await endOf(id)).toBe('2026-06-18');
    await run(START + 3 * DAY);
    expect(await endOf(id)).toBe('2026-06-18');
  });

  test('hundreds at once: each once', async () => {
    const many = Array.from({ length: 250 }, (_, n) => ({
      ...SERVER,
      id: `many-${n}`,
      validUntil: '2026-06-19',
      autoRenew: true,
      keyHash: `hash many ${n}`,
    }));
    await change('licensesCreate', { licenses: many });
    const at = START + 4 * DAY;
    let more = [true];
    while (more.includes(true)) more = (await run(at)).map(({ outcome }) => outcome);
    const renewed = (await orders()).filter((order) => order.createdAt === new Date(at).toISOString());
    expect(renewed.reduce((sum, order) => sum + order.licenseCount, 0)).toBe(250);
    expect(new Set([await endOf('many-0'), await endOf('many-249')])).toEqual(new Set(['2026-07-19']));
  });

  test('a renewal that was voided by mistake is made again, and holds up no other', async () => {
    const id = await license('2026-06-22');
    await run(START + 5 * DAY);
    const [order] = await orders();
    await change('orderVoid', { order: order!.id });
    await change('licenseAutoRenew', { license: id, autoRenew: true });
    const other = await license('2026-06-23', { companyId: 'north' });
    await run(START + 6 * DAY);
    expect(await Promise.all([id, other].map(endOf))).toEqual(['2026-07-22', '2026-07-23']);
  });

  test('what ended while the authority was away for weeks is renewed when it is back; what had ended before is not', async () => {
    const away = START + 60 * DAY;
    const ended = await license('2026-07-01');
    const later = await license('2026-06-14', { autoRenew: false });
    const longGone = await license('2026-05-02');
    await run(away);
    expect(await Promise.all([ended, later, longGone].map(endOf))).toEqual(['2026-09-13', '2026-06-14', '2026-05-02']);
    await run(away + DAY);
    expect(await endOf(ended)).toBe('2026-09-13');
  });
});

test('a running authority renews by itself, and the computer’s row says so', async () => {
  const bench = await startBench(START);
  const { id } = await newLicense(bench, {
    ...SERVER,
    validUntil: '2026-06-30',
    autoRenew: true,
  });
  bench.clock = Date.parse('2026-06-29T10:00:00Z');
  await expect
    .poll(async () => (await asPerson(bench, 'licenses', { query: `?search=${id}` })).body.rows[0]!.validUntil, {
      timeout: 20_000,
    })
    .toBe('2026-07-31');
  const { rows } = (await asPerson(bench, 'orders')).body;
  expect(rows).toMatchObject([{ kind: 'renewal', automatic: true, licenses: [id] }]);
  await bench.close();
});

test('for its machine a license that renews itself goes on as long as the lease: its day may come while nobody is reached', async () => {
  const bench = await startBench(START, {}, undefined, { timedWorkSeconds: 3600 });
  const sold = { ...SERVER, validUntil: '2026-06-25' };
  const day = (token: string): unknown => {
    const { licenses } = claimsOf(token)['facts'] as { licenses: readonly { readonly validUntil: string }[] };
    return licenses[0]?.validUntil;
  };
  const auto = await newLicense(bench, { ...sold, autoRenew: true });
  const agent = await Agent.on(bench, 'srv');
  expect(day((await agent.activate(auto.licenseKey)).body.entitlements!)).toBe('2026-07-25');
  const once = await newLicense(bench, { ...sold, autoRenew: false });
  const other = await Agent.on(bench, 'other');
  expect(day((await other.activate(once.licenseKey)).body.entitlements!)).toBe('2026-06-25');
  // The renewal itself changes nothing for the machine.
  const shown = async () =>
    (await asPerson(bench, 'licenses', { query: `?search=${auto.id}` })).body.rows[0]!.validUntil;
  expect(await shown()).toBe('2026-06-25');
  bench.clock = Date.parse('2026-06-24T10:00:00Z');
  await bench.authority.close();
  const store = await openStore(`sqlite:${join(bench.folder, 'authority.db')}`, registry);
  await store.execute('doTimedWork', { account: 'acme', name: 'licenses.renew', node: 'one' }, bench.clock);
  await store.close();
  await bench.restart();
  expect(await shown()).toBe('2026-07-25');
  expect((await agent.checkIn()).body.entitlements).toBeUndefined();
  // It ended, and nobody renews it any more.
  bench.clock = Date.parse('2026-06-26T10:00:00Z');
  expect(day((await other.checkIn({ entitlementsDigest: null })).body.entitlements!)).toBe('2026-06-25');
  await bench.close();
});
