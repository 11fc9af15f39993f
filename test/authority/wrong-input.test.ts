import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asPerson, startBench, type Bench } from '../support/authority.js';
import { technicianLicense } from '../support/technicians.js';

let bench: Bench;
let license: string;
beforeAll(async () => {
  bench = await startBench();
  license = (await technicianLicense(bench, 'anna')).id;
});
afterAll(() => bench.close());

/** How far the journal is: what is refused changes nothing. */
const head = async () => (await asPerson(bench, 'journal')).body.rows[0]?.seq;

describe.each(['.', '..', ' ', ' padded', 'padded\t'])('the id %j', (id) => {
  const stamp = { base: 'linux', licensee: 'Acme', validDays: 30 } as const;
  const pooled = { type: 'OEM', purchase: 'purchased', cals: { obm: 1 }, freeUpgradeUntil: '2027-01-31' } as const;
  const licenses = [
    { id: 'good', ...pooled },
    { id, ...pooled },
  ];
  test.each([
    ['a company', 'id', () => asPerson(bench, 'companyCreate', { body: { id, name: 'Blank' } })],
    ['a boot medium', 'media', () => asPerson(bench, 'mediaStamp', { body: { media: id, ...stamp } })],
    ['a license', 'licenses[1].id', () => asPerson(bench, 'poolLicensesCreate', { body: { licenses } })],
    [
      'a technician',
      'technician',
      () => asPerson(bench, 'licenseReassign', { params: { license }, body: { technician: id } }),
    ],
  ])('is none for %s', async (what, path, ask) => {
    const before = await head();
    const { problem } = await ask();
    expect(problem).toMatchObject({ status: 400, code: 'INPUT_INVALID', detail: `That is no id for ${what}.`, path });
    expect(problem.remedy).toContain('without blanks');
    expect(await head()).toBe(before);
  });
});
