import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, asDevice, asPerson, machine, newLicense, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

const DAY = 86_400_000;

describe.each(engines)('two machines that nothing tells apart but their device keys, on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
  });
  afterAll(() => bench?.close());

  /** Machines of one report, each set up with the same license key. */
  async function alike(name: string, count: number): Promise<{ agents: Agent[]; key: string }> {
    const { licenseKey } = await newLicense(bench);
    const report = { ...machine(name), instanceId: `injected-${name}` };
    return { agents: await Promise.all(Array.from({ length: count }, () => Agent.on(bench, report))), key: licenseKey };
  }
  const shown = async ({ instance }: Agent) =>
    (await asPerson(bench, 'machine', { params: { machine: instance } })).body;

  test('when both come back, one is a copy under the shortage grace, and a person is asked', async () => {
    const {
      agents: [one, two],
      key,
    } = await alike('twins', 2);
    for (const agent of [one!, two!, one!]) expect((await agent.activate(key)).body.verdict).toBe('same');
    expect(one!.instance).toBe(two!.instance);
    expect((await two!.checkIn()).problem?.code).toBe('FORBIDDEN');
    const asked = two!.activation(key);
    const answer = await asDevice(bench, two!.signer, 'activate', asked);
    expect(answer.body.verdict).toBe('cloned');
    two!.take(answer);
    expect(two!.instance).not.toBe(one!.instance);
    expect((await asDevice(bench, two!.signer, 'activate', asked)).body.lease).toBe(answer.body.lease);

    for (const agent of [one!, two!, one!, two!]) expect((await agent.checkIn()).status).toBe(200);
    expect((await shown(one!)).machine).toMatchObject({ marks: ['fork'], status: 'valid' });
    const copy = await shown(two!);
    expect(copy.machine).toMatchObject({ marks: ['fork'], status: 'grace', forkedFrom: one!.instance });
    expect(Date.parse(copy.fork!.until) - Date.parse(copy.fork!.since)).toBe(14 * DAY);
    expect(copy.evidence).toContainEqual(expect.objectContaining({ verdict: 'cloned', kin: one!.instance }));
    const retire = { params: { machine: two!.instance }, body: { decision: 'retire' } } as const;
    expect((await asPerson(bench, 'forkDecide', retire)).status).toBe(200);
    expect((await two!.checkIn()).problem?.code).toBe('NOT_ACTIVATED');
    expect((await one!.checkIn()).status).toBe(200);
    expect((await shown(one!)).machine).toMatchObject({ marks: [], status: 'valid' });
  });

  test('each of three is told from the others in the end', async () => {
    const { agents, key } = await alike('triplets', 3);
    for (let day = 0; day < 3; day += 1)
      for (const agent of agents) if ((await agent.checkIn()).status !== 200) await agent.activate(key);
    expect(new Set(agents.map(({ instance }) => instance)).size).toBe(3);
    for (const agent of agents) expect((await agent.checkIn()).status).toBe(200);
  });

  test('a machine installed anew, then restored, then installed anew is one, and so is a container of a new key each day', async () => {
    const { agents, key } = await alike('reinstalled', 6);
    const [first, second, ...later] = agents;
    for (const agent of [first!, second!, first!, first!, ...later])
      expect((await agent.activate(key)).body.verdict).toBe('same');
    expect(new Set(agents.map(({ instance }) => instance)).size).toBe(1);
    expect((await shown(first!)).machine).toMatchObject({ marks: [], status: 'valid' });
  });

  test('a seat that was given back and taken again by either is nobody’s copy', async () => {
    const {
      agents: [one, two],
      key,
    } = await alike('in turns', 2);
    for (const agent of [one!, two!, one!, two!]) {
      expect((await agent.activate(key)).body.verdict).toBe('same');
      const chain = { parent: agent.parent, nonce: agent.activation(key).chain.nonce };
      const body = { instance: agent.instance, chain };
      expect((await asDevice(bench, agent.signer, 'deactivate', body)).status).toBe(200);
    }
  });
});
