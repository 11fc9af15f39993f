import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  Agent,
  asDevice,
  asPerson,
  machine,
  newLicense,
  nonce,
  PRODUCT,
  startBench,
  type Bench,
} from '../support/authority.js';
import { engines } from '../support/store-engines.js';

/** Machines and hosts that take each other's place, back and forth, and copies that are no copies any more. */
describe.each(engines)('machines that take a place, on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => void (bench = await startBench(undefined, {}, await engine.url())));
  afterAll(() => bench?.close());

  const detail = async ({ instance }: Agent) =>
    (await asPerson(bench, 'machine', { params: { machine: instance } })).body;
  const replace = (fresh: Agent, old: Agent) =>
    asPerson(bench, 'machineDeclare', {
      params: { machine: fresh.instance },
      body: { kind: 'replaces', of: old.instance },
    });
  const used = async (license: string) =>
    (await asPerson(bench, 'licenses', { query: `?search=${license}` })).body.rows[0]!.used;

  async function active(name: string, licenseKey?: string): Promise<Agent> {
    const agent = await Agent.on(bench, name);
    expect((await agent.activate(licenseKey ?? (await newLicense(bench)).licenseKey)).status).toBe(200);
    return agent;
  }
  const move = (license: string, type: 'machine' | 'host', from: string, to: string) =>
    asPerson(bench, 'licenseMove', {
      params: { license },
      body: { from: { type, id: from }, to: { type, id: to }, sourceDisposition: 'disposed' },
    });

  test('a license moves to a machine whose own seat of it waits for the end of its lease', async () => {
    const { id, licenseKey } = await newLicense(bench, { seats: 2 });
    const [from, to] = [await active('from', licenseKey), await active('to', licenseKey)];
    await asPerson(bench, 'machineRelease', { params: { machine: to.instance }, body: {} });
    await to.activate((await newLicense(bench)).licenseKey);
    expect((await move(id, 'machine', from.instance, to.instance)).status).toBe(200);
    expect((await detail(to)).seats.find((seat) => seat.license === id)).toMatchObject({ state: 'held' });
    expect(await used(id)).toBe(1);
  });

  test('the license that is named moves, not the one that the machine was activated by last', async () => {
    const { id, licenseKey } = await newLicense(bench);
    const [from, to] = [await active('two licenses', licenseKey), await active('one license')];
    await from.activate((await newLicense(bench)).licenseKey);
    expect((await move(id, 'machine', from.instance, to.instance)).status).toBe(200);
    expect((await detail(to)).seats.map((seat) => seat.license)).toContain(id);
    expect((await detail(from)).seats.map((seat) => seat.license)).not.toContain(id);
  });

  test('and to a host whose own seat of it waits', async () => {
    const { id, licenseKey } = await newLicense(bench, { type: 'virtual', seats: 2 });
    const guest = async (name: string, declaredHostId: string) => {
      const agent = await Agent.on(bench, machine(name, { kind: 'guest', declaredHostId }));
      expect((await agent.activate(licenseKey)).status).toBe(200);
      return agent;
    };
    const first = await guest('guest 1', 'host-1');
    await guest('guest 2', 'host-2');
    await asPerson(bench, 'licenseRelease', { params: { license: id }, body: {} });
    expect((await first.activate(licenseKey)).status).toBe(200);
    expect((await move(id, 'host', 'host-1', 'host-2')).status).toBe(200);
    expect(await used(id)).toBe(1);
  });

  test('a machine that was replaced and takes the place back is in service again', async () => {
    const [first, second] = [await active('first'), await active('second')];
    await replace(second, first);
    expect((await replace(first, second)).status).toBe(200);
    expect((await first.checkIn()).status).toBe(200);
    const { machine: row, declarations } = await detail(first);
    expect(row).toMatchObject({ status: 'valid', marks: [] });
    expect(declarations.find(({ kind }) => kind === 'disposed')).toMatchObject({ contradictedAt: null });
    expect(declarations.find(({ kind }) => kind === 'disposed')?.withdrawnAt).not.toBeNull();
  });

  test('a HyperAgent whose machine is taken out keeps no place in the allowance (AIP-7.3)', async () => {
    const host = { id: 'esx', kind: 'bare_metal', hypervisor: 'kvm', guests: [] } as const;
    const told = {
      product: PRODUCT,
      hosts: [{ ...host, digest: 'd'.repeat(43) }],
      unchanged: [],
      agentlessInUse: true,
    };
    const tell = ({ signer, instance }: Agent) =>
      asDevice(bench, signer, 'inventory', {
        ...told,
        instance,
        takenAt: new Date(bench.clock).toISOString(),
      } as never);
    const { id, licenseKey } = await newLicense(bench, { seats: 3 });
    const agents: Agent[] = [];
    for (const name of ['agentless 1', 'agentless 2', 'agentless 3']) {
      bench.clock += 1000;
      agents.push(await active(name, licenseKey));
      expect((await tell(agents.at(-1)!)).status).toBe(200);
    }
    // With that of the host above two hosts are licensed.
    const { id: license } = await newLicense(bench, { type: 'virtual' });
    const bound = { params: { license }, body: { to: { type: 'host', id: 'esx' } } } as const;
    expect((await asPerson(bench, 'licenseBind', bound)).status).toBe(200);
    await asPerson(bench, 'licenseRelease', { params: { license: id }, body: {} });
    const [first, , third] = agents as [Agent, Agent, Agent];
    await third.checkIn();
    expect((await detail(third)).machine).toMatchObject({ status: 'stopped', rule: 'AIP-7.3' });
    await asPerson(bench, 'machineRelease', { params: { machine: first.instance }, body: {} });
    await third.checkIn();
    expect((await detail(third)).machine).toMatchObject({ status: 'valid', rule: 'AIP-7.3' });
  });

  /** Two machines that nothing tells apart: both wait for a decision. */
  async function twins(name: string, more: Parameters<typeof newLicense>[1] = {}) {
    const original = await active(name, (await newLicense(bench, more)).licenseKey);
    await original.checkIn();
    const copy = original.copyTo(name);
    for (const half of [copy, original, copy]) {
      bench.clock += 1000;
      await half.checkIn();
    }
    const { rows } = (await asPerson(bench, 'machines', { query: `?mark=fork&search=${name}` })).body;
    expect(rows).toHaveLength(2);
    return { original, copy };
  }
  async function settled(name: string): Promise<void> {
    const { body } = await asPerson(bench, 'overview');
    expect(body.todos.filter(({ kind, subject }) => kind === 'fork' && subject.name === name)).toEqual([]);
    expect((await asPerson(bench, 'machines', { query: `?mark=fork&search=${name}` })).body.rows).toEqual([]);
  }
  const copied = async (name: string): Promise<string> => {
    const { rows } = (await asPerson(bench, 'machines', { query: `?search=${name}` })).body;
    return rows.find(({ forkedFrom }) => forkedFrom != null)!.id;
  };

  test('a copy that is activated with a key of its own waits no more, and its original neither', async () => {
    const { copy, original } = await twins('own-key');
    const own = (await copied('own-key')) === copy.instance ? copy : original;
    expect((await own.activate((await newLicense(bench)).licenseKey)).status).toBe(200);
    await settled('own-key');
  });

  test('nor one that is given a license of its own', async () => {
    await twins('bound');
    const { id: license } = await newLicense(bench);
    const to = { type: 'machine', id: await copied('bound') } as const;
    expect((await asPerson(bench, 'licenseBind', { params: { license }, body: { to } })).status).toBe(200);
    await settled('bound');
    const msp = { profile: 'msp', term: 'subscription', validUntil: '2027-06-30' } as const;
    await twins('assigned', msp);
    const { id: other } = await newLicense(bench, msp);
    const body = { to: await copied('assigned'), kind: 'computer' } as const;
    expect((await asPerson(bench, 'licenseAssign', { params: { license: other }, body })).status).toBe(200);
    await settled('assigned');
  });

  test('nor one that is taken out, or goes by itself', async () => {
    await twins('out');
    await asPerson(bench, 'machineRelease', { params: { machine: await copied('out') }, body: {} });
    await settled('out');
    const { copy, original } = await twins('leaves');
    const { signer, instance, parent } = (await copied('leaves')) === copy.instance ? copy : original;
    await asDevice(bench, signer, 'deactivate', { instance, chain: { parent, nonce: nonce() } });
    await settled('leaves');
  });
});
