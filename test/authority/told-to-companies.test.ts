import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JournalPayload } from '../../packages/authority/src/store/journal.js';
import { Agent, asPerson, LICENSE, machine, newLicense, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

const SINGLE = { ...LICENSE, profile: 'msp', term: 'subscription', validUntil: '2027-06-30' } as const;

describe.each(engines)('what a company’s journal says of the provider, on $name', (engine) => {
  let bench: Bench;
  let token = '';
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    await asPerson(bench, 'companyCreate', { body: { id: 'alpha', name: 'Alpha' } });
    const body = { name: 'Ann', role: 'viewer', validDays: 30, companyId: 'alpha' } as const;
    ({ token } = (await asPerson(bench, 'tokenCreate', { body })).body);
  });
  afterAll(() => bench?.close());

  /** The ids of all rows that the company's journal tells since. */
  const told = async (since: number) => {
    const { rows } = (await asPerson(bench, 'journal', { query: `?after=1:${since}` }, token)).body;
    return rows.flatMap(({ payload }) => (JSON.parse(payload!) as JournalPayload).rows.map(({ id }) => id));
  };
  const head = async () => (await asPerson(bench, 'me')).body.seq;
  const activated = async (companyId: string | null, name: string) => {
    const agent = await Agent.on(bench, name);
    const { licenseKey } = await newLicense(bench, { companyId });
    expect((await agent.activate(licenseKey)).status).toBe(200);
    return agent;
  };

  test('licenses that came in together with its own are not told', async () => {
    const since = await head();
    const licenses = [
      { ...SINGLE, id: 'of-alpha', companyId: 'alpha' },
      { ...SINGLE, id: 'in-stock', companyId: null },
    ];
    expect((await asPerson(bench, 'licensesCreate', { body: { licenses } })).status).toBe(200);
    expect(await told(since)).not.toContain('in-stock');
    expect((await asPerson(bench, 'licenses', {}, token)).body.rows.map(({ id }) => id)).toEqual(['of-alpha']);
  });

  test('nor are the provider’s hosts and machines beside its own', async () => {
    const guest = await activated('alpha', 'guest of alpha');
    const own = await activated(null, 'server of the provider');
    const since = await head();
    const guests = [guest, own].map((agent) => agent.instance);
    const body = { hosts: [{ id: 'esx-7', name: 'Rack 7', kind: 'bare_metal', hypervisor: 'esxi', guests }] } as const;
    expect((await asPerson(bench, 'inventoryReport', { body: structuredClone(body) as never })).status).toBe(200);
    const ids = await told(since);
    expect(ids).not.toContain('esx-7');
    expect(ids).not.toContain(own.instance);
  });

  test('nor are his machines that ran on one license with its own', async () => {
    const { id, licenseKey } = await newLicense(bench, { seats: 9 });
    const [first, second] = [await Agent.on(bench, machine('first')), await Agent.on(bench, machine('second'))];
    for (const agent of [first, second]) expect((await agent.activate(licenseKey)).status).toBe(200);
    const since = await head();
    const key = { name: 'Roll-out', company: 'alpha', licenses: [id], maxUses: 1, validDays: 9 };
    const { enrollmentKey } = (await asPerson(bench, 'enrollmentKeyCreate', { body: key })).body;
    const own = await Agent.on(bench, machine('of alpha'));
    expect((await own.activate(enrollmentKey!)).status).toBe(200);
    expect(await told(since)).toContain(own.instance);
    expect((await asPerson(bench, 'licenseRevoke', { params: { license: id }, body: {} })).status).toBe(200);
    const ids = await told(since);
    expect(ids).not.toContain(first.instance);
    expect(ids).not.toContain(second.instance);
  });

  test('the license of the provider that is given to its machine is', async () => {
    const agent = await activated('alpha', 'to be assigned');
    const { id: license } = await newLicense(bench, { ...SINGLE, companyId: null });
    const since = await head();
    const assigned = { params: { license }, body: { to: agent.instance, kind: 'computer' } } as const;
    expect((await asPerson(bench, 'licenseAssign', assigned)).status).toBe(200);
    expect(await told(since)).toEqual([license, agent.instance]);
  });
});
