import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestOf } from '@leasehold/protocol';
import { Agent, asPerson, newLicense, startBench, type Bench } from '../../support/authority.js';
import { engines } from '../../support/store-engines.js';

describe.each(engines)('on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    await asPerson(bench, 'companyCreate', { body: { id: 'north', name: 'North' } });
    await seat('own', { companyId: 'north' });
    await asPerson(bench, 'licenseGrant', { params: { license: 'own' }, body: { company: 'north', user: 'Ann' } });
    for (const id of ['s1', 's2', 's3']) await seat(id);
    await newLicense(bench);
  });
  afterAll(() => bench?.close());

  /** A license of one instance. */
  async function seat(id: string, more: Partial<RequestOf<'licensesCreate'>['licenses'][number]> = {}) {
    const row = {
      id,
      profile: 'msp',
      type: 'server',
      term: 'subscription',
      validUntil: '2027-06-30',
      ...more,
    } as const;
    return newLicense(bench, row);
  }

  describe('required quantity (MSP-5)', () => {
    const required = async (query: string) => (await asPerson(bench, 'licensesRequired', { query })).body;

    test('instances that were given the type, less the licenses valid on the day or renewing', async () => {
      for (const n of [1, 2, 3]) {
        const { licenseKey } = await seat(`q${n}`, {
          type: 'workstation',
          validUntil: n === 1 ? '2026-07-01' : '2026-12-31',
          autoRenew: n === 2,
        });
        await (await Agent.on(bench, `ws${n}`)).activate(licenseKey);
      }
      expect(await required('?type=workstation&until=2026-06-30')).toMatchObject({ wanting: 3, held: 3, required: 0 });
      expect(await required('?type=workstation&until=2026-08-01')).toMatchObject({ wanting: 3, held: 2, required: 1 });
      expect(await required('?type=workstation&until=2027-01-01')).toMatchObject({ wanting: 3, held: 1, required: 2 });
      expect(await required('?type=workstation&until=2027-01-01&company=north')).toMatchObject({ required: 0 });
    });

    test('a trial counts as long as it lasts', async () => {
      const { licenseKey } = await seat('tried', { type: 'desktop', kind: 'trial', validUntil: '2026-07-15' });
      await (await Agent.on(bench, 'tries')).activate(licenseKey);
      expect(await required('?type=desktop&until=2026-07-15')).toMatchObject({ wanting: 1, held: 1, required: 0 });
      expect(await required('?type=desktop&until=2026-07-16')).toMatchObject({ wanting: 1, held: 0, required: 1 });
    });

    test('for a company the global pool counts as far as nobody else uses it, and while it may draw from it', async () => {
      const short = await seat('short', { type: 'vm_server', companyId: 'north', validUntil: '2026-07-01' });
      await (await Agent.on(bench, 'of-north')).activate(short.licenseKey);
      const taken = await seat('taken', { type: 'vm_server' });
      await (await Agent.on(bench, 'of-nobody')).activate(taken.licenseKey);
      const north = '?type=vm_server&until=2026-08-01&company=north';
      expect(await required(north)).toMatchObject({ wanting: 1, held: 0, required: 1 });
      await seat('free', { type: 'vm_server' });
      expect(await required(north)).toMatchObject({ wanting: 1, held: 1, required: 0 });
      await asPerson(bench, 'policySet', { body: { policy: { allowGlobalFallback: false } } });
      expect(await required(north)).toMatchObject({ wanting: 1, held: 0, required: 1 });
      await asPerson(bench, 'policySet', { body: { policy: {} } });
      expect(await required('?type=vm_server&until=2026-08-01')).toMatchObject({ wanting: 2, held: 2, required: 0 });
    });

    test.each(['', '?type=server&until=soon'])('%j is refused', async (query) => {
      expect((await asPerson(bench, 'licensesRequired', { query })).problem.code).toBe('INPUT_INVALID');
    });
  });

  describe('the order of the list', () => {
    const pages = async (query: string): Promise<string[]> => {
      const ids: string[] = [];
      let after = '';
      for (;;) {
        const { body } = await asPerson(bench, 'licenses', { query: `?limit=3${query}${after}` });
        ids.push(...body.rows.map(({ id }) => id));
        if (body.next === null) return ids;
        after = `&after=${encodeURIComponent(body.next)}`;
      }
    };

    const COLUMNS = ['id', 'company', 'computer', 'user', 'validUntil', 'autoRenew', 'used', 'type'];
    test.each(COLUMNS)('by %s, both ways', async (column) => {
      const up = await pages(`&sort=${column}`);
      expect(new Set(up).size).toBe(up.length);
      expect(up.length).toBe((await asPerson(bench, 'licenses')).body.total);
      expect(await pages(`&sort=-${column}`)).toEqual(up.toReversed());
    });

    test('by the end: the first that ends stands first, what never ends last', async () => {
      const { rows } = (await asPerson(bench, 'licenses', { query: '?sort=validUntil' })).body;
      const ends = rows.map(({ validUntil }) => validUntil ?? '9');
      expect(ends).toEqual([...ends].sort());
    });

    test('by something else is refused with what there is', async () => {
      const { problem } = await asPerson(bench, 'licenses', { query: '?sort=colour' });
      expect(problem).toMatchObject({ code: 'INPUT_INVALID', path: 'query.sort' });
      expect(problem.remedy).toContain('validUntil');
    });
  });

  describe('a filter with a fixed choice', () => {
    test.each([
      ['kind', 'trail', 'commercial, trial'],
      ['validity', 'expird', 'valid, expired'],
      ['usage', 'USED', 'used, unused'],
      ['autoRenew', 'yes', 'only'],
    ])('%s=%s is refused with its words, in the list and in the file', async (name, value, words) => {
      for (const route of ['licenses', 'licensesExport'] as const) {
        const { status, problem } = await asPerson(bench, route, { query: `?${name}=${value}` });
        expect(status).toBe(400);
        expect(problem).toMatchObject({ code: 'INPUT_INVALID', path: `query.${name}` });
        expect(problem.remedy).toContain(words);
      }
    });

    test('twice is none, and what stands for no filter is taken', async () => {
      const twice = await asPerson(bench, 'licenses', { query: '?kind=trial&kind=commercial' });
      expect(twice.problem).toMatchObject({ code: 'INPUT_INVALID', path: 'query.kind' });
      const open = '?kind=&validity=all&usage=All&autoRenew=other';
      expect((await asPerson(bench, 'licenses', { query: open })).status).toBe(200);
    });
  });
});
