import { openLicense } from '@leasehold/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, asDevice, asPerson, newLicense, PRODUCT, type Bench } from '../../support/authority.js';
import { persist, startCluster, type Cluster } from '../../support/cluster.js';
import {
  startPostgres,
  startReplica,
  whyNoPostgres,
  type TestPostgres,
  type TestReplica,
} from '../../support/postgres.js';
import { BACKUP, cleanUp, machineNamed, temporaryFolder } from '../../support/sdk-fixture.js';
import { TcpBalancer } from '../../support/tcp-balancer.js';

const missing = whyNoPostgres();
if (missing !== undefined) console.log(`Skipped: restart and failover of PostgreSQL. ${missing}.`);
const AGENTS = process.env['LONG'] === '1' ? 200 : 24;
const CHECK_INS = 4;
/** Milliseconds: eight times as many agents want their time, on a machine that has other work too. */
const TIME = AGENTS === 24 ? 180_000 : 900_000;

describe.skipIf(missing !== undefined)('PostgreSQL goes away', () => {
  let primary: TestPostgres;
  let replica: TestReplica;
  /** The address of the database, which moves to the replica. */
  let database: TcpBalancer;
  let cluster: Cluster;
  let bench: Bench;
  beforeAll(async () => {
    primary = await startPostgres();
    const url = await primary.database();
    replica = await startReplica(primary);
    await primary.query("ALTER SYSTEM SET synchronous_standby_names = '*'");
    await primary.query('SELECT pg_reload_conf()');
    database = await TcpBalancer.start([primary.port]);
    cluster = await startCluster(url.replace(`:${primary.port}`, `:${database.port}`), 3);
    bench = cluster as unknown as Bench;
  });
  afterAll(async () => {
    await cluster?.close();
    await database?.close();
    await replica?.dispose();
    await primary?.dispose();
  });

  /** Agents activate and check in without rest while `disturb` runs, at about a third of it all. Each acknowledged lease
   * must be the head of its chain at the next check-in: a lost one would come back as `restored` or `unknown`. */
  async function live(name: string, disturb: () => Promise<void>): Promise<void> {
    const { licenseKey, id } = await newLicense(bench, { seats: AGENTS });
    const agents = await Promise.all(Array.from({ length: AGENTS }, (_, n) => Agent.on(cluster, `${name} ${n}`)));
    let answered = 0;
    let disturbed: Promise<void> | undefined;
    const patient = 5000;
    const count = (): void => {
      answered += 1;
      if (answered > (AGENTS * CHECK_INS) / 3) disturbed ??= disturb();
    };
    await Promise.all(
      agents.map(async (agent) => {
        const activation = agent.activation(licenseKey);
        expect((await persist(() => agent.activate(licenseKey, activation), patient)).status).toBe(200);
        count();
        for (let n = 0; n < CHECK_INS; n += 1) {
          const request = agent.request();
          const checked = await persist(() => asDevice(cluster, agent.signer, 'checkIn', request), patient);
          expect(checked).toMatchObject({ status: 200, body: { verdict: 'same' } });
          agent.take(checked);
          count();
        }
      }),
    );
    await disturbed;
    expect(disturbed).toBeDefined();
    const { body } = await persist(() => asPerson(bench, 'licenses', { query: `?search=${id}` }));
    expect(body.rows).toMatchObject([{ used: AGENTS, quota: AGENTS }]);
  }

  test('killed and started again under load: nothing that was answered is lost', { timeout: TIME }, async () => {
    await live('restarted', async () => {
      await primary.stop('kill');
      await primary.start();
    });
  });

  test('a commit that the replica did not confirm is not answered as done', async () => {
    const { licenseKey } = await newLicense(bench);
    const agent = await Agent.on(cluster, 'unconfirmed');
    const activation = agent.activation(licenseKey);
    await replica.stop();
    const asked = agent.activate(licenseKey, activation);
    const waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    await expect.poll(() => primary.query(waiting), { timeout: 10_000 }).not.toEqual([]);
    // As a time limit on statements does it: PostgreSQL then answers COMMIT with success, and a warning.
    await primary.query(`SELECT pg_cancel_backend(pid) FROM (${waiting}) AS waiting`);
    expect((await asked).problem).toMatchObject({ code: 'DATABASE_UNAVAILABLE', status: 503 });
    // It stands at the primary alone. Asked again, the answer waits until the replica has it.
    let answered = false;
    const again = agent.activate(licenseKey, activation).finally(() => (answered = true));
    await expect.poll(() => primary.query(waiting), { timeout: 10_000 }).not.toEqual([]);
    expect(answered).toBe(false);
    await replica.start();
    expect(await again).toMatchObject({ status: 200, body: { verdict: 'same' } });
  });

  test('a node cut off from its database says so, and agents ride on their leases', async () => {
    const { licenseKey } = await newLicense(bench, { type: 'linux' });
    const license = await openLicense({
      product: PRODUCT,
      version: '12.1',
      roots: [cluster.rootJwk],
      authority: cluster.authority.url,
      stateDir: temporaryFolder(),
      activation: { key: licenseKey },
      testing: { socket: { runFolder: temporaryFolder() }, ...machineNamed('rider') },
    });
    cleanUp(() => license.close());
    expect(license.authorize(BACKUP).allowed).toBe(true);
    const ready = async (): Promise<readonly [number, string | null, unknown]> => {
      const response = await fetch(`${cluster.nodes[0]!.url}/readyz`);
      return [response.status, response.headers.get('retry-after'), await response.json()];
    };
    // Packets are dropped; or connections break off and none comes about.
    const cuts = [
      [() => database.goSilent(true), () => database.goSilent(false)],
      [() => database.useOnly([]), () => database.useOnly([primary.port])],
    ] as const;
    for (const [cut, mend] of cuts) {
      expect(await ready()).toEqual([200, null, { status: 'ok', reason: null }]);
      const underWay = Agent.on(cluster, 'under way').then((agent) => agent.activate(licenseKey));
      cut();
      const begun = Date.now();
      const known = { status: 'not_ready', reason: 'DATABASE_UNAVAILABLE' };
      await expect.poll(ready, { timeout: 8000 }).toEqual([503, '5', known]);
      await expect(underWay).resolves.toMatchObject({ problem: { code: expect.any(String) as string } });
      expect(Date.now() - begun).toBeLessThan(8000);
      const asked = await asPerson(bench, 'overview');
      expect(asked.problem).toMatchObject({ code: 'DATABASE_UNAVAILABLE', status: 503 });
      expect(Number(asked.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await license.check()).toMatchObject({ ok: false, problem: { code: 'DATABASE_UNAVAILABLE' } });
      expect(license.authorize(BACKUP)).toMatchObject({ allowed: true, reason_rule: 'AIP-0.1' });
      mend();
      await expect.poll(ready, { timeout: 8000 }).toEqual([200, null, { status: 'ok', reason: null }]);
      await expect.poll(() => license.check(), { timeout: 8000 }).toMatchObject({ ok: true });
    }
  });

  test('led to a replica that follows still, a node is not ready, and says so', async () => {
    const { url, logged } = cluster.nodes[0]!;
    const { licenseKey } = await newLicense(bench);
    const agent = await Agent.on(cluster, 'at the replica');
    const ready = (): Promise<number> => fetch(`${url}/readyz`).then(({ status }) => status);
    database.useOnly([replica.port]);
    await expect.poll(ready, { timeout: 8000 }).toBe(503);
    const told = { event: 'database.not_writable', code: 'DATABASE_UNAVAILABLE' };
    await expect.poll(() => logged, { timeout: 8000 }).toContainEqual(expect.objectContaining(told));
    const { problem } = await agent.activate(licenseKey);
    expect(problem).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      detail: expect.stringContaining('replica') as string,
    });
    database.useOnly([primary.port]);
    await expect.poll(ready, { timeout: 8000 }).toBe(200);
  });

  test(
    'failed over to its synchronous replica under load: nothing that was answered is lost',
    { timeout: TIME },
    async () => {
      await live('failed over', async () => {
        await primary.stop('kill');
        replica.promote();
        database.useOnly([replica.port]);
      });
      const [row] = await replica.query('SELECT pg_is_in_recovery() AS following');
      expect(row).toEqual({ following: false });
    },
  );
});
