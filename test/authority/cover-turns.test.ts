import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { MediaClaims } from '@leasehold/protocol';
import { openStore } from '../../packages/authority/src/store/index.js';
import { Agent, asPerson, claimsOf, newLicense, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';
import { registry } from '../support/store-registry.js';

const DAY = 86_400_000;
/** As it was before it was kept when time changes the cover. */
const OLDER = [
  'DROP INDEX instances_turning',
  'ALTER TABLE instances DROP COLUMN cover_until',
  'DELETE FROM schema_migrations WHERE id IN (39, 40)',
];

/** Whether a machine is covered changes by time alone too: what pages and media say of one that is silent follows. */
describe.each(engines)('the cover of a silent machine, on $name', (engine) => {
  let bench: Bench;
  let db: string;
  beforeAll(async () => {
    const url = await engine.url();
    bench = await startBench(undefined, {}, engine.name === 'sqlite' ? undefined : url, { timedWorkSeconds: 0.02 });
    db = engine.name === 'sqlite' ? `sqlite:${join(bench.folder, 'authority.db')}` : url;
  });
  afterAll(async () => {
    expect(bench.logged.filter((line) => line.includes('timed_work.failed'))).toEqual([]);
    await bench.close();
  });

  /** A machine that was heard of now and is silent from then on; its lease runs for 14 days. */
  async function silent(name: string, more: Parameters<typeof newLicense>[1]): Promise<Agent> {
    const agent = await Agent.on(bench, name);
    const { status } = await agent.activate((await newLicense(bench, more)).licenseKey);
    expect(status).toBe(200);
    return agent;
  }
  const lastDay = (days: number): string => new Date(bench.clock + days * DAY).toISOString().slice(0, 10);
  const rowOf = async (agent: Agent) => {
    const { body } = await asPerson(bench, 'machines', { query: '?limit=100' });
    return body.rows.find(({ id }) => id === agent.instance)!;
  };
  const becomes = (agent: Agent, status: string): Promise<void> =>
    vi.waitFor(async () => expect((await rowOf(agent)).status).toBe(status), { timeout: 20_000, interval: 20 });
  const changesOf = async (agent: Agent) => {
    const { rows } = (await asPerson(bench, 'journal', { query: '?limit=500' })).body;
    return rows
      .filter(({ type }) => type === 'instance.cover_changed')
      .map(({ actor, payload }) => ({ actor, ...(JSON.parse(payload!) as { subject: { id: string } }) }))
      .filter(({ subject }) => subject.id === agent.instance);
  };

  test('is in grace from the end of its license on, and stopped from the end of that (D-2, D-3)', async () => {
    const agent = await silent('in-grace', { term: 'subscription', validUntil: lastDay(40) });
    expect((await rowOf(agent)).status).toBe('valid');
    bench.clock += 11 * DAY;
    await becomes(agent, 'expires_soon');
    await agent.checkIn();
    bench.clock += 19 * DAY;
    await agent.checkIn();
    bench.clock += 11 * DAY;
    await becomes(agent, 'grace');
    await agent.checkIn();
    bench.clock += 20 * DAY;
    await agent.checkIn();
    bench.clock += 10 * DAY;
    await becomes(agent, 'stopped');
    expect(Date.parse((await rowOf(agent)).leaseUntil)).toBeGreaterThan(bench.clock);
  });

  test('ends with a license that has no grace, is journaled once, and is no cover for a medium (AIP-9.1)', async () => {
    const agent = await silent('ends', { profile: 'msp', term: 'subscription', validUntil: lastDay(5) });
    const passport = async (media: string): Promise<MediaClaims> => {
      const body = { media, base: 'linux', licensee: 'Acme', validDays: 365 } as const;
      return claimsOf((await asPerson(bench, 'mediaStamp', { body })).body.passport) as unknown as MediaClaims;
    };
    const before = await passport('before');
    bench.clock += 6 * DAY;
    await becomes(agent, 'stopped');
    const after = await passport('after');
    expect(before.covered.length - after.covered.length).toBe(2);
    expect(after.formerlyCovered.length - before.formerlyCovered.length).toBe(2);
    const [change, ...more] = await changesOf(agent);
    expect(change).toMatchObject({ actor: 'system', details: { decision: 'needs', rule: 'MSP-1' } });
    expect(more).toEqual([]);
  });

  test('is judged in a database from before this was kept', async () => {
    const agent = await silent('older', { profile: 'msp', term: 'subscription', validUntil: lastDay(35) });
    bench.clock += 30 * DAY;
    await agent.checkIn();
    await bench.authority.close();
    const store = await openStore(db, registry);
    for (const sql of OLDER) await store.execute('change', { sql }, bench.clock);
    await store.close();
    bench.clock += 7 * DAY;
    await bench.restart();
    await becomes(agent, 'stopped');
  });
});
