import { expect } from 'vitest';
import type { RequestOf } from '@leasehold/protocol';
import { Agent, asPerson, machine, newLicense, type Bench } from '../authority.js';
import { elsewhere, http, not, type Proof } from './proof.js';

type NewLicense = RequestOf<'licensesCreate'>['licenses'][number];

/** A license of one instance under an id of its own. */
async function single(bench: Bench, id: string, more: Partial<NewLicense> = {}): Promise<string> {
  const row = { id, profile: 'msp', type: 'server', term: 'subscription', validUntil: '2027-06-30', ...more } as const;
  return (await newLicense(bench, row)).licenseKey;
}
async function company(bench: Bench, id: string): Promise<string> {
  await asPerson(bench, 'companyCreate', { body: { id, name: id } });
  return id;
}
async function running(bench: Bench, name: string, key: string, os: 'linux' | 'windows_server' = 'windows_server') {
  const agent = await Agent.on(bench, machine(name, { os }));
  expect((await agent.activate(key)).status).toBe(200);
  return agent;
}
const assign = (bench: Bench, license: string, to: string) =>
  asPerson(bench, 'licenseAssign', { params: { license }, body: { to, kind: 'computer' } });
const machineOf = async (bench: Bench, { instance }: Agent) =>
  (await asPerson(bench, 'machines', { query: `?search=${encodeURIComponent(instance)}` })).body.rows[0]!;
const list = async (bench: Bench, query: string): Promise<string[]> =>
  (await asPerson(bench, 'licenses', { query })).body.rows.map(({ id }) => id).sort();

/** Two companies' licenses of a type of their own, one of each sort: seen by filters. */
async function shelf(bench: Bench, type: string): Promise<void> {
  const north = await company(bench, `${type}-north`);
  const key = await single(bench, `${type}-used`, { type: 'server', companyId: north });
  await running(bench, `${type}-pc`, key);
  await single(bench, `${type}-free`, { companyId: north, autoRenew: true });
  await single(bench, `${type}-past`, { companyId: north, validUntil: '2026-06-14' });
  await single(bench, `${type}-trial`, { companyId: north, kind: 'trial', term: 'trial' });
}

