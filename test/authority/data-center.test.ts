import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Message, RequestOf } from '@leasehold/protocol';
import { decide, type Decision, type Facts } from '@leasehold/terms';
import {
  Agent,
  asDevice,
  asPerson,
  claimsOf,
  machine,
  newLicense,
  PRODUCT,
  startBench,
  type Bench,
} from '../support/authority.js';
import { engines } from '../support/store-engines.js';

// What happens to hosts and guests while nobody buys or sells anything.

const HOUR = 3_600_000;
type Told = RequestOf<'inventory'>['hosts'][number];

describe.each(engines)('on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => void (bench = await startBench(undefined, {}, await engine.url())));
  afterAll(() => bench?.close());

  const told = (id: string, guests: readonly string[]): Told => ({
    id,
    kind: 'bare_metal',
    hypervisor: 'kvm',
    guests: [...guests],
    digest: `digest-${id}-${guests.join('-')}`.padEnd(43, 'x').slice(0, 43),
  });
  const tell = ({ signer, instance }: Agent, hosts: readonly Told[]) => {
    const takenAt = new Date(bench.clock).toISOString();
    const more = { takenAt, unchanged: [], agentlessInUse: true };
    return asDevice(bench, signer, 'inventory', { instance, product: PRODUCT, hosts: [...hosts], ...more });
  };
  const uuidOf = ({ report }: Agent): string => report.components['hardware_uuid']!;

  async function active(
    name: string,
    licenseKey: string,
    more: Partial<Message<'MachineReport'>> = {},
  ): Promise<Agent> {
    const agent = await Agent.on(bench, machine(name, more));
    expect((await agent.activate(licenseKey)).status).toBe(200);
    return agent;
  }

  /** A backup server with a HyperAgent. */
  async function server(name: string): Promise<Agent> {
    return active(name, (await newLicense(bench)).licenseKey);
  }

  /** Gives a host that this server tells of a license, by which its guests are activated too. */
  async function licensed(by: Agent, host: string, guests: readonly string[]): Promise<string> {
    const { id, licenseKey } = await newLicense(bench, { type: 'virtual' });
    await tell(by, [told(host, guests)]);
    const to = { type: 'host' as const, id: host };
    expect((await asPerson(bench, 'licenseBind', { params: { license: id }, body: { to } })).status).toBe(200);
    return licenseKey;
  }

  /** What the console shows of a machine, after its check-in. */
  async function checkedIn(agent: Agent) {
    expect((await agent.checkIn()).status).toBe(200);
    const { body } = await asPerson(bench, 'machine', { params: { machine: agent.instance } });
    const { status, rule, hostId } = body.machine;
    return { status, rule, hostId };
  }

  /** What a server's lease says of the backup of a guest without an agent. */
  async function agentless(by: Agent, guest: string): Promise<Decision> {
    const { body } = await by.checkIn({ entitlementsDigest: null });
    const { facts } = claimsOf(body.entitlements!) as unknown as { facts: Facts };
    return decide(
      { ...facts, now: new Date(bench.clock).toISOString() },
      { action: 'backup', machine: guest, mode: 'agentless' },
    );
  }

  test('a host fails and its guests start on another, of which another server tells: a grace, which no later report cuts short (F-4)', async () => {
    const [one, two] = [await server('ha-1'), await server('ha-2')];
    const uuid = machine('ha-guest').components['hardware_uuid']!;
    const guest = await active('ha-guest', await licensed(one, 'ha-a', [uuid, 'ha-g']), { kind: 'guest' });
    const there = [told('ha-b', [uuid, 'ha-g'])];
    await tell(two, there);
    expect(await checkedIn(guest)).toEqual({ status: 'valid', rule: 'AIP-6.1', hostId: 'ha-a' });
    expect(await agentless(two, 'ha-g')).toMatchObject({ decision: 'allow' });
    // The host that failed is silent by now.
    bench.clock += 73 * HOUR;
    await tell(two, there);
    expect(await checkedIn(guest)).toEqual({ status: 'grace', rule: 'F-4', hostId: 'ha-b' });
    const grace = { warnings: ['SHORTAGE_GRACE'], needs: [{ bindTo: 'host:ha-b' }] };
    expect(await agentless(two, 'ha-g')).toMatchObject({ ...grace, value: { daysLeft: 14 } });
    bench.clock += 24 * HOUR;
    // It is repaired and empty.
    await tell(one, [told('ha-a', [])]);
    expect(await checkedIn(guest)).toMatchObject({ status: 'grace' });
    expect(await agentless(two, 'ha-g')).toMatchObject({ ...grace, value: { daysLeft: 13 } });
    bench.clock += 13 * 24 * HOUR;
    await tell(two, there);
    expect(await checkedIn(guest)).toMatchObject({ status: 'stopped', rule: 'AIP-6.2' });
    expect(await agentless(two, 'ha-g')).toMatchObject({ decision: 'needs', needs: [{ bindTo: 'host:ha-b' }] });
  });

  test('a host that does not answer once is reached as before, with its guests; after 72 hours with a warning (F-3)', async () => {
    const one = await server('reach');
    await licensed(one, 'reach-a', ['reach-g']);
    for (const answering of [[told('reach-b', [])], []]) {
      expect((await tell(one, answering)).status).toBe(200);
      expect(await agentless(one, 'reach-g')).toMatchObject({ decision: 'allow', reason_rule: 'AIP-6.1' });
    }
    bench.clock += 73 * HOUR;
    expect(await agentless(one, 'reach-g')).toMatchObject({ decision: 'warn', warnings: ['INVENTORY_STALE'] });
  });

  test('two hosts whose guests all declared the same one: its license counts for one of them, and the other has a grace', async () => {
    const one = await server('declared');
    const { licenseKey } = await newLicense(bench, { type: 'virtual' });
    const hyperAgents = [{ machine: one.instance, hosts: ['rack-1'], agentlessInUse: true }];
    await asPerson(bench, 'inventoryReport', { body: { hosts: [], hyperAgents } });
    const declared = { kind: 'guest', declaredHostId: 'rack-1' } as const;
    const guests = [await active('rack-g1', licenseKey, declared), await active('rack-g2', licenseKey, declared)];
    // Twice: neither takes the other's guests away.
    for (let day = 0; day < 2; day += 1) {
      await tell(
        one,
        guests.map((guest, n) => told(`rack-h${n}`, [uuidOf(guest)])),
      );
      expect(await checkedIn(guests[0]!)).toEqual({ status: 'valid', rule: 'AIP-6.1', hostId: 'rack-1' });
      expect(await checkedIn(guests[1]!)).toEqual({ status: 'grace', rule: 'F-4', hostId: 'rack-h1' });
      expect(await agentless(one, uuidOf(guests[0]!))).toMatchObject({ decision: 'allow' });
    }
  });

  test('two hosts under one UUID in one report are refused by name: they would share a license, and each other’s guests', async () => {
    const one = await server('twins');
    await licensed(one, 'twin', ['twin-g']);
    const { problem } = await tell(one, [told('twin', ['twin-g']), { ...told('twin', ['other-g']), name: 'kvm-2' }]);
    expect(problem).toMatchObject({ code: 'INPUT_INVALID', path: 'hosts' });
    expect(problem.detail).toContain('kvm-2');
    expect(await agentless(one, 'twin-g')).toMatchObject({ decision: 'allow' });
  });

  test('a hypervisor appears on a client computer: what it needs now has a grace; one that was stopped before gets none', async () => {
    const desktop = await newLicense(bench, { type: 'desktop', seats: 2 });
    const system = { os: 'windows_client' } as const;
    const pcs = [await active('pc-1', desktop.licenseKey, system), await active('pc-2', desktop.licenseKey, system)];
    const hypervisorOn = async (pc: Agent) => {
      const host = { id: uuidOf(pc), kind: 'hosted' as const, hypervisor: 'hyperv', guests: [] };
      expect((await asPerson(bench, 'inventoryReport', { body: { hosts: [host] } })).status).toBe(200);
    };
    await hypervisorOn(pcs[0]!);
    expect(await checkedIn(pcs[0]!)).toMatchObject({ status: 'grace', rule: 'F-4' });
    await asPerson(bench, 'licenseRelease', { params: { license: desktop.id }, body: {} });
    expect(await checkedIn(pcs[1]!)).toMatchObject({ status: 'stopped', rule: 'AIP-0.1' });
    await hypervisorOn(pcs[1]!);
    expect(await checkedIn(pcs[1]!)).toMatchObject({ status: 'stopped' });
  });

  test('a guest that cannot tell this time what it is stays one: unknown is not no (rules 1.7)', async () => {
    const one = await server('unsure');
    const uuid = machine('unsure-guest').components['hardware_uuid']!;
    const guest = await active('unsure-guest', await licensed(one, 'unsure-a', [uuid]), { kind: 'guest' });
    guest.report = { ...guest.report, kind: 'unknown' };
    expect(await checkedIn(guest)).toEqual({ status: 'valid', rule: 'AIP-6.1', hostId: 'unsure-a' });
  });

  test('a node that changes its cluster group is in the new one, whichever of the two is told first (F-5)', async () => {
    const { licenseKey } = await newLicense(bench, { seats: 2 });
    const [stays, moves] = [await active('node-stays', licenseKey), await active('node-moves', licenseKey)];
    const groupOf = async (agent: Agent) => {
      const { body } = await agent.checkIn({ entitlementsDigest: null });
      const { facts } = claimsOf(body.entitlements!) as unknown as { facts: Facts };
      return facts.clusters?.map(({ id }) => id);
    };
    const report = (clusters: { id: string; nodes: string[] }[]) =>
      asPerson(bench, 'inventoryReport', { body: { hosts: [], clusters } });
    await report([{ id: 'group-a', nodes: [stays.instance, moves.instance] }]);
    expect(await groupOf(moves)).toEqual(['group-a']);
    await report([
      { id: 'group-b', nodes: [moves.instance] },
      { id: 'group-a', nodes: [stays.instance] },
    ]);
    expect(await groupOf(moves)).toEqual(['group-b']);
    await report([{ id: 'group-b', nodes: [stays.instance] }]);
    expect(await groupOf(moves)).toBeUndefined();
  });
});
