import { expect, test } from 'vitest';
import { ROUTES } from '@leasehold/protocol';
import { claimsOf } from '../support/authority.js';
import { cals, type BackupServer } from '../support/pool-site.js';
import { askAll, expectNumbers, type Question } from '../support/pool-questions.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** What the rows leave for each other. */
interface Shared {
  pool: string;
  existing: BackupServer;
  existingKey: string;
}

/** Questions of licenses and their conversion; those of pools and their keys stand in pools-faq-keys.test.ts. */
const FAQ: readonly Question<Shared>[] = [
  {
    number: '4.17',
    question: 'Where does the Free Upgrade Until of all Pool Keys come from?',
    async answer(site, shared) {
      for (const [id, type, freeUpgradeUntil] of [
        ['OEM-01', 'OEM', '2020-10-01'],
        ['OEM-02', 'OEM', '2020-12-01'],
        ['OEM-03', 'OEM', '2021-12-01'],
        ['Standard-01', 'Standard', '2020-10-01'],
        ['Standard-02', 'Standard', '2022-01-01'],
        ['Standard-03', 'Standard', '2020-08-01'],
      ] as const) {
        await site.purchase(id, { type, freeUpgradeUntil });
        expect((await site.addToPool(id)).status).toBe(200);
      }
      shared.pool = await site.pool('OEM', cals(200));
      const oem = await site.key(shared.pool, 'oem', cals(1));
      const standard = await site.key(await site.pool('Standard', cals(10), 'Standard'), 'standard', cals(1));
      const inherited = { freeUpgradeUntil: '2020-10-01', freeUpgradeFrom: 'OEM-01' };
      expect(await site.keyRow(oem.id)).toMatchObject(inherited);
      expect(await site.keyRow(standard.id)).toMatchObject({
        freeUpgradeUntil: '2020-08-01',
        freeUpgradeFrom: 'Standard-03',
      });
      // Of the type's earliest date it is told before that it becomes earlier, for good.
      await site.purchase('OEM-04', { freeUpgradeUntil: '2020-09-01' });
      const dry = await site.addToPool('OEM-04', { confirmName: 'OEM-04', dryRun: true });
      expect(dry.body.decision).toMatchObject({
        decision: 'warn',
        reason_rule: 'LMP-1.5',
        warnings: ['LOWERS_FREE_UPGRADE_UNTIL'],
      });
    },
  },
  {
    number: '4.1',
    question: 'What is a Poolable License?',
    async answer(site, shared) {
      for (const [id, type] of [
        ['bought-oem', 'OEM'],
        ['bought-standard', 'Standard'],
      ] as const) {
        await site.purchase(id, { type });
        const dry = await site.addToPool(id, { confirmName: id, dryRun: true });
        expect(dry.body).toMatchObject({ dryRun: true, decision: { reason_rule: 'LMP-1.1' } });
      }
      // Unpooled, it is applied by itself.
      shared.existing = await site.server('existing');
      shared.existingKey = await site.licenseKey('bought-oem');
      expect((await shared.existing.apply(shared.existingKey)).status).toBe(200);
      expect(await site.licenseRow('bought-oem')).toMatchObject({ appliedTo: shared.existing.agent.instance });
      expect(await shared.existing.row()).toMatchObject({ status: 'valid', coveredBy: 'bought-oem', rule: 'LMP-4.1' });
      const other = await site.server('other');
      expect((await other.apply(shared.existingKey)).problem).toMatchObject({ rule: 'LMP-P1', reason: 'KEY_IN_USE' });
    },
  },
  {
    number: '4.2',
    question: 'Can a metered license be registered as a Poolable License?',
    async answer(site) {
      for (const type of ['OEM', 'Standard'] as const) {
        await site.purchase(`metered-${type}`, { type, purchase: 'metered' });
        const { problem } = await site.addToPool(`metered-${type}`);
        expect(problem).toMatchObject({ code: 'REFUSED', rule: 'LMP-4.2', reason: 'METERED_NOT_POOLABLE' });
      }
    },
  },
  {
    number: '4.3',
    question: 'What is a Pooled License?',
    async answer(site, { pool }) {
      await site.purchase('pooled');
      const licenseKey = await site.licenseKey('pooled');
      expect((await site.addToPool('pooled')).status).toBe(200);
      const server = await site.server('by-key');
      expect((await server.apply(licenseKey)).problem).toMatchObject({ reason: 'POOLED_NOT_APPLICABLE' });
      expect((await server.apply((await site.key(pool, 'by-key', cals(1))).licenseKey)).status).toBe(200);
    },
  },
  {
    number: '4.4',
    question: 'What happens if a Pooled License is used on a server?',
    async answer(site, { existing, existingKey }) {
      const confirm = { confirmName: 'bought-oem' };
      const dry = await site.addToPool('bought-oem', { ...confirm, dryRun: true });
      expect(dry.body.decision).toMatchObject({
        decision: 'warn',
        reason_rule: 'LMP-3.2',
        warnings: ['CREATE_POOL_KEY_WITHIN_14_DAYS'],
      });
      expect((await site.addToPool('bought-oem', confirm)).status).toBe(200);
      const fresh = await site.server('fresh');
      expect((await fresh.apply(existingKey)).problem).toMatchObject({
        rule: 'LMP-4.4',
        reason: 'POOLED_NOT_APPLICABLE',
      });
      expect((await existing.apply(existingKey)).problem).toMatchObject({
        rule: 'LMP-4.3',
        reason: 'POOLED_NOT_APPLICABLE',
      });
      expect(await existing.row()).toMatchObject({ status: 'grace', rule: 'LMP-4.5' });
      const todo = (await site.todos()).find(({ kind }) => kind === 'replace_key');
      expect(todo).toMatchObject({
        subject: { type: 'server', id: existing.agent.instance, name: 'existing' },
        until: new Date(site.bench.clock + 14 * DAY).toISOString(),
      });
    },
  },
  {
    number: '4.5',
    question: 'How long can the existing server run after the conversion?',
    async answer(site, { existing, pool }) {
      const pooledAt = site.bench.clock;
      site.bench.clock = pooledAt + 14 * DAY - HOUR;
      expect((await existing.check()).status).toBe(200);
      expect(await existing.row()).toMatchObject({ status: 'grace' });
      site.bench.clock = pooledAt + 14 * DAY;
      expect((await existing.check()).status).toBe(200);
      expect(await existing.row()).toMatchObject({ status: 'stopped', rule: 'LMP-4.5' });
      expect((await existing.apply((await site.key(pool, 'existing', cals(5))).licenseKey)).status).toBe(200);
      expect(await existing.row()).toMatchObject({ status: 'valid' });
      expect(await site.licenseRow('bought-oem')).toMatchObject({ appliedTo: null });
      expect((await site.todos()).filter(({ kind }) => kind === 'replace_key')).toEqual([]);
    },
  },
  {
    number: '4.6',
    question: 'Can a conversion be taken back?',
    async answer(site) {
      expect((await site.addToPool('bought-oem')).problem).toMatchObject({ rule: 'LMP-4.6', reason: 'IRREVERSIBLE' });
      const ways = Object.values(ROUTES).filter(({ path }) => path.startsWith('/v1/admin/pool-licenses/:license'));
      expect(ways.map(({ method, path }) => `${method} ${path.split('/').at(-1)}`).sort()).toEqual([
        'POST convert',
        'POST maintenance-orders',
        'PUT maintenance',
      ]);
    },
  },
  {
    number: '4.7',
    question: 'What is a Pool Key?',
    async answer(site) {
      const small = await site.pool('small', cals(10));
      const key = await site.key(small, 'carries', cals(6, 4));
      const server = await site.server('carried');
      const { body } = await server.apply(key.licenseKey);
      const { facts } = claimsOf(body.entitlements!) as unknown as { facts: { keys: object[] } };
      expect(facts.keys).toMatchObject([{ id: key.id, quota: cals(6, 4) }]);
      expect((await site.createKey(small, 'too-much', cals(5, 0))).problem).toMatchObject({
        rule: 'LMP-2.4',
        reason: 'KEY_QUOTA_EXCEEDS_POOL',
      });
    },
  },
  {
    number: '4.8',
    question: 'What version of the server is supported?',
    async answer(site, { pool }) {
      const key = await site.key(pool, 'versions', cals(1));
      const old = await site.server('old', '6.29.4');
      expect((await old.apply(key.licenseKey)).problem).toMatchObject({ rule: 'LMP-4.8', reason: 'SERVER_TOO_OLD' });
      const seven = await site.server('seven', '7.0.0');
      expect((await seven.apply(key.licenseKey)).status).toBe(200);
    },
  },
  {
    number: '4.9',
    question: 'What is the general flow?',
    async answer(site) {
      expect((await site.createKey('nowhere', 'no-pool', cals(1))).problem).toMatchObject({
        rule: 'LMP-1.4',
        reason: 'NO_POOL',
      });
      // Poolable is not pooled: its CALs are not there yet.
      const { cals: total } = (await site.page()).totals.find(({ type }) => type === 'Standard')!;
      expect(total).toEqual(cals(300));
    },
  },
];

askAll('licenses and conversion', FAQ);

test('every one of them is here', () => expectNumbers(FAQ, [1, 2, 3, 4, 5, 6, 7, 8, 9, 17]));
