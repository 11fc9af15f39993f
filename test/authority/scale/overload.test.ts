import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, asDevice, asPerson, newLicense, type Bench } from '../../support/authority.js';
import { startCluster, type Cluster } from '../../support/cluster.js';
import { FeedReader } from '../../support/feed-reader.js';
import { startPostgres, whyNoPostgres, type TestPostgres } from '../../support/postgres.js';

const missing = whyNoPostgres();
if (missing !== undefined) console.log(`Skipped: overload of a node on PostgreSQL. ${missing}.`);
const AGENTS = 30;
/** A node is pushed over its limit for real: on a busy machine the pushing itself fails first. */
const QUIET = process.env['LONG'] === '1';

describe.skipIf(missing !== undefined || !QUIET)(
  'more check-ins than the database can take (long form: wants a quiet machine)',
  () => {
    let server: TestPostgres;
    let cluster: Cluster;
    let bench: Bench;
    let blocker: pg.Client;
    beforeAll(async () => {
      server = await startPostgres();
      const url = await server.database();
      cluster = await startCluster(url, 1);
      bench = cluster as unknown as Bench;
      blocker = new pg.Client({ connectionString: url });
      await blocker.connect();
    });
    afterAll(async () => {
      await blocker?.end();
      await cluster?.close();
      await server?.dispose();
    });

    test('are turned away with a time of their own; console, feed and activations go on; all is well after', async () => {
      const { licenseKey } = await newLicense(bench, { seats: AGENTS });
      const agents = await Promise.all(Array.from({ length: AGENTS }, (_, n) => Agent.on(cluster, `herd ${n}`)));
      await Promise.all(agents.map((agent) => agent.activate(licenseKey)));
      const { epoch, seq } = (await asPerson(bench, 'me')).body;
      const reader = await FeedReader.open(bench, `${epoch}:${seq}`);

      // The database stands still for writers of machines.
      await blocker.query('BEGIN; LOCK TABLE instances IN EXCLUSIVE MODE');
      const requests = agents.map((agent) => agent.request());
      const send = (n: number) => asDevice(cluster, agents[n]!.signer, 'checkIn', requests[n]!);
      const first = agents.map((_, n) => send(n));
      // Who comes before the queue is too old joins it, and is not answered either.
      const answered = async () => {
        const late = new Promise<number>((resolve) => setTimeout(() => resolve(0), 200));
        const sent = send(0);
        first.push(sent);
        return Promise.race([sent.then(({ status }) => status), late]);
      };
      await expect.poll(answered, { timeout: 30_000 }).toBe(503);

      const refused = await Promise.all(agents.map((_, n) => send(n)));
      for (const { status, problem } of refused)
        expect({ status, code: problem.code }).toEqual({ status: 503, code: 'OVERLOADED' });
      const comeBack = refused.map(({ headers }) => Number(headers.get('retry-after')));
      expect(Math.min(...comeBack)).toBeGreaterThanOrEqual(5);
      expect(new Set(comeBack).size).toBeGreaterThan(1);
      expect((await asPerson(bench, 'overview')).status).toBe(200);
      expect((await asPerson(bench, 'companyCreate', { body: { name: 'meanwhile' } })).status).toBe(200);
      expect(await reader.row()).toMatchObject({ type: 'company.created' });
      expect((await fetch(`${cluster.authority.url}/readyz`)).status).toBe(200);
      const metrics = await (await fetch(`${cluster.authority.url}/metrics`)).text();
      expect(Number(/^leasehold_routine_turned_away (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThanOrEqual(AGENTS);

      await blocker.query('ROLLBACK');
      for (const { status, problem } of await Promise.all(first))
        expect([200, 503], JSON.stringify(problem)).toContain(status);
      for (const [n, agent] of agents.entries()) {
        const answer = await send(n);
        expect(answer).toMatchObject({ status: 200, body: { verdict: 'same', instance: agent.instance } });
      }
      reader.close();
    });
  },
);
