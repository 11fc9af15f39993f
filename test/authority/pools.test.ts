import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guards, type RequestOf } from '@leasehold/protocol';
import { Agent, asDevice, asPerson, claimsOf, nonce, startBench, type Bench } from '../support/authority.js';
import { PoolSite } from '../support/pool-site.js';
import { engines } from '../support/store-engines.js';

const DAY = 86_400_000;

describe.each(engines)('on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
  });
  afterAll(() => bench?.close());

  const cals = (obm: number, acb = obm) => ({ obm, acb });

  function poolLicense(id: string, more: Partial<RequestOf<'poolLicensesCreate'>['licenses'][number]> = {}) {
    const row = {
      id,
      type: 'OEM',
      purchase: 'purchased',
      cals: cals(100),
      freeUpgradeUntil: '2027-06-30',
      ...more,
    } as const;
    return asPerson(bench, 'poolLicensesCreate', { body: { licenses: [row] } });
  }
  const convert = (license: string, body: RequestOf<'poolConvert'> = { confirmName: license }) =>
    asPerson(bench, 'poolConvert', { params: { license }, body });
  const createPool = (name: string, type = 'OEM') => asPerson(bench, 'poolCreate', { body: { name, type } });
  const setPool = (pool: string, quota: Record<string, number>, dryRun = false) =>
    asPerson(bench, 'poolSetQuota', { params: { pool }, body: { quota, dryRun } });
  const createKey = (pool: string, licenseeName: string, quota: Record<string, number>) =>
    asPerson(bench, 'poolKeyCreate', { params: { pool }, body: { licenseeName, quota } });
  const setKey = (key: string, quota: Record<string, number>) =>
    asPerson(bench, 'poolKeySetQuota', { params: { key }, body: { quota } });
  const deleteKey = (key: string) => asPerson(bench, 'poolKeyDelete', { params: { key } });

  describe('the case study of License Management Portal Overview', () => {
    const pools: Record<string, string> = {};
    const keys: Record<string, { id: string; licenseKey: string }> = {};

    test('100 OBM and 100 ACB are converted, with confirmation and for good', async () => {
      await poolLicense('Ahsay-CSV-LMP-OEM');
      expect((await convert('Ahsay-CSV-LMP-OEM', {})).problem).toMatchObject({
        code: 'REFUSED',
        reason: 'CONFIRM_IRREVERSIBLE',
      });
      expect((await convert('Ahsay-CSV-LMP-OEM', { confirmName: 'another name' })).problem.reason).toBe(
        'CONFIRM_IRREVERSIBLE',
      );
      const dry = await convert('Ahsay-CSV-LMP-OEM', { confirmName: 'Ahsay-CSV-LMP-OEM', dryRun: true });
      expect(dry.body).toMatchObject({ dryRun: true, decision: { decision: 'allow' } });
      expect((await asPerson(bench, 'pools')).body.licenses).toMatchObject([{ state: 'poolable' }]);
      expect((await convert('Ahsay-CSV-LMP-OEM')).status).toBe(200);
      expect((await convert('Ahsay-CSV-LMP-OEM')).problem).toMatchObject({ reason: 'IRREVERSIBLE', rule: 'LMP-4.6' });
      const { body } = await asPerson(bench, 'pools');
      expect(body.totals.find(({ type }) => type === 'OEM')).toMatchObject({
        cals: cals(100),
        freeUpgradeUntil: '2027-06-30',
      });
    });

    test('metered licenses are not poolable, and neither is one whose date is past', async () => {
      await poolLicense('metered', { purchase: 'metered', type: 'Standard' });
      expect((await convert('metered')).problem.reason).toBe('METERED_NOT_POOLABLE');
      await poolLicense('past', { freeUpgradeUntil: '2026-06-01', type: 'Standard' });
      expect((await convert('past')).problem).toMatchObject({ rule: 'LMP-1.5', reason: 'MAINTENANCE_EXPIRED' });
    });

    test('three pools share the total, and no more than it', async () => {
      for (const name of ['NewCompany1-Pool', 'NewCompany2-Pool', 'NewCompany3-Pool']) {
        const { status, body } = await createPool(name);
        expect(status).toBe(200);
        pools[name] = body.id!;
      }
      for (const pool of Object.values(pools).slice(0, 2)) expect((await setPool(pool, cals(20))).status).toBe(200);
      const third = pools['NewCompany3-Pool']!;
      const over = await setPool(third, cals(61, 0), true);
      expect(over.problem).toMatchObject({ code: 'REFUSED', rule: 'LMP-2.3', reason: 'POOL_QUOTA_EXCEEDS_TOTAL' });
      expect((await setPool(third, cals(60))).status).toBe(200);
      expect((await createPool('')).problem).toMatchObject({ rule: 'LMP-3.3', reason: 'POOL_NAME_AND_TYPE' });
      expect((await createPool('NewCompany1-Pool')).problem.code).toBe('CONFLICT');
    });

    test('four keys draw from their pools', async () => {
      const pool = pools['NewCompany1-Pool']!;
      for (const [name, quota] of [
        ['NewCompany1', 10],
        ['NewCompany2', 10],
      ] as const) {
        const { body } = await createKey(pool, name, cals(quota));
        keys[name] = { id: body.id!, licenseKey: body.licenseKey! };
      }
      expect((await createKey(pool, 'TooMuch', cals(1))).problem).toMatchObject({ reason: 'KEY_QUOTA_EXCEEDS_POOL' });
      expect((await createKey(pool, 'not a name!', cals(0))).problem).toMatchObject({
        reason: 'LICENSEE_NAME',
        rule: 'LMP-4.15',
      });
      expect((await createKey('none', 'NoPool', cals(1))).problem).toMatchObject({
        reason: 'NO_POOL',
        rule: 'LMP-1.4',
      });
      const { body } = await asPerson(bench, 'pools');
      expect(guards.isPoolsReply(body)).toBe(true);
      expect(body.keys[0]).toMatchObject({
        fullName: 'Acme-PoolKey-NewCompany1',
        status: 'not_in_use',
        expiryDate: '2026-06-29',
        freeUpgradeUntil: '2027-06-30',
        freeUpgradeFrom: 'Ahsay-CSV-LMP-OEM',
      });
      expect(body.pools.find(({ id }) => id === pool)).toMatchObject({ keyQuota: cals(20), keys: 2 });
    });

    test('a key is applied to one server; quota changes reach it with its check', async () => {
      const server = { version: '8.5.0', used: cals(3), utcOffsetMinutes: 480 };
      const cbs1 = await Agent.on(bench, 'cbs1');
      const key = keys['NewCompany1']!;
      const applied = await cbs1.activate(key.licenseKey, { server });
      expect(applied.status).toBe(200);
      const lease = claimsOf(applied.body.lease);
      expect(lease.exp - lease.iat).toBe(14 * 86_400);
      const entitled = claimsOf(applied.body.entitlements!) as unknown as { self: unknown; facts: { keys: object[] } };
      expect(entitled.self).toEqual({ kind: 'server', id: cbs1.instance });
      expect(entitled.facts.keys).toMatchObject([{ id: key.id, quota: cals(10), status: 'in_use' }]);

      const cbs2 = await Agent.on(bench, 'cbs2');
      expect((await cbs2.activate(key.licenseKey, { server })).problem).toMatchObject({
        rule: 'LMP-P1',
        reason: 'KEY_IN_USE',
      });
      const old = await Agent.on(bench, 'cbs-old');
      const tooOld = await old.activate(keys['NewCompany2']!.licenseKey, { server: { ...server, version: '6.29' } });
      expect(tooOld.problem).toMatchObject({ reason: 'SERVER_TOO_OLD' });

      bench.clock += DAY;
      const below = await setKey(key.id, cals(2));
      expect(below.body.decision).toMatchObject({ decision: 'warn', warnings: ['OVER_QUOTA'] });
      const row = async () => (await asPerson(bench, 'pools')).body.keys.find(({ id }) => id === key.id)!;
      expect(await row()).toMatchObject({ quota: cals(2), fetchedQuota: cals(10), used: cals(3), serverName: 'cbs1' });
      const checked = await cbs1.checkIn({ server: { ...server, used: cals(2) } });
      expect(checked.body.entitlements).toBeDefined();
      expect(await row()).toMatchObject({
        fetchedQuota: cals(2),
        used: cals(2),
        lastCheckAt: new Date(bench.clock).toISOString(),
      });
      // 08:01 on the server's own clock, eight hours ahead of UTC (LMP-3.11).
      expect(new Date(checked.body.renewAfter).getUTCHours()).toBe(0);

      expect((await deleteKey(key.id)).problem).toMatchObject({ rule: 'LMP-4.13' });
      expect((await row()).deletableFrom).toBe(new Date(bench.clock + 14 * DAY).toISOString());
      await asDevice(bench, cbs1.signer, 'deactivate', {
        instance: cbs1.instance,
        chain: { parent: cbs1.parent, nonce: nonce() },
      });
      expect((await deleteKey(key.id)).status).toBe(200);
      expect((await cbs1.activate(key.licenseKey, { server })).problem.code).toBe('LICENSE_KEY_UNKNOWN');
    });

    test('a lease never outlives the Free Upgrade Until that the key inherits', async () => {
      await poolLicense('soon', { freeUpgradeUntil: '2026-06-20' });
      const lowered = await convert('soon');
      expect(lowered.body.decision.warnings).toContain('LOWERS_FREE_UPGRADE_UNTIL');
      const cbs = await Agent.on(bench, 'cbs-last');
      const server = { version: '8.5.0', used: cals(0), utcOffsetMinutes: 0 };
      const { body } = await cbs.activate(keys['NewCompany2']!.licenseKey, { server });
      expect(new Date(claimsOf(body.lease).exp * 1000).toISOString()).toBe('2026-06-21T00:00:00.000Z');
      bench.clock = Date.parse('2026-06-22T10:00:00Z');
      expect((await createPool('Locked')).problem).toMatchObject({ rule: 'LMP-1.7', reason: 'PORTAL_LOCKED' });
      expect((await asPerson(bench, 'pools')).body.lockedBy).toBe('soon');
      expect((await cbs.checkIn({ server })).status).toBe(200);
      const machines = await asPerson(bench, 'machines', { query: `?search=${cbs.instance}` });
      expect(machines.body.rows[0]).toMatchObject({ status: 'stopped', rule: 'LMP-1.6' });
    });
  });

  test('the Expiry Date of a key is counted in days of the account (LMP-4.16)', async () => {
    const evening = Date.parse('2026-06-15T20:00:00Z');
    const tokyo = await startBench(evening, { timeZone: 'Asia/Tokyo' }, await engine.url());
    try {
      const site = new PoolSite(tokyo);
      await site.purchase('OEM-1');
      await site.addToPool('OEM-1');
      const { id } = await site.key(await site.pool('North', cals(5)), 'Server1', cals(1));
      expect((await site.keyRow(id)).expiryDate).toBe('2026-06-30');
    } finally {
      await tokyo.close();
    }
  });

  test('pool quotas set at once never exceed the total', async () => {
    const race = await startBench(undefined, {}, await engine.url());
    try {
      const license = {
        id: 'L',
        type: 'OEM',
        purchase: 'purchased',
        cals: { obm: 100 },
        freeUpgradeUntil: '2027-06-30',
      } as const;
      await asPerson(race, 'poolLicensesCreate', { body: { licenses: [license] } });
      await asPerson(race, 'poolConvert', { params: { license: 'L' }, body: { confirmName: 'L' } });
      const made = await Promise.all(
        Array.from({ length: 10 }, (_, n) => asPerson(race, 'poolCreate', { body: { name: `P${n}`, type: 'OEM' } })),
      );
      const results = await Promise.all(
        made.map(({ body }) =>
          asPerson(race, 'poolSetQuota', { params: { pool: body.id! }, body: { quota: { obm: 15 } } }),
        ),
      );
      expect(results.filter(({ status }) => status === 200)).toHaveLength(6);
      const { body } = await asPerson(race, 'pools');
      expect(body.totals.find(({ type }) => type === 'OEM')!.inPools).toEqual({ obm: 90 });
    } finally {
      await race.close();
    }
  });
});
