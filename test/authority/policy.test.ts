import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, asPerson, newLicense, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';
import { typed } from '../cli/typed.js';

const DAY = 86_400_000;

describe.each(engines)('the policy of an account on $name', (engine) => {
  let bench: Bench;
  let agent: Agent;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    const { licenseKey } = await newLicense(bench, { term: 'subscription', validUntil: '2026-06-30' });
    agent = await Agent.on(bench, 'server');
    expect((await agent.activate(licenseKey)).status).toBe(200);
  });
  afterAll(() => bench?.close());

  const set = (policy: object, more: { dryRun?: boolean; tag?: string } = {}) =>
    asPerson(bench, 'policySet', {
      body: { policy: { ...policy }, ...(more.dryRun === true ? { dryRun: true } : {}) },
      headers: more.tag === undefined ? {} : { 'if-match': more.tag },
    });
  const shown = () => asPerson(bench, 'policy');
  const status = async () => (await asPerson(bench, 'machines')).body.rows[0]!.status;
  const head = async () => (await asPerson(bench, 'me')).body.seq;

  test('what the rules could not read is refused by its member; nothing changes', async () => {
    const before = await head();
    const wrong = await set({ staleDays: -1 });
    expect(wrong.problem).toMatchObject({ code: 'INPUT_INVALID', path: expect.stringContaining('staleDays') });
    expect((await set({ releaseReuse: 'whenever' })).problem.path).toContain('releaseReuse');
    const mistyped = (await set({ releaseReusee: 'at_once' })).problem;
    expect(mistyped).toMatchObject({ code: 'INPUT_INVALID', path: 'policy.releaseReusee' });
    expect(mistyped.remedy).toContain('releaseReuse');
    expect((await shown()).body).toEqual({ policy: {} });
    expect(await head()).toBe(before);
  });

  test('operators and companies do not set it', async () => {
    const body = { name: 'Operator', role: 'operator', validDays: 1 } as const;
    const { token } = (await asPerson(bench, 'tokenCreate', { body })).body;
    const asked = { body: { policy: {} } };
    expect((await asPerson(bench, 'policySet', asked, token)).problem.code).toBe('FORBIDDEN');
    expect((await asPerson(bench, 'policy', {}, token)).status).toBe(200);
  });

  test('the dry run names whose answer changes; set, it decides from the next check-in on', async () => {
    bench.clock = Date.parse('2026-07-10T10:00:00Z');
    await agent.checkIn();
    expect(await status()).toBe('grace');
    const strict = { graceDays: { subscription: 0 } };
    const before = await head();
    const dry = (await set(strict, { dryRun: true })).body;
    expect(dry).toMatchObject({ dryRun: true, decision: { value: { before: {}, after: strict, changed: 1 } } });
    expect(dry.decision.value).toMatchObject({
      changes: [
        { machine: agent.instance, before: expect.stringMatching(/^warn/), after: expect.stringMatching(/^needs/) },
      ],
    });
    expect([await head(), await status()]).toEqual([before, 'grace']);

    expect((await set(strict)).status).toBe(200);
    expect((await shown()).body).toEqual({ policy: strict });
    const { rows } = (await asPerson(bench, 'journal', { query: '?limit=500' })).body;
    expect(rows.at(-1)).toMatchObject({ type: 'policy.changed', actor: expect.stringMatching(/^admin:/) });
    bench.clock += DAY;
    await agent.checkIn();
    expect(await status()).toBe('stopped');
    expect((await set({})).status).toBe(200);
    await agent.checkIn();
    expect(await status()).toBe('grace');
  });

  test('a license is shown in grace for as long as its machines go on', async () => {
    const shownAs = async () => {
      const row = (await asPerson(bench, 'licenses')).body.rows[0]!;
      return [row.status, row.graceUntil];
    };
    const ended = Date.parse('2026-07-01T00:00:00Z');
    const until = (days: number) => new Date(ended + days * DAY).toISOString();
    expect(await shownAs()).toEqual(['grace', until(30)]);
    expect((await set({ graceDays: { subscription: 20 } })).status).toBe(200);
    expect(await shownAs()).toEqual(['grace', until(20)]);
    expect((await set({ graceDays: { subscription: 5 } })).status).toBe(200);
    expect(await shownAs()).toEqual(['expired', undefined]);
    expect((await set({})).status).toBe(200);
  });

  test('what waits for a person names the days of the policy', async () => {
    const until = async () => {
      const { todos } = (await asPerson(bench, 'overview')).body;
      return Date.parse(todos.find(({ kind }) => kind === 'renewal_grace')!.until);
    };
    const before = await until();
    expect((await set({ graceDays: { subscription: 40 } })).status).toBe(200);
    expect((await until()) - before).toBe(10 * DAY);
    expect((await set({})).status).toBe(200);
  });

  test('of two owners at once the second is told', async () => {
    const tag = (await shown()).headers.get('etag')!;
    expect((await set({ staleDays: 40 }, { tag })).status).toBe(200);
    const late = await set({ staleDays: 50 }, { tag });
    expect([late.status, late.problem.code]).toEqual([412, 'CHANGED_MEANWHILE']);
    expect((await shown()).body).toEqual({ policy: { staleDays: 40 } });
  });

  test('from a terminal', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leasehold-policy-'));
    const [file, connection] = [join(folder, 'policy.json'), join(folder, 'connection')];
    writeFileSync(file, JSON.stringify({ shortageGraceDays: 30 }));
    writeFileSync(connection, bench.authority.connectionFor(bench.ownerToken));
    const admin = async (...words: string[]): Promise<unknown> => {
      const { out, status: ended } = await typed('admin', ...words, '--connection', connection, '--json');
      expect({ ended, out }).toMatchObject({ ended: 0 });
      return JSON.parse(out);
    };
    expect(await admin('policy', 'set', '--file', file, '--dry-run')).toMatchObject({ dryRun: true });
    await admin('policy', 'set', '--file', file);
    expect(await admin('policy')).toEqual({ policy: { shortageGraceDays: 30 } });
    rmSync(folder, { recursive: true });
  });
});
