import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROUTES, type RouteName, type RouteRow } from '@leasehold/protocol';
import { Agent, asPerson, LICENSE, newLicense, startBench, type Bench } from '../support/authority.js';

let bench: Bench;
beforeAll(async () => void (bench = await startBench()));
afterAll(() => bench.close());

const total = async () => (await asPerson(bench, 'licenses')).body.total;

test.each([
  ['beside what is known', { licenses: [LICENSE], dryrun: true }, 'body.dryrun', 'Did you mean dryRun?'],
  ['deep within', { licenses: [LICENSE, { ...LICENSE, autorenew: true }] }, 'body.licenses.1.autorenew', 'autoRenew'],
  ['like nothing that is known', { licenses: [LICENSE], preview: true }, 'body.preview', 'Known here: '],
])('a member of a body that nobody knows, %s, changes nothing', async (_where, body, path, remedy) => {
  const before = await total();
  const { status, problem } = await asPerson(bench, 'licensesCreate', { body });
  expect({ status, problem }).toMatchObject({ status: 400, problem: { code: 'INPUT_INVALID', path } });
  expect(problem.remedy).toContain(remedy);
  expect(await total()).toBe(before);
});

test.each([
  ['?dryrun=true', 'query.dryrun'],
  ['?dryRun=1', 'query.dryRun'],
  ['?dryRun=true&dryRun=true', 'query.dryRun'],
])('a token is not revoked by %s, which was to look only', async (query, path) => {
  const made = await asPerson(bench, 'tokenCreate', { body: { name: 'kept', role: 'viewer', validDays: 1 } });
  const answer = await asPerson(bench, 'tokenRevoke', { params: { token: made.body.id }, query });
  expect(answer).toMatchObject({ status: 400, problem: { code: 'INPUT_INVALID', path } });
  expect((await asPerson(bench, 'me', {}, made.body.token)).status).toBe(200);
});

test('a filter that nobody knows is refused, and not answered with all there is', async () => {
  const { status, problem } = await asPerson(bench, 'machines', { query: '?Status=stopped' });
  expect({ status, problem }).toMatchObject({ status: 400, problem: { path: 'query.Status' } });
  expect(problem.remedy).toBe('Did you mean status?');
});

test.each([
  ['orders', 'status', 'open, paid, void, refunded, all'],
  ['orders', 'kind', 'licenses, renewal, maintenance, trial, all'],
  ['sessions', 'status', 'live, finishing, ended, lapsed, all'],
  ['machines', 'status', 'valid, expires_soon, grace, stopped, offline, released, all'],
  ['deliveries', 'state', 'waiting, delivered, dead, all'],
] as const)(
  'the list %s is not filtered by a %s that nobody knows; all of it is left by all',
  async (list, name, words) => {
    for (const unknown of ['stoped', '__proto__', 'OPEN']) {
      const { status, problem } = await asPerson(bench, list, { query: `?${name}=${unknown}` });
      expect({ status, problem }).toMatchObject({
        status: 400,
        problem: { code: 'INPUT_INVALID', path: `query.${name}`, remedy: `It is one of ${words}.` },
      });
    }
    const everything = await asPerson(bench, list);
    for (const word of ['all', '']) {
      const answer = await asPerson(bench, list, { query: `?${name}=${word}` });
      expect(answer).toMatchObject({ status: 200, body: { rows: everything.body.rows } });
    }
    for (const word of words.split(', ')) {
      expect((await asPerson(bench, list, { query: `?${name}=${word}` })).status).toBe(200);
    }
  },
);

test('each parameter of each list is refused where it is given twice, and fails nothing', async () => {
  const answers: string[] = [];
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const row: RouteRow = ROUTES[name];
    if (row.method !== 'GET' || row.access === 'public' || row.access === 'device' || row.path.includes(':')) continue;
    for (const parameter of [...(row.query ?? []), ...(row.sort === undefined ? [] : ['sort'])]) {
      const { status, problem } = await asPerson(bench, name, { query: `?${parameter}=id&${parameter}=id` });
      answers.push(`${status} ${problem.code} ${problem.path === `query.${parameter}`}`);
    }
  }
  expect(answers.length).toBeGreaterThan(50);
  expect(new Set(answers)).toEqual(new Set(['400 INPUT_INVALID true']));
});

test('each person’s route refuses a parameter that it does not know, before anything is done', async () => {
  const refused: string[] = [];
  const routes = (Object.keys(ROUTES) as RouteName[]).filter((name) => {
    const { access, path } = ROUTES[name];
    return (
      access !== 'public' &&
      access !== 'device' &&
      name !== 'feed' &&
      !path.includes(':') &&
      !('request' in ROUTES[name])
    );
  });
  for (const name of routes) {
    const { problem } = await asPerson(bench, name, { query: '?nobodyKnows=1' });
    if (problem?.path === 'query.nobodyKnows') refused.push(name);
  }
  expect(refused).toEqual(routes);
});

test('an agent may be newer than its authority: what it says beyond what is known is passed over', async () => {
  const { licenseKey } = await newLicense(bench);
  const agent = await Agent.on(bench, 'newer');
  expect((await agent.activate(licenseKey, { mood: 'fine' } as never)).status).toBe(200);
});
