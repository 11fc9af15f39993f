import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RequestOf } from '@leasehold/protocol';
import { asPerson, LICENSE, startBench, type Bench } from '../../support/authority.js';

let bench: Bench;
beforeAll(async () => void (bench = await startBench()));
afterAll(() => bench.close());

type Row = RequestOf<'licensesCreate'>['licenses'][number];
const bringIn = (more: Partial<Row>) =>
  asPerson(bench, 'licensesCreate', { body: { licenses: [{ ...LICENSE, ...more }] } });
const stock = async () => (await asPerson(bench, 'licenses')).body.total;

test.each([
  ['validUntil', { validUntil: '2026-99-99T00:00:00Z' }, 'The calendar has no 2026-99-99T00:00:00Z.'],
  ['validUntil', { validUntil: '2027-02-30T00:00:00Z' }, 'The calendar has no 2027-02-30T00:00:00Z.'],
  ['validUntil', { validUntil: '2027-02-30' }, 'The calendar has no 2027-02-30.'],
  ['startsAt', { startsAt: '2026-06-31T00:00:00Z' }, 'The calendar has no 2026-06-31T00:00:00Z.'],
  [
    'validUntil',
    { startsAt: '2027-01-01T00:00:00Z', validUntil: '2026-12-31T23:00:00Z' },
    'The license ends before it begins.',
  ],
  ['id', { id: '..' }, 'That is no id for a license.'],
  ['id', { id: ' ' }, 'That is no id for a license.'],
] as const)('a license whose %s is %j is not brought in', async (member, more, detail) => {
  const before = await stock();
  const { status, problem } = await bringIn(more);
  expect({ status, problem }).toMatchObject({
    status: 400,
    problem: { code: 'INPUT_INVALID', detail },
  });
  expect(problem.path).toMatch(new RegExp(`^(body\\.)?licenses\\W0\\W{1,2}${member}$`));
  expect(await stock()).toBe(before);
});

test('of a file, the lines are named on which the calendar has no such day', async () => {
  const csv = 'id,profile,type,validUntil\nM1,aip,server,2027-02-30T00:00:00Z\nM2,aip,server,2027-02-28\n';
  const { status, problem } = await asPerson(bench, 'licensesImport', { body: { csv } });
  expect({ status, problem }).toMatchObject({ status: 400, problem: { code: 'INPUT_INVALID' } });
  expect(problem.path).toBe('csv.line[2].validUntil');
});

test('neither has the Free Upgrade Until of a pool license, nor maintenance, a day that is none', async () => {
  const row = { id: 'P-1', type: 'OEM', purchase: 'purchased', cals: { obm: 1 } } as const;
  const pooled = await asPerson(bench, 'poolLicensesCreate', {
    body: { licenses: [{ ...row, freeUpgradeUntil: '2027-02-30' }] },
  });
  expect(pooled.problem).toMatchObject({ code: 'INPUT_INVALID', path: 'body.licenses.0.freeUpgradeUntil' });
  const renewed = await asPerson(bench, 'maintenanceRenew', {
    params: { license: 'P-1' },
    body: { until: '2027-13-01' },
  });
  expect(renewed.problem).toMatchObject({ code: 'INPUT_INVALID', path: 'body.until' });
});

test('one that begins on its last day is', async () => {
  const dates = { startsAt: '2026-12-31T12:00:00Z', validUntil: '2026-12-31' };
  expect((await bringIn({ id: 'last-day', ...dates })).status).toBe(200);
});
