import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guards } from '@leasehold/protocol';
import { formatToken } from '../../packages/authority/src/accounts/tokens.js';
import { asPerson, startBench, type Bench } from '../support/authority.js';

const HOUR = 3_600_000;
let bench: Bench;
beforeAll(async () => void (bench = await startBench()));
afterAll(() => bench.close());

describe('rotating', () => {
  test('gives a new token of the same role; the old one ends after the overlap', async () => {
    const made = await asPerson(bench, 'tokenCreate', { body: { name: 'Backup job', role: 'viewer', validDays: 10 } });
    const { body, status } = await asPerson(bench, 'tokenRotate', { body: { overlapHours: 2 } }, made.body.token);
    expect({ status, whole: guards.isTokenCreated(body) }).toEqual({ status: 200, whole: true });
    expect(body.token).not.toBe(made.body.token);
    expect((await asPerson(bench, 'me', {}, body.token)).body).toMatchObject({
      role: 'viewer',
      tokenName: 'Backup job',
    });
    expect((await asPerson(bench, 'me', {}, made.body.token)).status).toBe(200);
    bench.clock += 3 * HOUR;
    expect((await asPerson(bench, 'me', {}, made.body.token)).problem.code).toBe('UNAUTHORIZED');
    expect((await asPerson(bench, 'me', {}, body.token)).status).toBe(200);
  });

  test('asked twice under one key, shows the same new token', async () => {
    const made = await asPerson(bench, 'tokenCreate', { body: { name: 'Twice', role: 'viewer', validDays: 10 } });
    const ask = () =>
      asPerson(bench, 'tokenRotate', { body: {}, headers: { 'idempotency-key': 'again' } }, made.body.token);
    const [first, second] = [await ask(), await ask()];
    expect(second.body).toEqual(first.body);
  });

  test('a token made twice under one key is made once', async () => {
    const ask = () => {
      const body = { name: 'Once', role: 'viewer', validDays: 10 } as const;
      return asPerson(bench, 'tokenCreate', { body, headers: { 'idempotency-key': 'once' } });
    };
    const [first, second] = [await ask(), await ask()];
    expect(first.status).toBe(200);
    expect(second.body).toEqual(first.body);
    const { rows } = (await asPerson(bench, 'tokens')).body;
    expect(rows.filter(({ name }) => name === 'Once')).toHaveLength(1);
  });
});

test('whole tokens that nobody gave are counted by address; a right one still passes', async () => {
  const answers = [];
  for (let n = 0; n < 22; n += 1) {
    answers.push(await asPerson(bench, 'me', {}, formatToken(new Uint8Array(32).fill(n))));
  }
  expect(answers.slice(0, 20).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 401));
  expect(answers.slice(20).map(({ status }) => status)).toEqual([429, 429]);
  expect(Number(answers[21]!.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await asPerson(bench, 'me')).status).toBe(200);
  bench.clock += 61_000;
  expect((await asPerson(bench, 'me', {}, formatToken(new Uint8Array(32).fill(99)))).status).toBe(401);
});

test('calls that are refused early give their turn back', async () => {
  for (let n = 0; n < 80; n += 1) {
    expect((await asPerson(bench, 'machines', { query: '?limit=501' })).problem.code).toBe('INPUT_INVALID');
  }
  expect((await asPerson(bench, 'machines')).status).toBe(200);
});

test('when a token was last used is shown, to the hour', async () => {
  const { body } = await asPerson(bench, 'tokenCreate', { body: { name: 'Used', role: 'viewer', validDays: 10 } });
  const lastUsed = async () => (await asPerson(bench, 'tokens')).body.rows.find(({ id }) => id === body.id)?.lastUsedAt;
  expect(await lastUsed()).toBeNull();
  const at = new Date(bench.clock).toISOString();
  expect((await asPerson(bench, 'me', {}, body.token)).status).toBe(200);
  await expect.poll(lastUsed).toBe(at);
  bench.clock += HOUR / 2;
  await asPerson(bench, 'me', {}, body.token);
  expect(await lastUsed()).toBe(at);
});
