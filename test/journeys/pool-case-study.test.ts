import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asPerson, claimsOf, startBench, type Bench } from '../support/authority.js';
import { cals, PoolSite, type BackupServer } from '../support/pool-site.js';
import { engines } from '../support/store-engines.js';

const DAY = 86_400_000;
const STOCK = 'CSV-LMP-OEM';

/** License Management Portal Overview, section 2, step by step, with the servers of the three new partners. */
describe.each(engines)('the case study, on $name', (engine) => {
  let bench: Bench;
  let site: PoolSite;
  const pools = new Map<string, string>();
  const keys = new Map<string, { id: string; licenseKey: string }>();
  const servers = new Map<string, BackupServer>();
  const keyOf = (name: string) => keys.get(name)!;

  beforeAll(async () => {
    bench = await startBench(undefined, { name: 'ServiceProviderCompany', prefix: 'CSV-PoolKey' }, await engine.url());
    site = new PoolSite(bench);
  });
  afterAll(() => bench?.close());

  test('in stock: 100 and 100, purchased, not in use', async () => {
    await site.purchase(STOCK, { freeUpgradeUntil: '2026-12-31' });
    const { licenses, totals } = await site.page();
    expect(licenses).toMatchObject([{ id: STOCK, state: 'poolable', appliedTo: null, cals: cals(100) }]);
    expect(totals.find(({ type }) => type === 'OEM')!.cals).toEqual({});
  });

  test('Add to Pool asks for the name of the license, says that it cannot be undone, and needs nothing further', async () => {
    expect((await site.addToPool(STOCK, {})).problem).toMatchObject({
      rule: 'LMP-3.1',
      reason: 'CONFIRM_IRREVERSIBLE',
    });
    const { body } = await site.addToPool(STOCK);
    expect(body.decision).toMatchObject({ decision: 'allow', reason_rule: 'LMP-1.1' });
    const { licenses, totals } = await site.page();
    expect(licenses).toMatchObject([{ state: 'pooled' }]);
    expect(totals.find(({ type }) => type === 'OEM')).toMatchObject({ cals: cals(100), inPools: {} });
    expect(await site.todos()).toEqual([]);
  });

  test.each(['NewCompany1', 'NewCompany2', 'NewCompany3'])('%s-Pool of the type OEM, with its quota', async (name) => {
    pools.set(name, await site.pool(`${name}-Pool`, cals(20)));
    const row = (await site.page()).pools.find(({ id }) => id === pools.get(name));
    expect(row).toMatchObject({ name: `${name}-Pool`, type: 'OEM', quota: cals(20), keyQuota: {}, keys: 0 });
  });

  test.each([
    ['NewCompany1', 'NewCompany1-LicenseKey1', 10],
    ['NewCompany1', 'NewCompany1-LicenseKey2', 10],
    ['NewCompany2', 'NewCompany2-LicenseKey', 20],
    ['NewCompany3', 'NewCompany3-LicenseKey', 20],
  ])('%s: Pool Key %s', async (pool, name, quota) => {
    const key = await site.key(pools.get(pool)!, name, cals(quota));
    keys.set(name, key);
    expect(await site.keyRow(key.id)).toMatchObject({
      fullName: `CSV-PoolKey-${name}`,
      quota: cals(quota),
      status: 'not_in_use',
      expiryDate: '2026-06-29',
      freeUpgradeUntil: '2026-12-31',
      freeUpgradeFrom: STOCK,
      serverId: null,
      leaseUntil: null,
      renewing: true,
    });
  });

  test('pools and keys add up: 60 of 100 are in pools, and every pool is given out', async () => {
    const { totals, pools: rows } = await site.page();
    expect(totals.find(({ type }) => type === 'OEM')!.inPools).toEqual(cals(60));
    expect(rows.map(({ quota, keyQuota }) => [quota, keyQuota])).toEqual([1, 2, 3].map(() => [cals(20), cals(20)]));
  });

  test('each key is applied to its server, which then is in use with a lease of 14 days', async () => {
    for (const [name, { id, licenseKey }] of keys) {
      const server = await site.server(`cbs-${name}`);
      servers.set(name, server);
      const { body } = await server.apply(licenseKey);
      expect(claimsOf(body.lease).exp).toBe(Math.floor(bench.clock / 1000) + 14 * 86_400);
      expect(await site.keyRow(id)).toMatchObject({
        status: 'in_use',
        serverId: server.agent.instance,
        serverName: `cbs-${name}`,
        leaseUntil: new Date(bench.clock + 14 * DAY).toISOString(),
      });
      expect(await server.row()).toMatchObject({ status: 'valid', coveredBy: id });
    }
  });

  test('a changed quota is in the console at once, and at the server with its daily check', async () => {
    const { id } = keyOf('NewCompany1-LicenseKey1');
    const server = servers.get('NewCompany1-LicenseKey1')!;
    server.used = cals(7);
    expect((await site.setKey(id, cals(11))).problem).toMatchObject({ rule: 'LMP-2.4' });
    expect((await site.setKey(keyOf('NewCompany1-LicenseKey2').id, cals(5))).status).toBe(200);
    expect((await site.setKey(id, cals(15))).body.decision).toMatchObject({ reason_rule: 'LMP-3.10' });
    expect(await site.keyRow(id)).toMatchObject({ quota: cals(15), fetchedQuota: cals(10), used: cals(0) });
    bench.clock = Date.parse('2026-06-16T08:01:00Z');
    const { body } = await server.check();
    const { facts } = claimsOf(body.entitlements!) as unknown as { facts: { keys: object[] } };
    expect(facts.keys).toMatchObject([{ quota: cals(15) }]);
    expect(new Date(body.renewAfter).toISOString()).toMatch(/^2026-06-17T08:/);
    expect(await site.keyRow(id)).toMatchObject({ fetchedQuota: cals(15), used: cals(7) });
    expect((await site.setKey(id, cals(5))).body.decision).toMatchObject({
      decision: 'warn',
      warnings: ['OVER_QUOTA'],
    });
    await site.setKey(id, cals(15));
  });

  test('a lost server: its key is not renewed any more, then taken back, applied anew, deleted', async () => {
    const { id, licenseKey } = keyOf('NewCompany2-LicenseKey');
    const lost = servers.get('NewCompany2-LicenseKey')!;
    const renewing = (on: boolean, dryRun = false) =>
      asPerson(bench, 'poolKeySetRenewing', { params: { key: id }, body: { renewing: on, dryRun } });
    const takeBack = () => asPerson(bench, 'poolKeyDeactivate', { params: { key: id }, body: {} });
    await lost.check();
    const ends = new Date(bench.clock + 14 * DAY).toISOString();
    expect((await takeBack()).problem).toMatchObject({ rule: 'LMP-4.13', reason: 'KEY_LEASE_LIVE' });
    expect((await renewing(false, true)).body.decision).toMatchObject({
      decision: 'warn',
      reason_rule: 'F-12',
      warnings: ['LEASE_ENDS'],
      value: { endsAt: ends },
    });
    expect((await site.keyRow(id)).renewing).toBe(true);
    expect((await renewing(false)).status).toBe(200);
    bench.clock += DAY;
    // It comes by all the same, and its lease ends when it was said to.
    const { body } = await lost.check();
    expect(new Date(claimsOf(body.lease).exp * 1000).toISOString()).toBe(`${ends.slice(0, 19)}.000Z`);
    expect(await site.keyRow(id)).toMatchObject({ renewing: false, leaseUntil: ends, deletableFrom: ends });
    expect((await renewing(true)).body.decision).toMatchObject({ decision: 'allow', reason_rule: 'D-7' });
    await lost.check();
    expect(await site.keyRow(id)).toMatchObject({ leaseUntil: new Date(bench.clock + 14 * DAY).toISOString() });
    expect((await renewing(false)).status).toBe(200);
    bench.clock += 14 * DAY;
    expect((await lost.check()).status).toBe(200);
    expect(await lost.row()).toMatchObject({ status: 'stopped', rule: 'LMP-4.16' });
    expect((await takeBack()).status).toBe(200);
    expect(await site.keyRow(id)).toMatchObject({ status: 'not_in_use', serverId: null, renewing: true });
    const next = await site.server('cbs-next');
    expect((await next.apply(licenseKey)).status).toBe(200);
    // The one that was lost comes back: it holds nothing any more.
    expect((await lost.check()).status).toBe(200);
    expect(await lost.row()).toMatchObject({ status: 'stopped', rule: 'LMP-3.9' });
    expect(await next.row()).toMatchObject({ status: 'valid' });
    await next.deactivate();
    expect((await site.deleteKey(id)).status).toBe(200);
    expect((await site.page()).pools.find(({ name }) => name === 'NewCompany2-Pool')!.keyQuota).toEqual({});
  });

  test('maintenance: told before, read-only after, open again when it is renewed or ordered and paid', async () => {
    const change = () => site.createPool('Later');
    bench.clock = Date.parse('2026-12-10T10:00:00Z');
    const server = servers.get('NewCompany3-LicenseKey')!;
    await server.check();
    expect((await site.page()).signIn).toMatchObject({ decision: 'warn', warnings: ['EXPIRES_SOON'] });
    expect((await site.todos()).find(({ subject }) => subject.type === 'pool_license')).toMatchObject({
      kind: 'expires_soon',
      subject: { id: STOCK },
      until: '2027-01-01T00:00:00.000Z',
    });
    bench.clock = Date.parse('2027-01-01T00:00:00Z');
    expect(await site.page()).toMatchObject({
      lockedBy: STOCK,
      signIn: { decision: 'warn', reason_rule: 'LMP-1.7', warnings: ['READ_ONLY_UNTIL_RENEWED'] },
    });
    expect((await change()).problem).toMatchObject({ rule: 'LMP-1.7', reason: 'PORTAL_LOCKED' });
    await server.check();
    expect(await server.row()).toMatchObject({ status: 'stopped', rule: 'LMP-1.6' });
    expect((await site.renewMaintenance(STOCK, '2026-12-31')).problem).toMatchObject({ reason: 'DATE_NOT_LATER' });

    const prices = [
      { item: 'maintenance:obm', per: 'year', amount: 300 },
      { item: 'maintenance:acb', per: 'year', amount: 200 },
    ] as const;
    await asPerson(bench, 'pricesSet', { body: { currency: 'usd', prices: [...prices] } });
    const order = { params: { license: STOCK }, body: { until: '2027-12-31' } };
    const ordered = await asPerson(bench, 'maintenanceOrder', order);
    expect(ordered.body.decision).toMatchObject({ reason_rule: 'F-11', value: { total: 50_000, currency: 'usd' } });
    expect((await change()).problem).toMatchObject({ reason: 'PORTAL_LOCKED' });
    const paid = await asPerson(bench, 'orderPay', { params: { order: ordered.body.id! }, body: {} });
    expect(paid.status).toBe(200);
    expect(await site.page()).toMatchObject({ lockedBy: null, signIn: { decision: 'allow' } });
    expect((await change()).status).toBe(200);
    // The server goes on by itself with its next check (D-12).
    await server.check();
    expect(await server.row()).toMatchObject({ status: 'valid' });
    const keep = await site.renewMaintenance(STOCK, '2028-12-31');
    expect(keep.body.decision).toMatchObject({ reason_rule: 'F-11', value: { freeUpgradeUntil: '2028-12-31' } });
    expect((await site.keyRow(keyOf('NewCompany3-LicenseKey').id)).freeUpgradeUntil).toBe('2028-12-31');
  });
});

test('the literal switch closes the pools themselves; maintenance opens them again', async () => {
  const literal = await startBench(undefined, { policy: { lmpLockout: 'literal' } });
  const site = new PoolSite(literal);
  await site.purchase('short', { freeUpgradeUntil: '2026-06-20' });
  await site.addToPool('short');
  expect((await site.page()).signIn).toMatchObject({ decision: 'warn', warnings: ['EXPIRES_SOON'] });
  literal.clock += 10 * DAY;
  const shut = await asPerson(literal, 'pools');
  expect(shut.status).toBe(409);
  expect(shut.problem).toMatchObject({ code: 'REFUSED', rule: 'LMP-1.7', reason: 'PORTAL_LOCKED' });
  expect((await asPerson(literal, 'overview')).body.pools).toEqual([]);
  expect((await site.renewMaintenance('short', '2027-06-20')).status).toBe(200);
  expect((await site.page()).lockedBy).toBeNull();
  await literal.close();
});
