import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestOf } from '@leasehold/protocol';
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

type Reported = RequestOf<'inventoryReport'>['hosts'][number];
const DAY = 86_400_000;

/** F-4: who was covered until something else changed goes on for 14 days, with a warning; who was not does not. */
describe.each(engines)('cover and its loss, on $name', (engine) => {
  let bench: Bench;
  /** Runs the HyperAgent that judges guests without an agent. */
  let agent: Agent;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    agent = await Agent.on(bench, 'backup-server');
    await agent.activate((await newLicense(bench)).licenseKey);
  });
  afterAll(async () => {
    expect(bench.logged.filter((line) => line.includes('timed_work.failed'))).toEqual([]);
    await bench.close();
  });

  let sites = 0;
  /** Names of hosts and guests that no other test has. */
  const site = (...names: string[]): string[] => {
    sites += 1;
    return names.map((name) => `${name}-${sites}`);
  };
  const host = (id: string, guests: readonly string[], more: Partial<Reported> = {}): Reported => {
    return { id, kind: 'bare_metal', hypervisor: 'kvm', guests: [...guests], ...more };
  };
  const report = async (
    hosts: Reported[],
    clusters: { id: string; nodes: string[] }[] = [],
    agentlessInUse = false,
  ): Promise<void> => {
    const reached = hosts.map(({ id }) => id);
    const hyperAgents = [{ machine: agent.instance, hosts: reached, agentlessInUse }];
    const { status, problem } = await asPerson(bench, 'inventoryReport', { body: { hosts, clusters, hyperAgents } });
    if (status !== 200) throw new Error(JSON.stringify(problem));
  };
  const license = async (hostId: string, more: Parameters<typeof newLicense>[1] = {}): Promise<string> => {
    const { id } = await newLicense(bench, { type: 'virtual', ...more });
    const body = { to: { type: 'host' as const, id: hostId } };
    const { status, problem } = await asPerson(bench, 'licenseBind', { params: { license: id }, body });
    if (status !== 200) throw new Error(JSON.stringify(problem));
    return id;
  };
  /** What the lease of `by` says of a backup now. */
  const judge = async (machineId: string, by: Agent): Promise<Decision> => {
    const { body } = await by.checkIn({ entitlementsDigest: null });
    const { facts } = claimsOf(body.entitlements!) as unknown as { facts: Facts };
    const now = new Date(bench.clock).toISOString();
    const mode = by === agent ? 'agentless' : 'agent';
    return decide({ ...facts, now }, { action: 'backup', machine: machineId, mode });
  };
  const of = (guest: string): Promise<Decision> => judge(guest, agent);
  const GRACE = { decision: 'warn', warnings: ['SHORTAGE_GRACE'], value: { daysLeft: 14 } };

  test('the grace begins anew for a guest whose host was licensed since the last one', async () => {
    const [a, b, c, guest] = site('a', 'b', 'c', 'guest') as [string, string, string, string];
    await report([host(a, [guest]), host(b, []), host(c, [])]);
    await license(a);
    await report([host(a, []), host(b, [guest]), host(c, [])]);
    expect(await of(guest)).toMatchObject(GRACE);
    await license(b);
    expect(await of(guest)).toMatchObject({ decision: 'allow' });
    bench.clock += 30 * DAY;
    await report([host(a, []), host(b, []), host(c, [guest])]);
    expect(await of(guest)).toMatchObject(GRACE);
  });

  test('the grace begins anew where an unlicensed node joins a hyper-converged system for the second time', async () => {
    const [a, b, guest, hciId] = site('a', 'b', 'guest', 'hci') as [string, string, string, string];
    await report([host(a, [guest], { hciId }), host(b, [])]);
    await license(a);
    for (const _ of ['first', 'second']) {
      await report([host(a, [guest], { hciId }), host(b, [], { hciId })]);
      expect(await of(guest)).toMatchObject(GRACE);
      await report([host(a, [guest], { hciId }), host(b, [])]);
      expect(await of(guest)).toMatchObject({ decision: 'allow' });
      bench.clock += 30 * DAY;
    }
  });

  test('the grace is given to a guest of which one reporter tells no more before another tells that it is there', async () => {
    const [a, b, guest] = site('a', 'b', 'guest') as [string, string, string];
    const told = async (guests: string[]): Promise<void> => {
      const takenAt = new Date(bench.clock).toISOString();
      const hosts = [{ ...host(b, guests), digest: `${b}${guests.length}`.padEnd(43, 'x') }];
      const body = { instance: agent.instance, product: PRODUCT, takenAt, hosts, unchanged: [], agentlessInUse: false };
      expect((await asDevice(bench, agent.signer, 'inventory', body)).status).toBe(200);
    };
    await report([host(a, [guest])]);
    await license(a);
    await told([]);
    await report([host(a, [])]);
    bench.clock += DAY;
    await told([guest]);
    expect(await of(guest)).toMatchObject({ ...GRACE, value: { daysLeft: 13 } });
  });

  test('the grace is the same one for a guest that goes on to a third host without a license', async () => {
    const [a, b, c, guest] = site('a', 'b', 'c', 'guest') as [string, string, string, string];
    await report([host(a, [guest]), host(b, []), host(c, [])]);
    await license(a);
    await report([host(a, []), host(b, [guest]), host(c, [])]);
    bench.clock += 10 * DAY;
    await report([host(a, []), host(b, []), host(c, [guest])]);
    expect(await of(guest)).toMatchObject({ ...GRACE, value: { daysLeft: 4 } });
  });

  test.each(['was revoked', 'has ended'])(
    'the grace is given to a guest that migrates to a host whose license %s',
    async (why) => {
      const [a, b, guest] = site('a', 'b', 'guest') as [string, string, string];
      await report([host(a, [guest]), host(b, [])]);
      await license(a);
      const validUntil = new Date(bench.clock).toISOString().slice(0, 10);
      const id = await license(b, { term: 'trial', kind: 'trial', validUntil });
      if (why === 'was revoked') await asPerson(bench, 'licenseRevoke', { params: { license: id }, body: {} });
      else bench.clock += 2 * DAY;
      await report([host(a, []), host(b, [guest])]);
      expect(await of(guest)).toMatchObject(GRACE);
    },
  );

  test('the grace is not given to a guest that leaves a host whose license was revoked: it was covered no more', async () => {
    const [a, b, guest] = site('a', 'b', 'guest') as [string, string, string];
    await report([host(a, [guest]), host(b, [])]);
    const id = await license(a);
    await asPerson(bench, 'licenseRevoke', { params: { license: id }, body: {} });
    expect(await of(guest)).toMatchObject({ decision: 'needs' });
    await report([host(a, []), host(b, [guest])]);
    expect(await of(guest)).toMatchObject({ decision: 'needs' });
  });

  test('the grace is given to a machine that tells itself that it lives elsewhere now, or as something else (F-1)', async () => {
    const [a, b] = site('a', 'b') as [string, string];
    await report([host(a, []), host(b, [])]);
    const { licenseKey } = await newLicense(bench, { type: 'virtual' });
    const guest = await Agent.on(bench, machine(`guest of ${a}`, { kind: 'guest', declaredHostId: a }));
    expect((await guest.activate(licenseKey)).status).toBe(200);
    expect(await judge(guest.instance, guest)).toMatchObject({ warnings: ['HOST_UNVERIFIED'] });
    guest.report = { ...guest.report, declaredHostId: b };
    expect(await judge(guest.instance, guest)).toMatchObject(GRACE);
    bench.clock += 14 * DAY;
    expect(await judge(guest.instance, guest)).toMatchObject({ decision: 'needs' });

    const metal = await Agent.on(bench, machine(`metal ${a}`));
    await metal.activate((await newLicense(bench)).licenseKey);
    expect(await judge(metal.instance, metal)).toMatchObject({ decision: 'allow' });
    metal.report = { ...metal.report, kind: 'guest' };
    expect(await judge(metal.instance, metal)).toMatchObject(GRACE);
  });

  test('an agent that gives its seat back takes no cover from guests that a HyperAgent backs up there', async () => {
    const [a, other] = site('a', 'other') as [string, string];
    const { licenseKey } = await newLicense(bench, { type: 'virtual' });
    const guest = await Agent.on(bench, machine(`guest on ${a}`, { kind: 'guest', declaredHostId: a }));
    await report([host(a, [guest.report.components['hardware_uuid']!, other])]);
    expect((await guest.activate(licenseKey)).status).toBe(200);
    expect(await of(other)).toMatchObject({ decision: 'allow' });
    const { instance, chain } = guest.request();
    const given = await asDevice(bench, guest.signer, 'deactivate', { instance, chain });
    expect(given.status).toBe(200);
    expect(await of(other)).toMatchObject({ decision: 'allow' });
  });

  test('a seat of a host waits for the lease of the HyperAgent that backs up its guests, where it has any', async () => {
    const [a, empty, guest] = site('a', 'empty', 'guest') as [string, string, string];
    await report([host(a, [guest]), host(empty, [])], [], true);
    const [used, idle] = [await license(a), await license(empty)];
    expect(await of(guest)).toMatchObject({ decision: 'allow' });
    const until = new Date(claimsOf(agent.lease).exp * 1000).toISOString();
    const released = async (id: string) =>
      (await asPerson(bench, 'licenseRelease', { params: { license: id }, body: {} })).body.decision.until;
    expect(await released(used)).toBe(until);
    expect(await released(idle)).toBeUndefined();
  });

  test('a cluster of guests: two on licensed hosts are its base, and an additional-node license serves the third (F-5)', async () => {
    const [a, b, c, group] = site('a', 'b', 'c', 'group') as [string, string, string, string];
    const nodes = [a, b, c].map((on) => machine(`node on ${on}`, { kind: 'guest' }));
    const uuids = nodes.map((node) => node.components['hardware_uuid']!);
    const hosts = [a, b, c].map((on, n) => host(on, [uuids[n]!]));
    await report(hosts, [{ id: group, nodes: uuids }]);
    const agents: Agent[] = [];
    for (const [n, type] of ['virtual', 'virtual', 'additional_node'].entries()) {
      const node = await Agent.on(bench, nodes[n]!);
      const { status, problem } = await node.activate((await newLicense(bench, { type })).licenseKey);
      expect({ status, problem }).toMatchObject({ status: 200 });
      agents.push(node);
    }
    for (const again of [false, true]) {
      if (again) await report(hosts, [{ id: group, nodes: uuids }]);
      for (const node of agents) expect(await judge(node.instance, node)).toMatchObject({ decision: 'allow' });
    }
  });

  /** Three guests as a cluster: two on licensed hosts are its base, the third has an additional-node license. */
  async function cluster(declared: boolean) {
    const [a, b, c, d, group] = site('a', 'b', 'c', 'd', 'group') as [string, string, string, string, string];
    const nodes = [a, b, c].map((on) =>
      machine(`node on ${on}`, { kind: 'guest', ...(declared ? { declaredHostId: on } : {}) }),
    );
    const uuids = nodes.map((node) => node.components['hardware_uuid']!);
    const onHosts = async (on: readonly string[]): Promise<void> => {
      const guests = (there: string) => (declared ? [] : uuids.filter((_, n) => on[n] === there));
      await report(
        [a, b, c, d].map((id) => host(id, guests(id))),
        [{ id: group, nodes: uuids }],
      );
    };
    await onHosts([a, b, c]);
    const agents: Agent[] = [];
    for (const [n, type] of ['virtual', 'virtual', 'additional_node'].entries()) {
      const node = await Agent.on(bench, nodes[n]!);
      const { status, problem } = await node.activate((await newLicense(bench, { type })).licenseKey);
      expect({ status, problem }).toMatchObject({ status: 200 });
      agents.push(node);
    }
    await onHosts([a, b, c]);
    return { hosts: [a, b, c, d] as const, onHosts, agents };
  }

  test('the grace is given to the nodes of a cluster too when one of its base moves to a host without a license (F-5)', async () => {
    const { hosts, onHosts, agents } = await cluster(false);
    const [a, b, c, d] = hosts;
    await onHosts([d, b, c]);
    expect(await judge(agents[0]!.instance, agents[0]!)).toMatchObject(GRACE);
    expect(await judge(agents[1]!.instance, agents[1]!)).toMatchObject({ decision: 'allow' });
    expect(await judge(agents[2]!.instance, agents[2]!)).toMatchObject(GRACE);
    bench.clock += 5 * DAY;
    expect(await judge(agents[2]!.instance, agents[2]!)).toMatchObject({ ...GRACE, value: { daysLeft: 9 } });
    await onHosts([a, b, c]);
    expect(await judge(agents[2]!.instance, agents[2]!)).toMatchObject({ decision: 'allow' });
    await onHosts([d, b, c]);
    bench.clock += 14 * DAY;
    expect(await judge(agents[2]!.instance, agents[2]!)).toMatchObject({ decision: 'needs' });
  });

  test('the same where the node tells of its new host itself (F-1)', async () => {
    const { hosts, agents } = await cluster(true);
    const [base, , extra] = agents as [Agent, Agent, Agent];
    expect(await judge(extra.instance, extra)).toMatchObject({ decision: expect.stringMatching(/allow|warn/) });
    base.report = { ...base.report, declaredHostId: hosts[3] };
    expect(await judge(base.instance, base)).toMatchObject(GRACE);
    expect(await judge(extra.instance, extra)).toMatchObject(GRACE);
  });

  test('a node that joins a system gives the grace to guests that say themselves that they are there, too (F-1, AIP-5.3)', async () => {
    const [a, b, hciId] = site('a', 'b', 'hci') as [string, string, string];
    await report([host(a, [], { hciId }), host(b, [])]);
    const guest = await Agent.on(bench, machine(`guest of ${a}`, { kind: 'guest', declaredHostId: a }));
    await guest.activate((await newLicense(bench, { type: 'virtual' })).licenseKey);
    expect(await judge(guest.instance, guest)).toMatchObject({ warnings: ['HOST_UNVERIFIED'] });
    await report([host(a, [], { hciId }), host(b, [], { hciId })]);
    expect(await judge(guest.instance, guest)).toMatchObject(GRACE);
  });

  test('a group that is told of again, as it was, gives no grace to a node whose license has ended', async () => {
    const [group] = site('group') as [string];
    const validUntil = new Date(bench.clock).toISOString().slice(0, 10);
    const node = await Agent.on(bench, machine(`node of ${group}`));
    await node.activate((await newLicense(bench, { term: 'trial', kind: 'trial', validUntil })).licenseKey);
    const clusters = [{ id: group, nodes: [node.instance] }];
    await report([], clusters);
    expect(await judge(node.instance, node)).toMatchObject({ warnings: ['EXPIRES_SOON'] });
    bench.clock += 2 * DAY;
    await report([], clusters);
    expect(await judge(node.instance, node)).toMatchObject({ decision: 'needs' });
  });
});
