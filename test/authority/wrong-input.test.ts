import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asPerson, LICENSE, startBench, type Bench } from '../support/authority.js';
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

test.each([{}, { obm: 0 }])('a poolable license that brings %j is refused', async (cals) => {
  const before = await head();
  const row = { type: 'OEM', purchase: 'purchased', freeUpgradeUntil: '2027-01-31' } as const;
  const licenses = [
    { id: 'full', ...row, cals: { obm: 1 } },
    { id: 'empty', ...row, cals },
  ];
  const { problem } = await asPerson(bench, 'poolLicensesCreate', { body: { licenses } });
  expect(problem).toMatchObject({ status: 400, code: 'INPUT_INVALID', path: 'licenses[1].cals' });
  expect(await head()).toBe(before);
});

describe('a body of the wrong form', () => {
  const post = async (route: 'licensesCreate' | 'companyCreate' | 'mediaStamp', body: unknown) => {
    const before = await head();
    const { status, problem } = await asPerson(bench, route, { body: body as never });
    expect(await head()).toBe(before);
    return { ...problem, status };
  };

  test('is told all that it lacks, at once', async () => {
    const { companyId: _company, seats: _seats, ...short } = LICENSE;
    const { type: _type, ...untyped } = LICENSE;
    const problem = await post('licensesCreate', { licenses: [LICENSE, short, untyped] });
    expect(problem).toMatchObject({
      status: 400,
      code: 'INPUT_INVALID',
      path: 'body.licenses.1.companyId',
      errors: [
        { path: 'body.licenses.1.companyId', detail: 'is missing' },
        { path: 'body.licenses.1.seats', detail: 'is missing' },
        { path: 'body.licenses.2.type', detail: 'is missing' },
      ],
    });
  });

  test('is told of a hundred members that it lacks, of how many there may be', async () => {
    const problem = await post('licensesCreate', { licenses: Array.from({ length: 1000 }, () => ({})) });
    expect(problem.errors).toHaveLength(100);
  });

  const stamp = { media: 'usb-1', base: 'linux', licensee: 'Acme', validDays: 30 };
  test.each([
    ['companyCreate', { name: '' }, 'body.name', 'must not be empty'],
    ['companyCreate', { name: 'x'.repeat(201) }, 'body.name', 'must have at most 200 characters'],
    ['companyCreate', {}, 'body.name', 'is missing'],
    ['companyCreate', undefined, 'body', 'must be object'],
    ['mediaStamp', { ...stamp, validDays: 0 }, 'body.validDays', 'must be at least 1'],
    ['mediaStamp', { ...stamp, validDays: 1e300 }, 'body.validDays', 'must be at most 3660'],
    ['mediaStamp', { ...stamp, pin: '12345' }, 'body.pin', 'must have at least 6 characters'],
    ['mediaStamp', { ...stamp, base: 'dos' }, 'body.base', 'must be one of linux, winpe'],
    ['licensesCreate', { licenses: [] }, 'body.licenses', 'must hold at least 1'],
    [
      'licensesCreate',
      { licenses: [{ ...LICENSE, validUntil: '31.01.2027' }] },
      'body.licenses.0.validUntil',
      'must be a day like 2027-01-31, or an instant like 2027-01-31T00:00:00Z',
    ],
    [
      'licensesCreate',
      { licenses: [{ ...LICENSE, startsAt: '2027-01-31' }] },
      'body.licenses.0.startsAt',
      'must be an instant like 2027-01-31T00:00:00Z',
    ],
  ] as const)('%s %j: %s %s', async (route, body, path, what) => {
    const { detail: _detail, ...problem } = await post(route, body);
    expect(problem).toMatchObject({
      status: 400,
      code: 'INPUT_INVALID',
      path,
      remedy: `It ${what}; see /openapi.json.`,
    });
  });
});

test.each(['%ff', 'x'.repeat(301)])('the address of a pool that cannot be read is named: %s', async (id) => {
  const address = `${bench.authority.url}/v1/admin/pools/${id}/quota`;
  const problem = await (await fetch(address, { method: 'PUT' })).json();
  expect(problem).toMatchObject({ code: 'INPUT_INVALID', path: 'path' });
});

describe('a license of an edition that no rule knows', () => {
  const mistyped = { ...LICENSE, type: 'sever' };
  const known = 'One of additional_node, cloud, desktop, it_pro, linux, server, server_vpack, virtual.';

  test('is refused and told of those there are: it would cover nothing', async () => {
    const before = await head();
    const { problem } = await asPerson(bench, 'licensesCreate', { body: { licenses: [LICENSE, mistyped] } });
    expect(problem).toMatchObject({ status: 400, code: 'INPUT_INVALID', path: 'licenses[1].type', remedy: known });
    expect(await head()).toBe(before);
  });

  test('stands in a file with its line', async () => {
    const body = { csv: 'profile,type,term\naip,server,perpetual\naip,sever,perpetual\n' };
    const { problem } = await asPerson(bench, 'licensesImport', { body });
    expect(problem.errors).toEqual([{ path: 'csv.line[3].type', detail: 'There is no edition sever.' }]);
  });
});

describe('a license that contradicts itself', () => {
  const ends = { validUntil: '2027-01-31' };
  const machine = { type: 'machine', id: 'web-1' } as const;
  const instance = { profile: 'msp', term: 'subscription', ...ends } as const;
  test.each([
    ['a trial that was bought for good', { kind: 'trial' }, 'term'],
    ['a bought one that is a trial', { term: 'trial', ...ends }, 'term'],
    ['a bought one of an instance that is a trial', { ...instance, term: 'trial' }, 'term'],
    ['one of an instance, bound to a machine', { ...instance, boundTo: machine }, 'boundTo'],
    ['a technician’s, bound to a machine', { type: 'it_pro', boundTo: machine }, 'boundTo'],
    ['a server’s, bound to a technician', { boundTo: { type: 'technician', id: 'anna' } }, 'boundTo'],
  ] as const)('is refused: %s', async (_what, change, path) => {
    const before = await head();
    const { problem } = await asPerson(bench, 'licensesCreate', { body: { licenses: [{ ...LICENSE, ...change }] } });
    expect(problem).toMatchObject({ status: 400, code: 'INPUT_INVALID', path: `licenses[0].${path}` });
    expect(await head()).toBe(before);
  });

  test.each([
    ['a trial of a machine', { kind: 'trial', term: 'trial', ...ends }],
    ['a trial of an instance, which ends with its day', { ...instance, kind: 'trial' }],
    ['a technician’s own', { type: 'it_pro', boundTo: { type: 'technician', id: 'berta' } }],
    ['a machine’s own', { boundTo: machine }],
  ] as const)('and this one does not: %s', async (_what, change) => {
    const { status } = await asPerson(bench, 'licensesCreate', { body: { licenses: [{ ...LICENSE, ...change }] } });
    expect(status).toBe(200);
  });
});
