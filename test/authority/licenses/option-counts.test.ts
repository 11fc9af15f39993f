import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, asPerson, newLicense, startBench, type Bench } from '../../support/authority.js';
import { engines } from '../../support/store-engines.js';

describe.each(engines)('counts beside the filters, on $name', (engine) => {
  let bench: Bench;
  let ofReseller = '';
  const SINGLE = { profile: 'msp', term: 'subscription', validUntil: '2027-06-30' } as const;
  const TRIAL = { kind: 'trial', term: 'trial', validUntil: '2026-07-30' } as const;

  /** A reseller with a company below it, where a machine runs on a license of the global pool, and one beside them. */
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    for (const [id, parentId] of [
      ['east', null],
      ['east-1', 'east'],
      ['west', null],
    ] as const)
      await asPerson(bench, 'companyCreate', { body: { id, name: `Company ${id}`, parentId } });
    for (const companyId of ['east', 'east-1', 'west'])
      for (const more of [{}, { autoRenew: true }, { validUntil: '2026-06-01' }, TRIAL])
        await newLicense(bench, { ...SINGLE, companyId, ...more });
    const { licenseKey } = await newLicense(bench, { ...SINGLE, companyId: 'east-1' });
    const agent = await Agent.on(bench, 'pc');
    await agent.activate(licenseKey);
    const { id } = await newLicense(bench, SINGLE);
    await asPerson(bench, 'licenseAssign', { params: { license: id }, body: { to: agent.instance, kind: 'computer' } });
    const token = { name: 'Reseller', role: 'viewer', validDays: 9, companyId: 'east' } as const;
    ofReseller = (await asPerson(bench, 'tokenCreate', { body: token })).body.token;
  });
  afterAll(() => bench?.close());

  const FILTERS = {
    company: ['east', 'east-1'],
    kind: ['trial'],
    validity: ['expired'],
    usage: ['used'],
    autoRenew: ['only'],
  } as const;
  /** None and each of them, then every combination of at most two. */
  const single: Record<string, string>[] = [
    {},
    ...Object.entries(FILTERS).flatMap(([name, values]) => values.map((value) => ({ [name]: value }))),
  ];
  const combined = single.flatMap((one, index) => single.slice(index).map((other) => ({ ...one, ...other })));

  test.each(['', 'company'])(
    'with the search %j each option tells what it would leave, also to a reseller',
    async (search) => {
      for (const token of [bench.ownerToken, ofReseller])
        for (const filters of search === '' ? combined : single) {
          const page = async (kept: Record<string, string>, more: Record<string, string> = {}) => {
            const query = `?${new URLSearchParams({ ...(search && { search }), ...kept, ...more, limit: '500' }).toString()}`;
            return (await asPerson(bench, 'licenses', { query }, token)).body;
          };
          const { counts, total, rows, groups } = await page(filters);
          expect([rows.length, groups.reduce((sum, { count }) => sum + count, 0)]).toEqual([total, total]);
          for (const [filter, options] of Object.entries(counts))
            for (const [option, told] of Object.entries(options)) {
              // Commercial or Trial has no "all", what does not renew itself no name, and a trial is not asked whether it is used.
              if (option === 'other' || (filter === 'kind' && option === 'all')) continue;
              if (filter === 'usage' && filters['kind'] === 'trial') continue;
              const { [filter]: _other, ...rest } = filters;
              const left = (await page(rest, option === 'all' ? {} : { [filter]: option })).total;
              expect(told, `${JSON.stringify(filters)} ${filter}=${option}`).toBe(left);
            }
        }
    },
  );
});
