import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestOf } from '@leasehold/protocol';
import { isCheckInReply } from '@leasehold/protocol/guards';
import { decide, type Facts } from '@leasehold/terms';
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

describe.each(engines)('on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => void (bench = await startBench(undefined, {}, await engine.url())));
  afterAll(() => bench?.close());

  const report = async (body: Partial<RequestOf<'inventoryReport'>>): Promise<void> => {
    const { status, problem } = await asPerson(bench, 'inventoryReport', { body: { hosts: [], ...body } });
    if (status !== 200) throw new Error(JSON.stringify(problem));
  };
  const host = (id: string, guests: readonly string[] = []) => ({
    id,
    kind: 'bare_metal' as const,
    hypervisor: 'kvm',
    guests: [...guests],
  });
  const bind = (license: string, type: 'machine' | 'host' | 'cluster_group', id: string) =>
    asPerson(bench, 'licenseBind', { params: { license }, body: { to: { type, id } } });
  const row = async (agent: Agent) => {
    const { body } = await asPerson(bench, 'machine', { params: { machine: agent.instance } });
    return body.machine;
  };

  async function active(name: string, licenseKey: string, more = {}): Promise<Agent> {
    const agent = await Agent.on(bench, machine(name, more));
    const { status, problem } = await agent.activate(licenseKey);
    if (status !== 200) throw new Error(JSON.stringify(problem));
    return agent;
  }

  const factsOf = (token: string) => (claimsOf(token) as unknown as { facts: Record<string, unknown> }).facts;

  describe('HyperAgents', () => {
    test('none reported is unknown; reported ones are known, and a host that none reaches refuses a Virtual license', async () => {
      const allowance = async () => (await asPerson(bench, 'machines')).body.hyperAgents;
      expect(await allowance()).toBeNull();
      await report({ hosts: [host('esx-1'), host('esx-2')] });
      const early = await newLicense(bench, { type: 'virtual' });
      const first = await bind(early.id, 'host', 'esx-1');
      expect(first.body.decision).toMatchObject({ decision: 'warn', warnings: ['HYPERAGENT_UNKNOWN'] });
      const { licenseKey } = await newLicense(bench);
      const agent = await Agent.on(bench, 'ha-1');
      const activated = await agent.activate(licenseKey);
      expect(factsOf(activated.body.entitlements!)['unknown']).toEqual(['hyper_agents']);

      const hyperAgents = [{ machine: agent.instance, hosts: ['esx-1'], agentlessInUse: true }];
      await report({ hyperAgents });
      expect(await allowance()).toEqual({ inUse: 1, covered: 1 });
      const again = await agent.checkIn();
      expect(factsOf(again.body.entitlements!)).toMatchObject({
        unknown: [],
        machines: [{ id: agent.instance, hyperAgent: { connectableHosts: ['esx-1'] } }],
        usage: { agentlessInUse: true, hyperAgentAllowanceUsedBy: [agent.instance] },
      });
      const { id } = await newLicense(bench, { type: 'virtual', seats: 2 });
      const refused = await bind(id, 'host', 'esx-2');
      expect(refused.problem).toMatchObject({ rule: 'AIP-7.1a', reason: 'HYPERAGENT_REQUIRED' });
      await report({ hyperAgents: [{ ...hyperAgents[0]!, hosts: ['esx-1', 'esx-2'] }] });
      expect((await bind(id, 'host', 'esx-2')).body.decision).toMatchObject({
        decision: 'allow',
        reason_rule: 'AIP-6.1',
      });
      // Where it runs no more it is known to be gone.
      await report({ hyperAgents: [] });
      expect(factsOf((await agent.checkIn()).body.entitlements!)).not.toHaveProperty('usage');
      expect((await bind(id, 'host', 'esx-1')).problem.reason).toBe('HYPERAGENT_REQUIRED');
    });

    test('as many HyperAgent machines are covered as there are host licenses, first in, first served (AIP-7.3)', async () => {
      const { licenseKey, id } = await newLicense(bench, { seats: 4 });
      const agents: Agent[] = [];
      for (const name of ['a', 'b', 'c', 'd']) agents.push(await active(`allow-${name}`, licenseKey));
      const hosts = ['esx-1', 'esx-2'];
      await report({
        hyperAgents: agents.map((agent) => ({ machine: agent.instance, hosts, agentlessInUse: true })),
      });
      await asPerson(bench, 'licenseRelease', { params: { license: id }, body: {} });
      const rules: (string | null)[] = [];
      for (const agent of agents) {
        await agent.checkIn();
        const { rule, status } = await row(agent);
        rules.push(`${rule} ${status}`);
      }
      expect(rules.filter((one) => one === 'AIP-7.3 valid')).toHaveLength(2);
      expect(rules.filter((one) => one === 'AIP-7.3 stopped')).toHaveLength(2);
      expect((await asPerson(bench, 'machines')).body.hyperAgents).toEqual({ inUse: 4, covered: 2 });
    });
  });

  describe('cluster groups', () => {
    test('a third node asks for an additional-node license, with a grace; that stays with its group for good (AIP-5.4, AIP-5.5)', async () => {
      const { licenseKey } = await newLicense(bench, { seats: 3 });
      const nodes = [await active('node-1', licenseKey), await active('node-2', licenseKey)];
      const third = await active('node-3', licenseKey);
      await report({ clusters: [{ id: 'cg-1', nodes: nodes.map((node) => node.instance) }] });
      // Named by the hardware UUID, as a hypervisor knows it.
      const uuid = third.report.components['hardware_uuid']!;
      await report({ clusters: [{ id: 'cg-1', nodes: [...nodes.map((node) => node.instance), uuid] }] });
      await third.checkIn();
      expect(await row(third)).toMatchObject({ status: 'valid' });
      const { id } = await newLicense(bench, { type: 'additional_node' });
      const bound = await bind(id, 'cluster_group', 'cg-1');
      expect(bound.body.decision).toMatchObject({ reason_rule: 'AIP-5.5', obligations: ['BIND_FOREVER'] });
      await report({ clusters: [{ id: 'cg-2', nodes: [nodes[0]!.instance] }] });
      expect((await bind(id, 'cluster_group', 'cg-2')).problem.reason).toBe('BOUND_TO_OTHER_GROUP');
      expect((await bind(id, 'cluster_group', 'nowhere')).problem).toMatchObject({ code: 'NOT_FOUND', path: 'to.id' });
    });
  });

  describe('what an agent tells', () => {
    type Told = RequestOf<'inventory'>['hosts'][number];
    const told = (id: string, guests: readonly string[], more = {}): Told => ({
      ...host(id, guests),
      digest: `digest-${id}-${guests.join('-')}`.padEnd(43, 'x'),
      ...more,
    });
    const tell = async (agent: Agent, hosts: Told[], more: Partial<RequestOf<'inventory'>> = {}) => {
      const { instance } = agent;
      const takenAt = new Date(bench.clock).toISOString();
      const body = { instance, product: PRODUCT, takenAt, hosts, unchanged: [], agentlessInUse: true, ...more };
      return asDevice(bench, agent.signer, 'inventory', body);
    };
    const license = async (id: string, agent: Agent) => {
      const made = await newLicense(bench, { type: 'virtual' });
      await tell(agent, [told(id, [])]);
      expect((await bind(made.id, 'host', id)).status).toBe(200);
    };
    /** What the HyperAgent's own lease says of a guest's backup. */
    const judge = async (agent: Agent, guest: string) => {
      const { body } = await agent.checkIn({ entitlementsDigest: null });
      const facts = { ...factsOf(body.entitlements!), now: new Date(bench.clock).toISOString() } as Facts;
      return decide(facts, { action: 'backup', machine: guest, mode: 'agentless' });
    };
    const HOUR = 3_600_000;
    let agent: Agent;
    beforeAll(async () => {
      agent = await active('backup-server', (await newLicense(bench)).licenseKey);
      await license('kvm-1', agent);
    });

    test('guests without an agent are judged by its lease; on an unlicensed host each needs a license there (AIP-6.2)', async () => {
      expect(await tell(agent, [told('kvm-1', ['g-1']), told('kvm-2', ['g-2'])])).toMatchObject({ status: 200 });
      expect(await judge(agent, 'g-1')).toMatchObject({ decision: 'allow', reason_rule: 'AIP-6.1' });
      expect(await judge(agent, 'g-2')).toMatchObject({ decision: 'needs', needs: [{ bindTo: 'host:kvm-2' }] });
      const stranger = await Agent.on(bench, 'stranger');
      for (const instance of ['inst_nobody', agent.instance])
        expect((await tell(stranger, [], { instance })).problem.code).toBe('NOT_ACTIVATED');
    });

    test('a host that did not change comes by its digest; one that is held otherwise is wanted whole', async () => {
      const { id, digest } = told('kvm-1', ['g-1']);
      const journal = async () => (await asPerson(bench, 'me')).body.seq;
      const before = await journal();
      bench.clock += HOUR;
      const unchanged = [
        { id, digest },
        { id: 'kvm-2', digest: told('kvm-2', ['g-2']).digest },
      ];
      expect((await tell(agent, [], { unchanged })).body.wanted).toEqual([]);
      expect(await journal()).toBe(before);
      expect(await judge(agent, 'g-1')).toMatchObject({ decision: 'allow' });
      const other = [unchanged[0]!, { id: 'kvm-2', digest: 'y'.repeat(43) }];
      expect((await tell(agent, [], { unchanged: other })).body.wanted).toEqual(['kvm-2']);
      await tell(agent, [], { unchanged });
    });

    test('migrated while it runs to a host without license: a grace, and after it the plain answer (F-4)', async () => {
      await tell(agent, [told('kvm-1', []), told('kvm-2', ['g-1', 'g-2'])]);
      expect(await judge(agent, 'g-1')).toMatchObject({ decision: 'warn', warnings: ['SHORTAGE_GRACE'] });
      // It never was covered, so nothing was taken from it.
      expect(await judge(agent, 'g-2')).toMatchObject({ decision: 'needs' });
      bench.clock += 14 * 24 * HOUR;
      await tell(agent, [told('kvm-1', []), told('kvm-2', ['g-1', 'g-2'])]);
      expect(await judge(agent, 'g-1')).toMatchObject({ decision: 'needs' });
      await tell(agent, [told('kvm-1', ['g-1']), told('kvm-2', ['g-2'])]);
      expect(await judge(agent, 'g-1')).toMatchObject({ decision: 'allow' });
      await tell(agent, [told('kvm-1', []), told('kvm-2', ['g-1', 'g-2'])]);
      expect(await judge(agent, 'g-1')).toMatchObject({ warnings: ['SHORTAGE_GRACE'] });
      await tell(agent, [told('kvm-1', ['g-1']), told('kvm-2', ['g-2'])]);
    });

    test('claimed by two hosts: covered for 72 hours, warned for its grace, then by neither; a silent host loses its claim', async () => {
      const second = await active('backup-server-2', (await newLicense(bench)).licenseKey);
      await tell(second, [told('kvm-3', ['g-1'])]);
      const hosts = async () => (await asPerson(bench, 'machines')).body.hosts.filter(({ disputed }) => disputed === 1);
      expect((await hosts()).map(({ id }) => id)).toEqual(['kvm-1', 'kvm-3']);
      expect(await judge(agent, 'g-1')).toMatchObject({ decision: 'allow' });
      const bothTell = async () => {
        await tell(agent, [told('kvm-1', ['g-1'])]);
        await tell(second, [told('kvm-3', ['g-1'])]);
      };
      const needs = [{ bindTo: 'host:kvm-3' }];
      bench.clock += 72 * HOUR + 1;
      await bothTell();
      // Nobody bought or sold anything (F-4).
      expect(await judge(agent, 'g-1')).toMatchObject({ warnings: ['SHORTAGE_GRACE'], value: { daysLeft: 14 }, needs });
      bench.clock += 14 * 24 * HOUR;
      await bothTell();
      expect(await judge(agent, 'g-1')).toMatchObject({ decision: 'needs', needs });
      bench.clock += 72 * HOUR + 1;
      await tell(agent, [told('kvm-1', ['g-1'])]);
      expect(await judge(agent, 'g-1')).toMatchObject({ decision: 'allow' });
      await tell(second, [told('kvm-3', [])]);
      expect(await hosts()).toEqual([]);
    });

    test('a provider that is silent for more than 72 hours: what was known counts, with a warning (F-3)', async () => {
      await tell(agent, [told('kvm-1', ['g-1'])]);
      bench.clock += 73 * HOUR;
      expect(await judge(agent, 'g-1')).toMatchObject({ decision: 'warn', warnings: ['INVENTORY_STALE'] });
      // Read before the machine was offline, sent after: it is as old as its reading.
      const takenAt = new Date(bench.clock - 80 * HOUR).toISOString();
      await tell(agent, [told('kvm-1', ['g-1'])], { takenAt });
      expect(await judge(agent, 'g-1')).toMatchObject({ warnings: ['INVENTORY_STALE'] });
      await tell(agent, [told('kvm-1', ['g-1'])], { takenAt: '2099-01-01T00:00:00Z' });
      bench.clock += 73 * HOUR;
      expect(await judge(agent, 'g-1')).toMatchObject({ warnings: ['INVENTORY_STALE'] });
    });

    test('what was read before, and comes after what was read later, moves no guest back and makes nothing older', async () => {
      await tell(agent, [told('kvm-1', ['g-1']), told('kvm-2', ['g-2'])]);
      const takenAt = new Date(bench.clock).toISOString();
      bench.clock += 50 * HOUR;
      await tell(agent, [told('kvm-1', []), told('kvm-2', ['g-1', 'g-2'])]);
      await tell(agent, [told('kvm-1', ['g-1']), told('kvm-2', ['g-2'])], { takenAt });
      expect(await judge(agent, 'g-1')).toMatchObject({ warnings: ['SHORTAGE_GRACE'] });
      await tell(agent, [told('kvm-1', ['g-1']), told('kvm-2', ['g-2'])]);
      bench.clock += 50 * HOUR;
      const { id, digest } = told('kvm-1', ['g-1']);
      await tell(agent, [], { takenAt, unchanged: [{ id, digest }] });
      expect(await judge(agent, 'g-1')).toMatchObject({ decision: 'allow' });
    });

    test('what was read before a later report puts no node back into its former cluster group', async () => {
      const key = (await newLicense(bench, { seats: 3 })).licenseKey;
      const nodes: Agent[] = [];
      for (const name of ['late-1', 'late-2', 'late-3']) nodes.push(await active(name, key));
      const [one, two, three] = nodes.map(({ instance }) => instance) as [string, string, string];
      const group = async (node: Agent) => {
        const { body } = await node.checkIn({ entitlementsDigest: null });
        const clusters = factsOf(body.entitlements!)['clusters'] as { id: string; nodeIds: string[] }[] | undefined;
        return clusters?.map(({ id, nodeIds }) => [id, ...nodeIds.toSorted()]);
      };
      const together = [{ id: 'late-a', nodes: [one, two, three] }];
      const apart = [
        { id: 'late-a', nodes: [one, two] },
        { id: 'late-b', nodes: [three] },
      ];
      const takenAt = new Date(bench.clock).toISOString();
      bench.clock += HOUR;
      await tell(agent, [], { clusters: apart });
      const stands = async () => {
        expect(await group(nodes[0]!)).toEqual([['late-a', ...[one, two].sort()]]);
        expect(await group(nodes[2]!)).toEqual([['late-b', three]]);
      };
      await stands();
      // The same group as it was; and another one, of which nothing newer is known, with nodes that are elsewhere since.
      await tell(agent, [], { clusters: together, takenAt });
      await stands();
      await tell(agent, [], { clusters: [{ id: 'late-c', nodes: [two, three] }], takenAt });
      await stands();
      // A clock that stands ahead keeps nobody from telling what is so.
      await tell(agent, [], { clusters: apart, takenAt: '2099-01-01T00:00:00Z' });
      bench.clock += HOUR;
      await tell(agent, [], { clusters: together });
      expect(await group(nodes[2]!)).toEqual([['late-a', ...[one, two, three].sort()]]);
    });

    test('an unlicensed node joins a hyper-converged system: every guest in it gets the grace (AIP-5.3, F-4)', async () => {
      await tell(agent, [told('kvm-1', ['g-1'], { hciId: 'hci' })]);
      expect(await judge(agent, 'g-1')).toMatchObject({ decision: 'allow' });
      const known = told('kvm-1', ['g-1'], { hciId: 'hci' });
      const node = told('kvm-8', ['g-8'], { hciId: 'hci' });
      await tell(agent, [node], { unchanged: [{ id: known.id, digest: known.digest }] });
      expect(await judge(agent, 'g-1')).toMatchObject({
        warnings: ['SHORTAGE_GRACE'],
        needs: [{ bindTo: 'host:kvm-8' }],
      });
      await tell(agent, [told('kvm-1', ['g-1']), told('kvm-8', [])]);
    });

    test('thousands of guests fit into a check-in as agents read it', async () => {
      const guests = Array.from({ length: 3000 }, (_, n) => `many-${n}`.padEnd(43, 'x'));
      await tell(agent, [told('kvm-1', ['g-1']), told('kvm-many', guests, { digest: 'm'.repeat(43) })]);
      const { body } = await agent.checkIn({ entitlementsDigest: null });
      expect(body.entitlements!.length).toBeGreaterThan(300_000);
      expect(isCheckInReply(body)).toBe(true);
      await tell(agent, [told('kvm-1', ['g-1']), told('kvm-many', [])]);
    });

    test('a host that was declared, or licensed as a machine, is the one that an inventory tells of later (F-1)', async () => {
      const virtual = await newLicense(bench, { type: 'virtual' });
      const inside = machine('declared-guest', { kind: 'guest', declaredHostId: 'esx-declared' });
      await report({ hyperAgents: [{ machine: agent.instance, hosts: ['esx-declared'], agentlessInUse: true }] });
      const guest = await Agent.on(bench, inside);
      expect((await guest.activate(virtual.licenseKey)).status).toBe(200);
      await guest.checkIn();
      expect(await row(guest)).toMatchObject({ rule: 'F-1' });
      await tell(agent, [told('hash-of-its-uuid', [inside.components['hardware_uuid']!])]);
      await guest.checkIn();
      expect(await row(guest)).toMatchObject({ status: 'valid', rule: 'AIP-6.1', coveredBy: 'host:esx-declared' });
      const metal = machine('metal');
      const onMetal = await active('metal', (await newLicense(bench)).licenseKey);
      const own = `host-${onMetal.instance}`;
      await report({ hyperAgents: [{ machine: agent.instance, hosts: [own], agentlessInUse: true }] });
      expect((await onMetal.activate((await newLicense(bench, { type: 'virtual' })).licenseKey)).status).toBe(200);
      const uuid = metal.components['hardware_uuid']!;
      await tell(agent, [told(uuid, ['g-7'])]);
      expect(await judge(agent, 'g-7')).toMatchObject({ decision: 'allow', reason_rule: 'AIP-6.1' });
      const { digest } = told(uuid, ['g-7']);
      expect((await tell(agent, [], { unchanged: [{ id: uuid, digest }] })).body.wanted).toEqual([]);
    });
  });
});
