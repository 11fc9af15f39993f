import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, asPerson, newLicense, type Bench } from '../../support/authority.js';
import { persist, startCluster, type Cluster } from '../../support/cluster.js';
import { engines } from '../../support/store-engines.js';

const LONG = process.env['LONG'] === '1';
/** Two sites: a node with its own file; three nodes on one PostgreSQL, of which one or all are asked. */
const SITES = engines.map((engine) => ({ ...engine, nodes: engine.name === 'sqlite' ? 1 : 3, engine }));

describe.each(SITES)('claims at once on 10 seats: $name', ({ name, engine, nodes }) => {
  let cluster: Cluster;
  let bench: Bench;
  beforeAll(async () => {
    cluster = await startCluster(await engine.url(), nodes);
    bench = cluster as unknown as Bench;
  });
  afterAll(() => cluster?.close());

  /** Every agent asks until it has an answer for good; three in ten of all replies are lost. `answered` is told how many
   * have theirs. */
  async function claim(count: number, answered: (so: number) => Promise<void>): Promise<void> {
    const { licenseKey, id } = await newLicense(bench, { seats: 10 });
    const agents = await Promise.all(Array.from({ length: count }, (_, n) => Agent.on(cluster, `${id}-${n}`)));
    let done = 0;
    cluster.balancer.loseReplies(() => Math.random() < 0.3);
    const results = await Promise.all(
      agents.map(async (agent) => {
        const request = agent.activation(licenseKey);
        const answer = await persist(() => agent.activate(licenseKey, request));
        await answered(++done);
        return answer;
      }),
    );
    cluster.balancer.loseReplies(() => false);
    const granted = results.filter(({ status }) => status === 200);
    const refused = results.filter(({ status }) => status !== 200);
    expect(new Set(refused.map(({ problem }) => problem.code))).toEqual(new Set(['SEATS_EXHAUSTED']));
    expect(granted).toHaveLength(10);
    expect(new Set(granted.map(({ body }) => body.instance)).size).toBe(10);
    const { body } = await persist(() => asPerson(bench, 'licenses', { query: `?search=${id}` }));
    expect(body.rows).toMatchObject([{ id, used: 10, quota: 10 }]);
  }

  const asked = name === 'sqlite' ? [1] : [1, 3];
  const cases = asked.flatMap((some) => (LONG ? [50, 500] : [50]).map((count) => ({ count, some })));
  test.each(cases)(
    '$count at $some node(s), three in ten replies lost',
    { timeout: 120_000 },
    async ({ count, some }) => {
      cluster.balancer.useOnly(cluster.nodes.slice(0, some).map(({ port }) => port));
      await claim(count, async () => undefined);
    },
  );

  const count = LONG ? 500 : 50;
  test(`${count} at ${nodes} node(s), while every node is killed once`, { timeout: 120_000 }, async () => {
    let killed = 0;
    await claim(count, async (so) => {
      if (so !== Math.ceil((count * (killed + 1)) / (nodes + 2)) || killed === nodes) return;
      const node = cluster.nodes[killed]!;
      killed += 1;
      await node.kill();
      await node.start();
    });
    expect(killed).toBe(nodes);
  });
});
