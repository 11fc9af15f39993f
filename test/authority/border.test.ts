import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestOf } from '@leasehold/protocol';
import { decide, type Facts } from '@leasehold/terms';
import { Agent, asDevice, asPerson, claimsOf, machine, newLicense, PRODUCT, startBench } from '../support/authority.js';
import type { Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

type Told = RequestOf<'inventory'>['hosts'][number];
const HOUR = 3_600_000;

describe.each(engines)('the border between companies for inventories, on $name', (engine) => {
  let bench: Bench;
  /** A backup server of each, that reports. */
  let [provider, reseller, north, south]: Agent[] = [];
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    await asPerson(bench, 'companyCreate', { body: { id: 'reseller', name: 'Reseller' } });
    for (const id of ['north', 'south'])
      await asPerson(bench, 'companyCreate', { body: { id, name: id, parentId: 'reseller' } });
    [provider, reseller, north, south] = [
      await active(null),
      await active('reseller'),
      await active('north'),
      await active('south'),
    ];
  });
  afterAll(() => bench?.close());

  async function active(companyId: string | null, name = `server of ${companyId}`, more = {}): Promise<Agent> {
    const { licenseKey } = await newLicense(bench, { companyId });
    const agent = await Agent.on(bench, machine(name, more));
    const { status, problem } = await agent.activate(licenseKey);
    if (status !== 200) throw new Error(JSON.stringify(problem));
    return agent;
  }
  const told = (id: string, guests: readonly string[] = [], more: Partial<Told> = {}): Told => ({
    id,
    kind: 'bare_metal',
    hypervisor: 'kvm',
    guests: [...guests],
    digest: `digest-${id}-${guests.join('-')}`.padEnd(43, 'x').slice(0, 43),
    ...more,
  });
  const tell = async (agent: Agent | undefined, hosts: Told[], more: Partial<RequestOf<'inventory'>> = {}) => {
    const takenAt = new Date(bench.clock).toISOString();
    const body = {
      instance: agent!.instance,
      product: PRODUCT,
      takenAt,
      hosts,
      unchanged: [],
      agentlessInUse: true,
      ...more,
    };
    const { status, body: reply } = await asDevice(bench, agent!.signer, 'inventory', body);
    expect(status).toBe(200);
    return reply;
  };
  const hosts = async () => new Map((await asPerson(bench, 'machines')).body.hosts.map((host) => [host.id, host]));
  /** What a reporter's own lease says of a guest's backup; undefined: it is not told of that guest. */
  const judge = async (agent: Agent | undefined, guest: string) => {
    const { body } = await agent!.checkIn({ entitlementsDigest: null });
    const { facts } = claimsOf(body.entitlements!) as unknown as { facts: Facts };
    if (!facts.machines?.some(({ id }) => id === guest)) return undefined;
    const now = new Date(bench.clock).toISOString();
    const decision = decide({ ...facts, now }, { action: 'backup', machine: guest, mode: 'agentless' });
    return decision.decision;
  };
  const license = async (host: string, companyId: string | null) => {
    const { id } = await newLicense(bench, { type: 'virtual', companyId });
    const bound = await asPerson(bench, 'licenseBind', {
      params: { license: id },
      body: { to: { type: 'host', id: host } },
    });
    expect(bound.status).toBe(200);
  };

  // First: while no HyperAgent was reported, a Virtual license goes to a host that none reaches (F-2).
  test('a host that carries a company’s license waits for that company to tell of it', async () => {
    const waiting = machine('declared by north', { kind: 'guest', declaredHostId: 'by-hand' });
    const { licenseKey } = await newLicense(bench, { type: 'virtual', companyId: 'north' });
    const guest = await Agent.on(bench, waiting);
    expect((await guest.activate(licenseKey)).status).toBe(200);
    expect(await tell(south, [told('by-hand', [])])).toMatchObject({ disputed: ['by-hand'] });
    expect(await tell(north, [told('by-hand', [waiting.components['hardware_uuid']!])])).not.toHaveProperty('disputed');
    expect((await hosts()).get('by-hand')).toMatchObject({ companyId: 'north', guests: 1 });
  });

  test('a host is of the company that told of it first; another company’s word changes nothing, and is shown', async () => {
    expect(await tell(north, [told('n-1', ['g-1'])])).not.toHaveProperty('disputed');
    await license('n-1', 'north');
    expect((await hosts()).get('n-1')).toMatchObject({ companyId: 'north', guests: 1, contested: null });
    expect(await judge(north, 'g-1')).toBe('allow');

    const { seq } = (await asPerson(bench, 'me')).body;
    const reply = await tell(south, [told('n-1', []), told('s-1', [])], {
      unchanged: [{ id: 'n-1', digest: told('n-1', ['g-1']).digest }],
    });
    expect(reply).toMatchObject({ disputed: ['n-1'], wanted: ['n-1'] });
    const by = `instance:${south!.instance}`;
    expect((await hosts()).get('n-1')).toMatchObject({
      companyId: 'north',
      guests: 1,
      reportedBy: `instance:${north!.instance}`,
      contested: { by },
    });
    expect((await hosts()).get('s-1')).toMatchObject({ companyId: 'south' });
    // It is told neither of the guest nor of the license there.
    expect(await judge(south, 'g-1')).toBeUndefined();
    expect(await judge(north, 'g-1')).toBe('allow');
    // Each day again, and nobody is told of it each day.
    const { seq: after } = (await asPerson(bench, 'me')).body;
    expect(after).toBeGreaterThan(seq);
    await tell(south, [told('n-1', [])]);
    await tell(south, [told('n-1', [])]);
    const { body } = await asPerson(bench, 'journal', { query: `?after=1:${after}` });
    expect(body.rows.filter(({ type }) => type === 'inventory.reported').length).toBeLessThanOrEqual(1);

    // Whoever stands above tells of it too, and settles it.
    await tell(reseller, [told('n-1', ['g-1', 'g-2'])]);
    expect((await hosts()).get('n-1')).toMatchObject({ companyId: 'north', guests: 2, contested: null });
    await tell(north, [told('n-1', ['g-1'])]);
    await tell(provider, [told('p-1', ['p-g'])]);
    expect(await tell(reseller, [told('p-1', [])])).toMatchObject({ disputed: ['p-1'] });
    expect((await hosts()).get('p-1')).toMatchObject({ companyId: null, guests: 1 });
  });

  test('guests are not drawn away: neither with an agent nor without, neither at once nor after the dispute', async () => {
    const inside = await active('north', 'guest of north', { kind: 'guest' }).catch(() => undefined);
    expect(inside).toBeUndefined();
    const { licenseKey } = await newLicense(bench, {
      profile: 'msp',
      type: 'server',
      kind: 'commercial',
      term: 'subscription',
      companyId: 'north',
      validUntil: '2027-06-30',
    });
    const agent = await Agent.on(bench, machine('guest of north', { kind: 'guest' }));
    expect((await agent.activate(licenseKey)).status).toBe(200);
    const uuid = agent.report.components['hardware_uuid']!;
    await tell(north, [told('n-1', ['g-1', uuid])]);
    const place = async () =>
      (await asPerson(bench, 'machine', { params: { machine: agent.instance } })).body.machine.hostId;
    expect(await place()).toBe('n-1');
    bench.clock += HOUR;
    await tell(south, [told('s-1', ['g-1', uuid])]);
    for (const hours of [0, 60, 20]) {
      bench.clock += hours * HOUR;
      await tell(north, [], { unchanged: [{ id: 'n-1', digest: told('n-1', ['g-1', uuid]).digest }] });
      await tell(south, [], { unchanged: [{ id: 's-1', digest: told('s-1', ['g-1', uuid]).digest }] });
      await agent.checkIn();
      expect(await place()).toBe('n-1');
      expect(await judge(north, 'g-1')).toBe('allow');
      expect(await judge(south, 'g-1')).toBeUndefined();
    }
    expect((await hosts()).get('s-1')).toMatchObject({ disputed: 2 });
    await tell(south, [told('s-1', [])]);
  });

  test('nobody joins another company’s system or cluster group, or calls its machine a host', async () => {
    await tell(north, [told('n-1', ['g-1'], { hciId: 'hci' })]);
    expect(await tell(south, [told('s-2', [], { hciId: 'hci' })])).toMatchObject({ disputed: ['s-2'] });
    expect((await hosts()).has('s-2')).toBe(false);
    expect(await judge(north, 'g-1')).toBe('allow');
    const metal = north!.report.components['hardware_uuid']!;
    expect(await tell(south, [told(metal, ['g-9'])])).toMatchObject({ disputed: [metal] });
    const cluster = { id: 'group', nodes: [north!.instance] };
    expect(await tell(north, [], { clusters: [cluster] })).not.toHaveProperty('disputed');
    expect(await tell(south, [], { clusters: [{ id: 'group', nodes: [south!.instance] }] })).toMatchObject({
      disputed: ['group'],
    });
    expect(await tell(south, [], { clusters: [{ id: 'theft', nodes: [north!.instance] }] })).toMatchObject({
      disputed: ['theft'],
    });
  });

  test('nor lives on another company’s host by saying so (F-1)', async () => {
    const covered = async (companyId: string, declaredHostId: string | undefined, uuid?: string) => {
      const { id, licenseKey } = await newLicense(bench, { companyId });
      const agent = await Agent.on(bench, machine(`${companyId} on ${declaredHostId} ${uuid}`));
      await agent.activate(licenseKey);
      expect((await asPerson(bench, 'licenseRevoke', { params: { license: id }, body: {} })).status).toBe(200);
      const { components } = agent.report;
      agent.report = {
        ...agent.report,
        kind: 'guest',
        ...(declaredHostId ? { declaredHostId } : {}),
        components: { ...components, ...(uuid ? { hardware_uuid: uuid } : {}) },
      };
      await agent.checkIn();
      const { facts } = claimsOf((await agent.checkIn({ entitlementsDigest: null })).body.entitlements!) as unknown as {
        facts: Facts;
      };
      const now = new Date(bench.clock).toISOString();
      return decide({ ...facts, now }, { action: 'backup', machine: agent.instance }).decision;
    };
    expect(await covered('north', 'n-1')).toBe('warn');
    expect(await covered('reseller', 'n-1')).toBe('warn');
    expect(await covered('south', 'n-1')).toBe('needs');
    await tell(north, [told('n-1', ['g-1', 'x-9'])]);
    expect(await covered('south', undefined, 'x-9')).toBe('needs');
    await tell(north, [told('n-1', ['g-1', 'x-9', 'x-10'])]);
    expect(await covered('south', undefined, 'x-10')).toBe('needs');
    // Neither does one that says so as it comes.
    const first = await active('south', 'a guest of north, it says', {
      components: { hardware_uuid: 'x-10'.padEnd(43, 'x') },
    });
    expect((await asPerson(bench, 'machine', { params: { machine: first.instance } })).body.machine.hostId).toBeNull();
    // What the provider bound serves everybody there (AIP-6.1).
    await license('p-1', null);
    expect(await covered('south', 'p-1')).toBe('warn');
  });

  test('nor joins another company’s cluster group by telling the UUID of a node (F-5)', async () => {
    const groupsOf = async (companyId: string | null, uuid: string) => {
      const node = await active(companyId, `node ${uuid} of ${companyId}`, { components: { hardware_uuid: uuid } });
      const { body } = await node.checkIn({ entitlementsDigest: null });
      const { facts } = claimsOf(body.entitlements!) as unknown as { facts: Facts };
      return facts.clusters?.map(({ id }) => id);
    };
    const uuid = (n: number) => `node-${n}-`.padEnd(43, 'x');
    await tell(north, [], { clusters: [{ id: 'nodes of north', nodes: [uuid(1), uuid(2)] }] });
    await tell(provider, [], { clusters: [{ id: 'nodes of all', nodes: [uuid(3)] }] });
    expect(await groupsOf('south', uuid(1))).toBeUndefined();
    expect(await groupsOf('north', uuid(2))).toEqual(['nodes of north']);
    expect(await groupsOf('south', uuid(3))).toEqual(['nodes of all']);
  });
});
