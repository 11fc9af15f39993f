import type { Facts } from '@leasehold/terms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, asPerson, claimsOf, newLicense, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

/** Copies of installations that are licensed one by one: the shortage grace is theirs too (F-4). */

const DAY = 86_400_000;

describe.each(engines)('a copied installation with a license of its own, on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => void (bench = await startBench(undefined, {}, await engine.url())));
  afterAll(() => bench?.close());

  const single = () =>
    newLicense(bench, { profile: 'msp', type: 'server', term: 'subscription', validUntil: '2027-06-30' });
  const machineOf = async ({ instance }: Agent) =>
    (await asPerson(bench, 'machine', { params: { machine: instance } })).body.machine;
  const decide = (copy: Agent, decision: 'replace' | 'license' | 'retire', license?: string) =>
    asPerson(bench, 'forkDecide', {
      params: { machine: copy.instance },
      body: { decision, ...(license === undefined ? {} : { license }) },
    });

  /** What an agent is told of itself with its lease. */
  async function told(agent: Agent): Promise<NonNullable<Facts['instances']>[number]> {
    agent.entitlementsDigest = null;
    const { body } = await agent.checkIn();
    const { facts } = claimsOf(body.entitlements!) as unknown as { readonly facts: Facts };
    return facts.instances![0]!;
  }

  async function installed(name: string): Promise<{ original: Agent; license: string }> {
    const { id: license, licenseKey } = await single();
    const original = await Agent.on(bench, name);
    expect((await original.activate(licenseKey)).status).toBe(200);
    await original.checkIn();
    return { original, license };
  }

  /** Its state folder on a second machine, until the copy is called one. */
  async function copyOf(original: Agent): Promise<Agent> {
    const copy = original.copyTo(`${original.report.label} copy`);
    for (const half of [copy, original, copy]) expect((await half.checkIn()).status).toBe(200);
    expect(copy.instance).not.toBe(original.instance);
    return copy;
  }

  async function forked(name: string): Promise<{ original: Agent; copy: Agent; license: string }> {
    const { original, license } = await installed(name);
    const copy = await copyOf(original);
    expect(await machineOf(copy)).toMatchObject({ status: 'grace', rule: 'F-4', coveredBy: null, marks: ['fork'] });
    return { original, copy, license };
  }

  test('goes on for its days, told when they began; then it alone stops', async () => {
    const { original, copy, license } = await forked('srv');
    const began = new Date(bench.clock).toISOString();
    expect(await told(copy)).toMatchObject({ id: copy.instance, shortSince: began });
    expect(await machineOf(original)).toMatchObject({ status: 'valid', rule: 'MSP-1', coveredBy: license });
    expect(await told(original)).not.toHaveProperty('shortSince');
    bench.clock += 13 * DAY;
    for (const half of [original, copy]) await half.checkIn();
    expect(await machineOf(copy)).toMatchObject({ status: 'grace' });
    expect(await told(copy)).toMatchObject({ shortSince: began });
    bench.clock += DAY;
    for (const half of [original, copy]) await half.checkIn();
    expect(await machineOf(copy)).toMatchObject({ status: 'stopped', rule: 'MSP-1' });
    expect(await machineOf(original)).toMatchObject({ status: 'valid' });
  });

  test('copied again it begins no new days', async () => {
    const { copy } = await forked('again');
    const { shortSince } = await told(copy);
    bench.clock += 5 * DAY;
    await copy.checkIn();
    const second = await copyOf(copy);
    expect(await told(second)).toMatchObject({ id: second.instance, shortSince });
  });

  test('copied when its license was taken, it has none', async () => {
    const { original, license } = await installed('taken');
    await asPerson(bench, 'licenseRelease', { params: { license }, body: {} });
    expect(await machineOf(original)).toMatchObject({ status: 'stopped' });
    const late = await copyOf(original);
    expect(await machineOf(late)).toMatchObject({ status: 'stopped', rule: 'MSP-1' });
  });

  test('license it: the grace ends, and there is no second one when that license is taken back', async () => {
    const { copy } = await forked('licensed');
    const { id } = await single();
    expect((await decide(copy, 'license', id)).status).toBe(200);
    expect(await machineOf(copy)).toMatchObject({ status: 'valid', rule: 'MSP-1', coveredBy: id, marks: [] });
    expect(await told(copy)).not.toHaveProperty('shortSince');
    await asPerson(bench, 'licenseRelease', { params: { license: id }, body: {} });
    expect(await machineOf(copy)).toMatchObject({ status: 'stopped', rule: 'MSP-1' });
  });

  test('a license assigned to it ends the grace as well', async () => {
    const { copy } = await forked('assigned');
    const { id: license } = await single();
    await asPerson(bench, 'licenseAssign', { params: { license }, body: { to: copy.instance, kind: 'computer' } });
    expect(await machineOf(copy)).toMatchObject({ status: 'valid', coveredBy: license });
    expect(await told(copy)).not.toHaveProperty('shortSince');
  });

  test('replace: the license moves to it, and its original, which is gone, has no grace', async () => {
    const { original, copy, license } = await forked('replaced');
    expect((await decide(copy, 'replace')).status).toBe(200);
    expect(await machineOf(copy)).toMatchObject({ status: 'valid', coveredBy: license, marks: [] });
    expect(await told(copy)).not.toHaveProperty('shortSince');
    expect(await machineOf(original)).toMatchObject({ status: 'stopped', rule: 'MSP-1', marks: ['disposed'] });
  });

  test('retire: it is out of service, whatever was left of its days', async () => {
    const { copy } = await forked('retired');
    expect((await decide(copy, 'retire')).status).toBe(200);
    expect((await copy.checkIn()).problem.code).toBe('NOT_ACTIVATED');
    expect(await machineOf(copy)).toMatchObject({ status: 'released' });
  });
});
