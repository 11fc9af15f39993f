import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCsv } from '@leasehold/protocol';
import { asPerson, newLicense, startBench, type Bench } from '../../support/authority.js';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
  await asPerson(bench, 'companyCreate', { body: { id: 'north', name: '=North, "Co"' } });
});
afterAll(() => bench.close());

const bring = (csv: string, dryRun = false) => asPerson(bench, 'licensesImport', { body: { csv, dryRun } });
const total = async () => (await asPerson(bench, 'licenses')).body.total;

async function exported(query = ''): Promise<string> {
  const response = await fetch(`${bench.authority.url}/v1/admin/licenses/export${query}`, {
    headers: { authorization: `Bearer ${bench.ownerToken}` },
  });
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  return response.text();
}

describe('import', () => {
  test('a dry run says what would come in; the same file then brings it in, with keys', async () => {
    const csv = 'id,type,companyId,validUntil,autoRenew\nA1,server,north,2027-01-31,true\nA2,desktop,,2027-01-31,\n';
    const dry = await bring(csv, true);
    expect(dry.body).toMatchObject({ dryRun: true, rows: 2, errors: [], licenses: [], ignored: [] });
    expect(await total()).toBe(0);
    const done = await bring(csv);
    expect(done.body.licenses.map(({ id }) => id)).toEqual(['A1', 'A2']);
    expect(done.body.licenses[0]!.licenseKey).toMatch(/^LH-/);
    const { rows } = (await asPerson(bench, 'licenses', { query: '?sort=id' })).body;
    expect(rows).toMatchObject([
      { id: 'A1', type: 'server', companyId: 'north', autoRenew: true, profile: 'msp', term: 'subscription' },
      { id: 'A2', type: 'desktop', companyId: null, autoRenew: false, validUntil: '2027-01-31' },
    ]);
  });

  test('two columns that say the same are no choice for us to make', async () => {
    for (const header of ['id,type,type', 'id,Number,type']) {
      const { status, body } = await bring(`${header}\nD1,server,desktop\n`, true);
      expect([status, body]).toMatchObject([400, { code: 'INPUT_INVALID', path: 'csv.line[1]' }]);
    }
  });

  test('every wrong line is told by its number and column, and nothing comes in', async () => {
    const csv = [
      'id;type;companyId;validUntil;seats;autoRenew',
      'B1;server;;2027-01-31;;',
      'B2;;;2027-01-31;;',
      'B3;server;;soon;;',
      'B4;server;nobody;2027-01-31;;',
      'A1;server;;2027-01-31;;',
      'B1;server;;2027-01-31;;',
      'B6;server;;2027-01-31;0;perhaps',
    ].join('\n');
    const paths = [
      'csv.line[2].id',
      'csv.line[3].type',
      'csv.line[4].validUntil',
      'csv.line[5].companyId',
      'csv.line[6].id',
      'csv.line[7].id',
      'csv.line[8].autoRenew',
      'csv.line[8].seats',
    ];
    const before = await total();
    const dry = await bring(csv, true);
    expect(dry.body.errors.map(({ path }) => path).sort()).toEqual(paths);
    const { problem } = await bring(csv);
    expect(problem.code).toBe('INPUT_INVALID');
    expect(problem.errors!.map(({ path }) => path).sort()).toEqual(paths);
    expect(await total()).toBe(before);
  });

  test('columns of common exports are understood, others are named as ignored', async () => {
    const csv = 'Number,LicenseType,IsTrial,DateExpired,ComputerName\nC1,server,True,2027-01-31,PC\n';
    const { body } = await bring(csv);
    expect(body).toMatchObject({ rows: 1, ignored: ['ComputerName'] });
    const { rows } = (await asPerson(bench, 'licenses', { query: '?kind=trial' })).body;
    expect(rows).toMatchObject([{ id: 'C1', kind: 'trial', term: 'trial' }]);
  });

  test.each([
    ['no list', 'hello\nworld', 'csv.line[1]'],
    ['no licenses', 'type\n', 'csv'],
    ['too many', `type\n${'server\n'.repeat(1001)}`, 'csv'],
    ['an open quote', 'type\n"server', 'csv.line[2]'],
  ])('%s is refused', async (_what, csv, path) => {
    expect((await bring(csv)).problem).toMatchObject({ code: 'INPUT_INVALID', path });
  });
});

describe('export', () => {
  test('every row in every slice, safe in a spreadsheet, and read again by an import', async () => {
    for (let from = 0; from < 1200; from += 600) {
      const lines = Array.from({ length: 600 }, (_, n) => `X${from + n},vm,north,2027-01-31`);
      expect((await bring(['id,type,companyId,validUntil', ...lines].join('\n'))).status).toBe(200);
    }
    const text = await exported('?type=vm');
    const [header, ...rows] = parseCsv(text);
    expect(rows).toHaveLength(1200);
    expect(new Set(rows.map(({ cells }) => cells[0])).size).toBe(1200);
    expect(text).toContain(`"'=North, ""Co"""`);
    expect(rows[0]!.cells[header!.cells.indexOf('company')]).toBe('=North, "Co"');
    const again = text.split('\r\n').slice(0, 3).join('\r\n').replaceAll('X', 'Y');
    expect((await bring(again, true)).body).toMatchObject({ rows: 2, errors: [] });
  });

  test('keeps the filters; machine licenses with their seats and end', async () => {
    await newLicense(bench, { id: 'M1', type: 'virtual', seats: 7 });
    const [header, row, none] = parseCsv(await exported('?type=virtual'));
    const cell = (name: string) => row!.cells[header!.cells.indexOf(name)];
    expect([cell('id'), cell('profile'), cell('seats'), cell('validUntil')]).toEqual(['M1', 'aip', '7', '']);
    expect(none).toBeUndefined();
    expect(parseCsv(await exported('?type=nothing'))).toHaveLength(1);
  });

  test('needs a token', async () => {
    expect((await fetch(`${bench.authority.url}/v1/admin/licenses/export`)).status).toBe(401);
  });
});
