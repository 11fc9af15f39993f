import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestOf } from '@leasehold/protocol';
import { Agent, asPerson, machine, newLicense, startBench, type Bench } from '../../support/authority.js';
import { engines } from '../../support/store-engines.js';

// A seat that a person holds for a host, a group or a machine before anything activates there.
describe.each(engines)('a license that is bound by hand, on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => void (bench = await startBench(undefined, {}, await engine.url())));
  afterAll(() => bench?.close());

  const report = async (body: Partial<RequestOf<'inventoryReport'>>): Promise<void> => {
    const { status, problem } = await asPerson(bench, 'inventoryReport', { body: { hosts: [], ...body } });
    if (status !== 200) throw new Error(JSON.stringify(problem));
  };
  const host = (id: string, guests: string[]) => ({ id, kind: 'bare_metal' as const, hypervisor: 'kvm', guests });
  const reached = (...hosts: string[]) =>
    report({ hyperAgents: [{ machine: 'anybody', hosts, agentlessInUse: false }] });
  const bind = (license: string, type: 'machine' | 'host', id: string) =>
    asPerson(bench, 'licenseBind', { params: { license }, body: { to: { type, id } } });
  const licenseOn = async (id: string) => {
    const { body } = await asPerson(bench, 'machines');
    return body.hosts.find((one) => one.id === id)?.coveredBy;
  };

  test('to a host covers its guests; twice is once, and a host that nobody reported is none', async () => {
    await report({ hosts: [host('kvm-9', ['guest-9'])] });
    const { id } = await newLicense(bench, { type: 'virtual' });
    await reached('kvm-9');
    expect((await bind(id, 'host', 'kvm-9')).status).toBe(200);
    expect((await bind(id, 'host', 'kvm-9')).status).toBe(200);
    expect(await licenseOn('kvm-9')).toBe(id);
    expect((await bind(id, 'host', 'unheard')).problem).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('to a guest takes a seat of its host, which is the unit, where it is one of hosts (AIP-6.1)', async () => {
    await reached('kvm-old');
    const old = await newLicense(bench, { type: 'virtual', seats: 1 });
    const guest = await Agent.on(bench, machine('guest-to-bind', { kind: 'guest', declaredHostId: 'kvm-old' }));
    expect((await guest.activate(old.licenseKey)).status).toBe(200);
    await report({ hosts: [host('kvm-new', [guest.instance])] });
    const { id } = await newLicense(bench, { type: 'virtual', seats: 2 });
    expect((await bind(id, 'machine', guest.instance)).problem).toMatchObject({ rule: 'AIP-7.1a' });
    await reached('kvm-old', 'kvm-new');
    const bound = await bind(id, 'machine', guest.instance);
    expect(bound.body.decision).toMatchObject({ decision: 'allow', reason_rule: 'AIP-6.1' });
    const { body } = await asPerson(bench, 'machine', { params: { machine: guest.instance } });
    expect(body.machine).toMatchObject({ status: 'valid', coveredBy: 'host:kvm-new' });
    expect(await licenseOn('kvm-new')).toBe(id);
  });
});