/** Manage Licenses. */
export const INSTANCE_RULES: Readonly<Record<string, Proof>> = {
  'MSP-1': http(async (bench) => {
    const agent = await running(bench, 'r1', await single(bench, 'r1'));
    expect(await machineOf(bench, agent)).toMatchObject({ status: 'valid', rule: 'MSP-1' });
    await asPerson(bench, 'licenseRelease', { params: { license: 'r1' }, body: {} });
    expect(await machineOf(bench, agent)).toMatchObject({ status: 'stopped', rule: 'MSP-1', coveredBy: null });
  }),
  'MSP-2': http(async (bench) => {
    const holder = await running(bench, 'r2a', await single(bench, 'r2a'));
    await single(bench, 'r2b');
    const other = await running(bench, 'r2c', await single(bench, 'r2c'));
    expect((await assign(bench, 'r2b', holder.instance)).status).toBe(200);
    const refused = await assign(bench, 'r2b', other.instance);
    expect(refused.problem).toMatchObject({ code: 'REFUSED', rule: 'MSP-2', reason: 'ALREADY_ASSIGNED' });
    await asPerson(bench, 'licenseRelease', { params: { license: 'r2b' }, body: {} });
    expect((await assign(bench, 'r2b', other.instance)).status).toBe(200);
  }),
  'MSP-3': http(async (bench) => {
    const north = await company(bench, 'r3-north');
    const agent = await running(bench, 'r3', await single(bench, 'r3', { companyId: north }));
    await single(bench, 'r3-global');
    const { body } = await assign(bench, 'r3-global', agent.instance);
    expect(body.decision).toMatchObject({ decision: 'allow', reason_rule: 'MSP-3' });
  }),
  'MSP-4': http(async (bench) => {
    const [north, south] = [await company(bench, 'r4-north'), await company(bench, 'r4-south')];
    const agent = await running(bench, 'r4', await single(bench, 'r4', { companyId: north }));
    await single(bench, 'r4-north', { companyId: north });
    await single(bench, 'r4-south', { companyId: south });
    const refused = await assign(bench, 'r4-south', agent.instance);
    expect(refused.problem).toMatchObject({ code: 'REFUSED', rule: 'MSP-4', reason: 'COMPANY_MISMATCH' });
    const { body } = await assign(bench, 'r4-north', agent.instance);
    expect(body.decision).toMatchObject({ decision: 'allow', reason_rule: 'MSP-4' });
  }),
  'MSP-5': elsewhere('authority/licenses/lists.test.ts', 'instances that were given the type, less the licenses valid'),
  'MSP-6': not('a place in the menu of the console'),
  'MSP-7': http(async (bench) => {
    await shelf(bench, 'r7');
    const all = '?company=r7-north&search=r7';
    expect(await list(bench, all)).toEqual(['r7-free', 'r7-past', 'r7-used']);
    expect(await list(bench, `${all}&usage=unused&validity=valid&autoRenew=only`)).toEqual(['r7-free']);
    expect(await list(bench, `${all}&usage=used&validity=expired`)).toEqual([]);
  }),
  'MSP-7.1': http(async (bench) => {
    const [north, south] = [await company(bench, 'r71-north'), await company(bench, 'r71-south')];
    const agent = await running(bench, 'r71', await single(bench, 'r71-own', { companyId: north }));
    await single(bench, 'r71-global');
    await assign(bench, 'r71-global', agent.instance);
    await single(bench, 'r71-other', { companyId: south });
    expect(await list(bench, `?company=${north}`)).toEqual(['r71-global', 'r71-own']);
    expect(await list(bench, '?company=All&search=r71')).toEqual(['r71-global', 'r71-other', 'r71-own']);
  }),
  'MSP-7.2': http(async (bench) => {
    await shelf(bench, 'r72');
    expect(await list(bench, '?company=r72-north&kind=trial')).toEqual(['r72-trial']);
    expect(await list(bench, '?company=r72-north')).not.toContain('r72-trial');
  }),
  'MSP-7.3': http(async (bench) => {
    await single(bench, 'r73-last', { validUntil: '2026-06-15' });
    await single(bench, 'r73-past', { validUntil: '2026-06-14' });
    expect(await list(bench, '?search=r73&validity=valid')).toEqual(['r73-last']);
    expect(await list(bench, '?search=r73&validity=expired')).toEqual(['r73-past']);
  }),
  'MSP-7.4': http(async (bench) => {
    await single(bench, 'r74-domain');
    const body = { to: 'example.test', kind: 'domain' } as const;
    await asPerson(bench, 'licenseAssign', { params: { license: 'r74-domain' }, body });
    await single(bench, 'r74-free');
    await single(bench, 'r74-trial', { kind: 'trial', term: 'trial' });
    expect(await list(bench, '?search=r74&usage=used')).toEqual(['r74-domain']);
    expect(await list(bench, '?search=r74&usage=unused')).toEqual(['r74-free']);
    expect(await list(bench, '?search=r74&usage=used&kind=trial')).toEqual(['r74-trial']);
  }),
  'MSP-7.5': http(async (bench) => {
    await shelf(bench, 'r75');
    expect(await list(bench, '?company=r75-north&autoRenew=only')).toEqual(['r75-free']);
  }),
  'MSP-8': http(async (bench) => {
    await company(bench, 'r8');
    for (const [id, type] of [
      ['r8a', 'server'],
      ['r8b', 'server'],
      ['r8c', 'desktop'],
    ] as const)
      await single(bench, id, { type, companyId: 'r8' });
    const { groups } = (await asPerson(bench, 'licenses', { query: '?company=r8' })).body;
    expect(groups).toEqual([
      { type: 'desktop', count: 1, used: 0 },
      { type: 'server', count: 2, used: 0 },
    ]);
  }),
  'MSP-9': elsewhere('authority/orders.test.ts', 'what a purchase is refused for, by its rule'),
  'MSP-10': elsewhere('authority/console.test.ts', 'types ever requested, for the exact empty text (MSP-10)'),
  'MSP-11': elsewhere('authority/orders.test.ts', 'what a purchase is refused for, by its rule'),
  'MSP-12': http(async (bench) => {
    const agent = await running(bench, 'r12', await single(bench, 'r12'), 'linux');
    await single(bench, 'r12-vm', { type: 'vm_server' });
    const refused = await assign(bench, 'r12-vm', agent.instance);
    expect(refused.problem).toMatchObject({ code: 'REFUSED', rule: 'MSP-12', reason: 'TYPE_NOT_FOR_OS' });
  }),
  'MSP-P1': http(async (bench) => {
    const key = await single(bench, 'rp1', { validUntil: '2026-06-15', autoRenew: false });
    const agent = await running(bench, 'rp1', key);
    expect(await machineOf(bench, agent)).toMatchObject({ status: 'expires_soon' });
    bench.clock = Date.parse('2026-06-16T00:00:01Z');
    await agent.checkIn();
    expect(await machineOf(bench, agent)).toMatchObject({ status: 'stopped', rule: 'MSP-1' });
  }),
};
