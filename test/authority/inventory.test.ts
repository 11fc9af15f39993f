import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestOf } from '@leasehold/protocol';
import { Agent, asPerson, claimsOf, machine, newLicense, startBench, type Bench } from '../support/authority.js';

let bench: Bench;
beforeAll(async () => void (bench = await startBench()));
afterAll(() => bench.close());

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

  test('a host license by hand covers its guests, and a machine license a machine', async () => {
    await report({ hosts: [host('kvm-9', ['guest-9'])] });
    const { id } = await newLicense(bench, { type: 'virtual' });
    await report({ hyperAgents: [{ machine: 'anybody', hosts: ['kvm-9'], agentlessInUse: false }] });
    expect((await bind(id, 'host', 'kvm-9')).status).toBe(200);
    expect((await bind(id, 'host', 'kvm-9')).status).toBe(200);
    const machines = await asPerson(bench, 'machines');
    expect(machines.body.hosts.find((one) => one.id === 'kvm-9')).toMatchObject({ coveredBy: id });
    expect((await bind(id, 'host', 'unheard')).problem).toMatchObject({ code: 'NOT_FOUND' });
  });
});
