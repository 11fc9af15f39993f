import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asPerson, startBench, type Bench } from '../../support/authority.js';
import { engines } from '../../support/store-engines.js';

const LICENSE = {
  profile: 'msp',
  kind: 'commercial',
  term: 'subscription',
  seats: 1,
  validUntil: '2027-06-30',
  autoRenew: false,
} as const;

// More licenses than a search looks through: words are found by their beginnings there.
describe.each(engines)('a search among many, on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    for (const id of ['north', 'south']) await asPerson(bench, 'companyCreate', { body: { id, name: id } });
    const many = Array.from({ length: 2_100 }, (_, n) => ({
      ...LICENSE,
      id: `many-${n}`,
      type: 'server',
      companyId: null,
    }));
    const few = ['north', 'north', 'south'].map((companyId, n) => ({
      ...LICENSE,
      id: `few-${n}`,
      type: 'desktop',
      companyId,
      autoRenew: n === 0,
    }));
    for (let from = 0; from < many.length; from += 500)
      await asPerson(bench, 'licensesCreate', { body: { licenses: many.slice(from, from + 500) } });
    await asPerson(bench, 'licensesCreate', { body: { licenses: few } });
    const user = { company: 'north', user: 'ＡＢＣ商事 ﾊﾞｯｸｱｯﾌﾟ' };
    await asPerson(bench, 'licenseGrant', { params: { license: 'few-0' }, body: user });
  }, 120_000);
  afterAll(() => bench?.close());

  const ask = async (query: string) => (await asPerson(bench, 'licenses', { query })).body;

  test('counts what it finds, in its groups and beside every filter', async () => {
    for (const sort of ['', '&sort=id']) {
      const found = await ask(`?search=few${sort}`);
      expect(found).toMatchObject({ total: 3, groups: [{ type: 'desktop', count: 3, used: 0 }] });
      expect(found.rows).toHaveLength(3);
      expect(found.requested).toEqual(['desktop', 'server']);
      expect(found.counts).toMatchObject({
        kind: { commercial: 3, trial: 0 },
        company: { all: 3, north: 2, south: 1 },
        validity: { all: 3, valid: 3, expired: 0 },
        usage: { all: 3, used: 0, unused: 3 },
        autoRenew: { all: 3, only: 1 },
      });
    }
    expect(await ask('?search=few&company=north&autoRenew=only')).toMatchObject({
      total: 1,
      counts: { company: { all: 1, north: 1 }, autoRenew: { all: 2, only: 1 } },
    });
  });

  test('finds the licenses of a company by its id and by words of its name, and by the new one when it has another', async () => {
    const ids = async (text: string) => (await ask(`?search=${text}`)).rows.map(({ id }) => id).sort();
    expect(await ids('north')).toEqual(['few-0', 'few-1']);
    await asPerson(bench, 'companyRename', { params: { company: 'south' }, body: { name: 'Harbor Dental' } });
    expect(await ids('dental')).toEqual(['few-2']);
    expect(await ids('south')).toEqual(['few-2']);
  });

  test.each(['ＡＢＣ', 'abc商', 'ﾊﾞｯｸｱｯﾌﾟ', 'バック'])(
    'finds a user in wide letters and half katakana by %s',
    async (text) => {
      expect((await ask(`?search=${encodeURIComponent(text)}`)).rows).toMatchObject([{ id: 'few-0' }]);
      expect((await ask(`?search=${encodeURIComponent(text)}&sort=id`)).rows).toMatchObject([{ id: 'few-0' }]);
    },
  );

  test('says that it finds nothing', async () => {
    expect(await ask('?search=no-such')).toMatchObject({
      total: 0,
      groups: [],
      rows: [],
      counts: { kind: { commercial: 0 } },
    });
  });

  test('finds much, and the counts are those of the filters', async () => {
    expect(await ask('?search=many')).toMatchObject({ total: 2_103 });
  });
});
