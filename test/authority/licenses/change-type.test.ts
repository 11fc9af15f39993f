import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestOf } from '@leasehold/protocol';
import { Agent, asPerson, newLicense, startBench, type Bench } from '../../support/authority.js';
import { engines } from '../../support/store-engines.js';

type NewLicense = Partial<RequestOf<'licensesCreate'>['licenses'][number]>;
const SERVER = { profile: 'msp', type: 'server', term: 'subscription', validUntil: '2027-06-30' } as const;
const TRIAL = { ...SERVER, kind: 'trial', term: 'trial' } as const;

describe.each(engines)('the type of a license that is in use, on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    for (const id of ['north', 'south']) await asPerson(bench, 'companyCreate', { body: { id, name: id } });
  });
  afterAll(() => bench?.close());

  const license = (id: string, more: NewLicense) => newLicense(bench, { ...SERVER, id, ...more });
  const change = (id: string, type: string, more = {}, token = bench.ownerToken) =>
    asPerson(bench, 'licenseChangeType', { params: { license: id }, body: { type, ...more } }, token);
  const rowOf = async (id: string) => {
    const { body } = await asPerson(bench, 'licenses', { query: `?search=${id}` });
    return body.rows.find((row) => row.id === id)!;
  };
  /** A machine of a company that runs on a license. */
  async function machineOn(id: string, more: NewLicense) {
    const { licenseKey } = await license(id, more);
    const agent = await Agent.on(bench, `pc-${id}`);
    await agent.activate(licenseKey);
    return agent.instance;
  }
  const statusOf = async (id: string) =>
    (await asPerson(bench, 'machines', { query: `?search=pc-${id}` })).body.rows[0]!.status;

  test('MSP-2, MSP-4: its computer takes a free one of its company, then of the global pool; the former is free', async () => {
    const pc = await machineOn('a1', { companyId: 'north' });
    await license('a2', { type: 'desktop', companyId: 'south' });
    await license('a3', { type: 'desktop' });
    const dry = await change('a1', 'desktop', { dryRun: true });
    expect(dry.body).toMatchObject({
      dryRun: true,
      decision: { decision: 'allow', reason_rule: 'MSP-3', value: { license: 'a3' } },
    });
    expect(await rowOf('a1')).toMatchObject({ assignedTo: pc });
    await license('a4', { type: 'desktop', companyId: 'north' });
    expect((await change('a1', 'desktop')).body).toMatchObject({ id: 'a4', decision: { reason_rule: 'MSP-4' } });
    expect(await rowOf('a1')).toMatchObject({ assignedTo: null, type: 'server' });
    expect(await rowOf('a4')).toMatchObject({ assignedTo: pc, computerName: 'pc-a1' });
    expect(await statusOf('a1')).toBe('valid');
  });

  test('with none free it says what to buy, and nothing is changed', async () => {
    const pc = await machineOn('b1', { companyId: 'south' });
    await license('b2', { type: 'sql_server', companyId: 'north' });
    await license('b3', { type: 'sql_server', companyId: 'south', validUntil: '2026-01-01' });
    const { problem } = await change('b1', 'sql_server');
    expect(problem).toMatchObject({ code: 'REFUSED', rule: 'MSP-2' });
    expect(await rowOf('b1')).toMatchObject({ assignedTo: pc });
  });

  test('of its own type it puts a bought one in the place of a trial that has ended', async () => {
    const pc = await machineOn('c1', { ...TRIAL, type: 'ultimate', companyId: 'north' });
    await license('c2', { ...TRIAL, type: 'ultimate', companyId: 'north' });
    const short = await change('c1', 'ultimate');
    expect(short.problem.code).toBe('REFUSED');
    await license('c3', { type: 'ultimate', companyId: 'north' });
    expect((await change('c1', 'ultimate')).body.id).toBe('c3');
    expect(await rowOf('c3')).toMatchObject({ assignedTo: pc, kind: 'commercial' });
  });

  test('a domain changes as a computer does; one on nothing has nothing to change', async () => {
    await license('d1', { companyId: 'north' });
    const to = { to: 'north.example', kind: 'domain' } as const;
    await asPerson(bench, 'licenseAssign', { params: { license: 'd1' }, body: to });
    await license('d2', { type: 'exchange', companyId: 'north' });
    expect((await change('d1', 'exchange')).body.id).toBe('d2');
    expect(await rowOf('d2')).toMatchObject({ assignedTo: 'north.example', assignedKind: 'domain' });
    expect((await change('d1', 'server')).problem.code).toBe('CONFLICT');
  });

  test('who acts for a company draws on its licenses alone', async () => {
    await machineOn('e1', { companyId: 'south' });
    await license('e2', { type: 'vm_server' });
    const token = { name: 'South', role: 'operator', validDays: 9, companyId: 'south' } as const;
    const south = (await asPerson(bench, 'tokenCreate', { body: token })).body.token;
    expect((await change('e1', 'vm_server', {}, south)).problem.code).toBe('REFUSED');
    expect((await change('e1', 'vm_server')).body.id).toBe('e2');
  });
});
