import { afterAll, beforeAll, expect, test } from 'vitest';
import { Agent, asPerson, claimsOf, newLicense, startBench, type Bench } from '../support/authority.js';

let bench: Bench;
beforeAll(async () => void (bench = await startBench(undefined, { policy: { releaseReuse: 'at_once' } })));
afterAll(() => bench.close());

async function journaled(type: string) {
  const { body } = await asPerson(bench, 'journal', { query: '?limit=500' });
  return JSON.parse(body.rows.findLast((row) => row.type === type)!.payload!) as { details: Record<string, unknown> };
}

async function held(name: string) {
  const { id, licenseKey } = await newLicense(bench);
  const agent = await Agent.on(bench, name);
  await agent.activate(licenseKey);
  return { id, licenseKey, agent, until: new Date(claimsOf(agent.lease).exp * 1000).toISOString() };
}

test('releaseReuse at_once: a released license is free at once, and the overlap is told and journaled', async () => {
  const { id, licenseKey, agent, until } = await held('former');
  const dry = await asPerson(bench, 'licenseRelease', { params: { license: id }, body: { dryRun: true } });
  expect(dry.body.decision).toMatchObject({ value: { machines: 1, overlapUntil: until } });
  expect(dry.body.decision.until).toBeUndefined();
  await asPerson(bench, 'licenseRelease', { params: { license: id }, body: {} });
  expect((await journaled('license.released')).details).toMatchObject({ reusableFrom: null, overlapUntil: until });
  const next = await Agent.on(bench, 'next');
  expect((await next.activate(licenseKey)).status).toBe(200);
  // What the former holder has runs to its end; it gets nothing new.
  const { body } = await asPerson(bench, 'machine', { params: { machine: agent.instance } });
  expect(body.seats).toEqual([]);
});

test('releaseReuse at_once: so is the seat of a machine that is taken out', async () => {
  const { licenseKey, agent, until } = await held('taken out');
  const released = await asPerson(bench, 'machineRelease', { params: { machine: agent.instance }, body: {} });
  expect(released.body).toMatchObject({ reusableFrom: null });
  expect((await journaled('machine.released')).details).toEqual({ reusableFrom: null, overlapUntil: until });
  expect((await (await Agent.on(bench, 'in its place')).activate(licenseKey)).status).toBe(200);
});
