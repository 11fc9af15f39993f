import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, asPerson, newLicense, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

describe.each(engines)('a search, on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    for (const [id, name] of [
      ['abc', '株式会社ＡＢＣ商事'],
      ['clinic', 'Ärzte im Süden'],
    ] as const)
      await asPerson(bench, 'companyCreate', { body: { id, name } });
    const single = { profile: 'msp', term: 'subscription', validUntil: '2027-06-30' } as const;
    await newLicense(bench, { ...single, id: 'one', companyId: 'abc' });
    const { licenseKey } = await newLicense(bench, { ...single, id: 'two', companyId: 'clinic' });
    await (await Agent.on(bench, 'サーバーＸ１ÄÖ')).activate(licenseKey);
  });
  afterAll(() => bench?.close());

  test.each([
    ['companies', 'ＡＢＣ商事', 'abc'],
    ['companies', 'ａｂｃ', 'abc'],
    ['companies', 'Ärzte', 'clinic'],
    ['companies', 'ärzte IM SÜDEN', 'clinic'],
    ['licenses', '会社ＡＢＣ', 'one'],
    ['licenses', 'ÄRZTE', 'two'],
    ['licenses', 'サーバーｘ１äö', 'two'],
    ['companies', 'ABC商事', 'abc'],
    ['licenses', 'ｻｰﾊﾞｰX1', 'two'],
    ['licenses', 'ｃｌｉｎｉｃ', 'two'],
  ] as const)(
    '%s: %s is found whatever the case of its letters, wide ones and those with marks too',
    async (route, text, id) => {
      const { body } = await asPerson(bench, route, { query: `?search=${encodeURIComponent(text)}` });
      expect(body.rows.map((row) => row.id)).toEqual([id]);
    },
  );

  test('katakana of half a square are found by whole ones, and Latin letters by wide ones', async () => {
    const { licenseKey } = await newLicense(bench);
    await (await Agent.on(bench, 'ﾊﾞｯｸｱｯﾌﾟ-PC_1')).activate(licenseKey);
    for (const text of ['バックアップ', 'ﾊﾞｯｸ', 'ＰＣ＿１', 'バックアップ－ｐｃ']) {
      const { body } = await asPerson(bench, 'machines', { query: `?search=${encodeURIComponent(text)}` });
      expect(
        body.rows.map(({ name }) => name),
        text,
      ).toEqual(['ﾊﾞｯｸｱｯﾌﾟ-PC_1']);
    }
  });

  test.each(['サーバーＸ１', 'ｘ１äÖ'])('a machine is found by %s', async (text) => {
    const { body } = await asPerson(bench, 'machines', { query: `?search=${encodeURIComponent(text)}` });
    expect(body.rows.map(({ name }) => name)).toEqual(['サーバーＸ１ÄÖ']);
  });
});
