import { expect, test } from 'vitest';
import { claimsOf } from '../support/authority.js';
import { cals } from '../support/pool-site.js';
import { askAll, expectNumbers, type Question } from '../support/pool-questions.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** What the rows leave for each other. */
interface Shared {
  pool: string;
  inUse: string;
}

/** Questions of pools and their keys; those of licenses and their conversion stand in pools-faq.test.ts. */
const FAQ: readonly Question<Shared>[] = [
  {
    number: '4.10',
    question: 'Is there a limit to the number of License Pools?',
    async answer(site) {
      const before = (await site.page()).pools.length;
      for (let n = 0; n < 12; n += 1) expect((await site.createPool(`Many-${n}`)).status).toBe(200);
      expect((await site.page()).pools).toHaveLength(before + 12);
    },
  },
  {
    number: '4.11',
    question: 'Can license types be mixed in one License Pool?',
    async answer(site) {
      expect((await site.createPool('Typeless', '')).problem).toMatchObject({
        rule: 'LMP-3.3',
        reason: 'POOL_NAME_AND_TYPE',
      });
      expect((await site.createPool('Both', 'Mixed')).problem).toMatchObject({ code: 'INPUT_INVALID', path: 'type' });
      // 300 Standard CALs are pooled, ten of them in a pool; the OEM ones do not help out.
      const standard = await site.pool('Standard-only', cals(0), 'Standard');
      expect((await site.setPool(standard, cals(291))).problem).toMatchObject({
        rule: 'LMP-2.3',
        reason: 'POOL_QUOTA_EXCEEDS_TOTAL',
      });
      expect((await site.setPool(standard, cals(290))).status).toBe(200);
    },
  },
  {
    number: '4.12',
    question: 'Is there a limit to the number of Pool Keys in a License Pool?',
    async answer(site, { pool }) {
      const before = (await site.page()).pools.find(({ id }) => id === pool)!.keys;
      for (let n = 0; n < 12; n += 1) await site.key(pool, `many-${n}`, cals(n % 3, 1));
      expect((await site.page()).pools.find(({ id }) => id === pool)!.keys).toBe(before + 12);
    },
  },
  {
    number: '4.13',
    question: 'How to delete an in-use Pool Key?',
    async answer(site, { pool }) {
      const { bench } = site;
      const given = await site.key(pool, 'given-back', cals(1));
      const server = await site.server('gives-back');
      await server.apply(given.licenseKey);
      expect((await site.deleteKey(given.id)).problem).toMatchObject({
        rule: 'LMP-4.13',
        reason: 'KEY_IN_USE_14_DAYS',
      });
      await server.deactivate();
      expect((await site.deleteKey(given.id)).status).toBe(200);

      const lost = await site.key(pool, 'lost', cals(1));
      const gone = await site.server('gone');
      await gone.apply(lost.licenseKey);
      bench.clock += 10 * DAY;
      await gone.check();
      const lastCheck = bench.clock;
      bench.clock = lastCheck + 5 * DAY;
      expect((await site.deleteKey(lost.id)).problem).toMatchObject({ rule: 'LMP-4.13', reason: 'KEY_LEASE_LIVE' });
      expect((await site.keyRow(lost.id)).deletableFrom).toBe(new Date(lastCheck + 14 * DAY).toISOString());
      bench.clock = lastCheck + 14 * DAY;
      expect((await site.keyRow(lost.id)).deletableFrom).toBeNull();
      expect((await site.deleteKey(lost.id)).status).toBe(200);
    },
  },
  {
    number: '4.14',
    question: 'Can a Pool Key be used without Internet?',
    async answer(site, shared) {
      const key = await site.key(shared.pool, 'online', cals(1));
      const server = await site.server('online');
      shared.inUse = key.id;
      const { body } = await server.apply(key.licenseKey);
      const { iat, exp } = claimsOf(body.lease);
      expect(exp - iat).toBe((14 * DAY) / 1000);
      const applied = site.bench.clock;
      site.bench.clock = applied + 14 * DAY - HOUR;
      expect(await server.row()).toMatchObject({ status: 'offline' });
      site.bench.clock = applied + 14 * DAY;
      expect(await server.row()).toMatchObject({ status: 'stopped' });
      // Back online it goes on by itself (D-12).
      expect((await server.check()).status).toBe(200);
      expect(await server.row()).toMatchObject({ status: 'valid' });
    },
  },
  {
    number: '4.15',
    question: 'Is there a limitation on the licensee name?',
    async answer(site, { pool }) {
      for (const name of ['Company 1', 'Company.1', 'Ünïcode', '', 'a\n', 'a/b', '会社']) {
        const { problem } = await site.createKey(pool, name, cals(0));
        expect({ name, ...problem }).toMatchObject({ name, rule: 'LMP-4.15', reason: 'LICENSEE_NAME' });
      }
      const { id } = await site.key(pool, 'New_Company-1', cals(0));
      expect((await site.keyRow(id)).fullName).toBe('Acme-PoolKey-New_Company-1');
    },
  },
  {
    number: '4.16',
    question: 'Where does the Expiry Date come from?',
    async answer(site, { pool, inUse }) {
      const unused = await site.key(pool, 'unused', cals(0));
      for (let day = 0; day < 3; day += 1) {
        const expiryDate = new Date(site.bench.clock + 14 * DAY).toISOString().slice(0, 10);
        for (const id of [unused.id, inUse]) expect((await site.keyRow(id)).expiryDate).toBe(expiryDate);
        site.bench.clock += DAY;
      }
    },
  },
];

askAll('pools and keys', FAQ, async (site, shared) => {
  for (const type of ['OEM', 'Standard'] as const)
    for (const n of [1, 2, 3]) {
      await site.purchase(`${type}-${n}`, { type });
      await site.addToPool(`${type}-${n}`);
    }
  shared.pool = await site.pool('OEM', cals(200));
  await site.pool('Standard', cals(10), 'Standard');
});

test('every one of them is here', () => expectNumbers(FAQ, [10, 11, 12, 13, 14, 15, 16]));
