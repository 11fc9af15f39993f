import { afterAll, beforeAll, expect, test } from 'vitest';
import { asPerson, startBench, type Bench } from '../support/authority.js';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

const machine = { id: 'files-01', kind: 'physical', os: 'windows_server' };
const given = {
  profile: 'aip',
  machines: [machine],
  hosts: [{ id: 'esx-2', kind: 'bare_metal', hypervisor: 'vmware' }],
  licenses: [
    { id: 'S1', edition: 'server', term: 'perpetual', validUntil: null, boundTo: { type: 'machine', id: 'files-01' } },
  ],
};
const when = { action: 'migrate', kind: 'P2V', source: 'files-01', targetHost: 'esx-2', sourceDisposition: 'disposed' };
const watch = [
  { type: 'machine', id: 'files-01' },
  { type: 'host', id: 'esx-2' },
] as const;
const ask = (body: object) => asPerson(bench, 'advise', { body: body as never });

test('a plan names what to buy, by the rule that asks for it, and who is covered at which step', async () => {
  const { status, body } = await ask({ given, when, watch });
  expect(status).toBe(200);
  expect(body).toMatchObject({ possible: true, licenses: 1, before: { decision: 'needs', reason_rule: 'AIP-2.4' } });
  expect(body.steps.find((step) => step.do === 'buy')).toMatchObject({
    edition: 'virtual',
    term: 'perpetual',
    count: 1,
  });
  const [source, host] = body.cover;
  expect(source!.covered.every(Boolean)).toBe(true);
  expect(host!.covered.at(0)).toBe(false);
  expect(host!.covered.at(-1)).toBe(true);
});

test('the instant and the policy are the account’s: what the caller says of them counts for nothing', async () => {
  const said = await ask({
    given: { ...given, now: '1999-01-01T00:00:00Z', policy: { graceDays: { trial: 9999 } } },
    when,
  });
  const plain = await ask({ given, when });
  expect(said.body).toEqual(plain.body);
});

test('nothing is kept and nothing is journaled', async () => {
  const before = (await asPerson(bench, 'me')).body.seq;
  await ask({ given, when });
  expect((await asPerson(bench, 'me')).body.seq).toBe(before);
  expect((await asPerson(bench, 'machines')).body.total).toBe(0);
});

test('what the rules do not know is refused with its place; a flood is refused before it is looked at', async () => {
  const unknown = await ask({ given, when: { ...when, source: 'nobody' } });
  expect(unknown).toMatchObject({ status: 400, problem: { code: 'INPUT_INVALID' } });
  const many = Array.from({ length: 1001 }, (_each, n) => ({ ...machine, id: `m-${n}` }));
  const flood = await ask({ given: { ...given, machines: many }, when });
  expect(flood).toMatchObject({ status: 400, problem: { code: 'INPUT_INVALID' } });
  expect((await ask({ given: 'x', when })).status).toBe(400);
});
