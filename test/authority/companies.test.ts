import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestOf } from '@leasehold/protocol';
import { Agent, asPerson, newLicense, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

describe.each(engines)('on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    for (const [id, parentId] of [
      ['east', null],
      ['east-1', 'east'],
      ['east-2', 'east'],
      ['west', null],
    ] as const)
      await asPerson(bench, 'companyCreate', { body: { id, name: `Company ${id}`, parentId } });
    for (let n = 0; n < 6; n += 1) await single(`s${n}`, `2027-0${n + 1}-15`);
  });
  afterAll(() => bench?.close());

  async function single(id: string, validUntil = '2027-06-30', type = 'server'): Promise<string> {
    const row = { id, profile: 'msp', type, term: 'subscription', validUntil } as const;
    return (await newLicense(bench, row)).licenseKey;
  }
  const grant = (body: RequestOf<'grantCreate'>) => asPerson(bench, 'grantCreate', { body });
  const takeBack = (id: string, body: RequestOf<'grantTakeBack'> = {}) =>
    asPerson(bench, 'grantTakeBack', { params: { grant: id }, body });
  const owned = async (company: string) => {
    const { body } = await asPerson(bench, 'licenses', { query: `?company=${company}&sort=id` });
    return body.rows.map(({ id }) => id);
  };

  describe('the tree', () => {
    test('companies with their resellers, by name, by search, of one reseller', async () => {
      const { rows } = (await asPerson(bench, 'companies', { query: '?sort=-name' })).body;
      expect(rows.map(({ id, parentId }) => [id, parentId])).toEqual([
        ['west', null],
        ['east-2', 'east'],
        ['east-1', 'east'],
        ['east', null],
      ]);
      const ids = async (query: string) =>
        (await asPerson(bench, 'companies', { query })).body.rows.map(({ id }) => id);
      expect(await ids('?parent=east')).toEqual(['east-1', 'east-2']);
      expect(await ids('?search=COMPANY%20we')).toEqual(['west']);
      const first = (await asPerson(bench, 'companies', { query: '?limit=2&sort=name' })).body;
      expect(await ids(`?limit=2&sort=name&after=${encodeURIComponent(first.next!)}`)).toEqual(['east-2', 'west']);
    });

    test('an unknown reseller and a line that is too long are refused', async () => {
      const create = (id: string, parentId: string) =>
        asPerson(bench, 'companyCreate', { body: { id, name: id, parentId } });
      expect((await create('x', 'nobody')).problem).toMatchObject({ code: 'NOT_FOUND', path: 'parentId' });
      await create('l3', 'east-2');
      await create('l4', 'l3');
      expect((await create('l5', 'l4')).problem).toMatchObject({ code: 'INPUT_INVALID', path: 'parentId' });
    });

    test('a company is renamed; of two people at once the second is told', async () => {
      const etag = (await asPerson(bench, 'companies')).headers.get('etag')!;
      const rename = (name: string, headers = {}) =>
        asPerson(bench, 'companyRename', { params: { company: 'west' }, body: { name }, headers });
      expect((await rename('Far West', { 'if-match': etag })).status).toBe(200);
      expect((await rename('Wild West', { 'if-match': etag })).problem).toMatchObject({
        code: 'CHANGED_MEANWHILE',
        changes: [{ type: 'company.renamed', members: ['name'] }],
      });
      expect((await rename('Company east')).problem.code).toBe('CONFLICT');
    });
  });

  describe('grants', () => {
    let given = '';

    test('the provider gives free licenses to a reseller, the reseller to its companies', async () => {
      const dry = await grant({ to: 'east', type: 'server', quantity: 4, dryRun: true });
      const left = { decision: 'allow', reason_rule: 'MSP-3', value: { left: 2 } };
      expect(dry.body).toMatchObject({ dryRun: true, licenses: [], decision: left });
      const first = await grant({ to: 'east', type: 'server', quantity: 4 });
      expect(first.body.licenses).toEqual(['s0', 's1', 's2', 's3']);
      given = first.body.id!;
      const on = await grant({ from: 'east', to: 'east-1', type: 'server', quantity: 1 });
      expect(on.body.decision).toMatchObject({ decision: 'allow', reason_rule: 'MSP-4' });
      expect(await owned('east-1')).toEqual(['s0']);
      // A reseller's view holds all below it.
      expect(await owned('east')).toEqual(['s0', 's1', 's2', 's3']);
      expect((await asPerson(bench, 'licenses')).body.counts['company']).toMatchObject({ east: 4, 'east-1': 1 });
    });

    test('nobody gives more than he owns, or to whom he does not serve', async () => {
      const more = await grant({ from: 'east', to: 'east-1', type: 'server', quantity: 4 });
      expect(more.problem).toMatchObject({ code: 'REFUSED', rule: 'MSP-4' });
      expect((more.problem.decision as { needs: unknown }).needs).toEqual([
        { edition: 'server', term: 'any', count: 1, bindTo: 'company:east' },
      ]);
      for (const to of ['west', 'east']) {
        const aside = await grant({ from: 'east', to, type: 'server', quantity: 1 });
        expect(aside.problem).toMatchObject({ code: 'REFUSED', reason: 'COMPANY_MISMATCH' });
      }
      expect((await grant({ to: 'nobody', type: 'server', quantity: 1 })).problem).toMatchObject({ path: 'to' });
    });

    test('what is in use or given on stays; the rest comes back', async () => {
      const used = { to: 'example.test', kind: 'domain' } as const;
      await asPerson(bench, 'licenseAssign', { params: { license: 's1' }, body: used });
      const rows = async () => (await asPerson(bench, 'grants', { query: '?company=east' })).body.rows;
      expect(await rows()).toMatchObject([{ id: given, from: null, to: 'east', quantity: 4, held: 4, used: 2 }]);
      expect((await takeBack(given, { quantity: 3 })).problem).toMatchObject({ code: 'REFUSED', rule: 'MSP-2' });
      expect((await takeBack(given)).body.licenses).toEqual(['s2', 's3']);
      expect(await owned('east')).toEqual(['s0', 's1']);
      expect(await rows()).toMatchObject([{ held: 2, used: 2 }]);
      expect((await takeBack(given)).problem.code).toBe('CONFLICT');
      const onward = (await asPerson(bench, 'grants', { query: '?company=east-1' })).body.rows[0]!;
      expect((await takeBack(onward.id)).body.licenses).toEqual(['s0']);
      expect((await takeBack(given)).body.licenses).toEqual(['s0']);
    });

    test('what was given goes back before anybody else gets it', async () => {
      await single('g0', '2027-06-30', 'advanced');
      const { body } = await grant({ to: 'east', type: 'advanced', quantity: 1 });
      const owner = (company: string | null, user: string | null = null) =>
        asPerson(bench, 'licenseGrant', { params: { license: 'g0' }, body: { company, user } });
      expect((await owner('east', 'Ann')).status).toBe(200);
      for (const company of [null, 'west']) {
        const { problem } = await owner(company);
        expect(problem).toMatchObject({ code: 'CONFLICT', path: 'company' });
        expect(problem.remedy).toContain(body.id);
      }
      expect(await owned('east')).toContain('g0');
      await takeBack(body.id!);
      expect((await owner('west')).status).toBe(200);
    });

    test('what ended unused comes back too', async () => {
      await single('e0', '2026-06-20', 'exchange');
      const { body } = await grant({ to: 'west', type: 'exchange', quantity: 1 });
      const now = bench.clock;
      bench.clock = Date.parse('2026-06-25T10:00:00Z');
      const [row] = (await asPerson(bench, 'grants', { query: '?company=west' })).body.rows;
      expect(row).toMatchObject({ id: body.id, held: 1, used: 0 });
      expect((await takeBack(body.id!)).body.licenses).toEqual(['e0']);
      bench.clock = now;
    });

    test('licenses of machines are given whole; a license in use is not taken back', async () => {
      const { licenseKey } = await newLicense(bench, { id: 'm1', type: 'virtual', seats: 5 });
      const { body } = await grant({ to: 'west', type: 'virtual', quantity: 1 });
      expect(body.licenses).toEqual(['m1']);
      await (await Agent.on(bench, 'west-host')).activate(licenseKey);
      expect((await takeBack(body.id!)).problem.code).toBe('CONFLICT');
    });

    test('twenty at once on five licenses: five are given, each once', async () => {
      for (let n = 0; n < 5; n += 1) await single(`d${n}`, '2027-06-30', 'desktop');
      const ask = () => grant({ to: 'west', type: 'desktop', quantity: 1 });
      const results = await Promise.all(Array.from({ length: 20 }, ask));
      const licenses = results.flatMap(({ status, body }) => (status === 200 ? body.licenses : []));
      expect(licenses.sort()).toEqual(['d0', 'd1', 'd2', 'd3', 'd4']);
    });
  });
});
