import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openLicense, type License } from '@leasehold/sdk';
import { expect, test } from 'vitest';
import { openStore, restoreBackup } from '../../../packages/authority/src/store/index.js';
import { registry } from '../../../packages/authority/src/registry.js';
import {
  Agent,
  asDevice,
  asPerson,
  claimsOf,
  newLicense,
  nonce,
  PRODUCT,
  startBench,
  type Bench,
} from '../../support/authority.js';
import { FeedReader } from '../../support/feed-reader.js';
import { BACKUP, cleanUp, HandClock, machineNamed, temporaryFolder } from '../../support/sdk-fixture.js';
import { newSigner } from '../../support/signing.js';
import { TcpBalancer } from '../../support/tcp-balancer.js';

const AGENTS = process.env['LONG'] === '1' ? 1000 : 50;
const DAY = 86_400_000;
/** How the operator brings the backup back: with the tool that begins a new epoch, or by copying files. */
const WAYS = ['restored by the tool', 'copied back by hand'] as const;

/** The database as it was, and as it comes back. */
class Backup {
  readonly #bench: Bench;
  readonly #database: string;
  readonly #copy: string;

  /** An address that stays when the authority is started again. */
  readonly door: TcpBalancer;

  static async of(bench: Bench): Promise<Backup> {
    const door = await TcpBalancer.start([portOf(bench)]);
    cleanUp(() => door.close());
    return new Backup(bench, door);
  }

  private constructor(bench: Bench, door: TcpBalancer) {
    this.#bench = bench;
    this.door = door;
    this.#database = join(bench.folder, 'authority.db');
    this.#copy = join(bench.folder, 'yesterday.db');
  }

  async take(): Promise<void> {
    await this.#bench.authority.close();
    await cp(this.#database, this.#copy);
    await this.#restart();
  }

  async bringBack(way: (typeof WAYS)[number]): Promise<void> {
    await this.#bench.authority.close();
    for (const end of ['', '-wal', '-shm']) await rm(`${this.#database}${end}`, { force: true });
    if (way === 'copied back by hand') await cp(this.#copy, this.#database);
    else await restoreBackup(this.#copy, this.#database, { acme: 1 }, 'admin:night', this.#bench.clock);
    await this.#restart();
  }

  async #restart(): Promise<void> {
    await this.#bench.restart();
    this.door.useOnly([portOf(this.#bench)]);
  }
}

function portOf({ authority }: Bench): number {
  return Number(new URL(authority.url).port);
}

test.each(WAYS)(
  `yesterday’s backup, %s, under ${AGENTS} live agents: nobody stops, nobody is called a clone`,
  { timeout: 600_000 },
  async (way) => {
    const bench = await startBench();
    cleanUp(() => bench.close());
    const backup = await Backup.of(bench);
    const fleet = await newLicense(bench, { seats: AGENTS });
    const old = await activated(bench, fleet.licenseKey, 'old', AGENTS - 4);
    const real = await realAgent(bench, backup.door, (await newLicense(bench, { type: 'linux' })).licenseKey);
    const start = await technician(bench);
    const first = await asDevice(bench, await newSigner(), 'sessionStart', start('yesterday'));
    expect(first.status).toBe(200);

    await backup.take();
    bench.clock += DAY;
    real.clock.pass(DAY);
    // What the backup does not know: a machine that left, new ones on its seat and others, one that was installed anew,
    // renewals, grants of sessions.
    const leaver = old.pop()!;
    const chain = { parent: leaver.parent, nonce: nonce() };
    await asDevice(bench, leaver.signer, 'deactivate', { instance: leaver.instance, chain });
    const fresh = await activated(bench, fleet.licenseKey, 'new', 5);
    const reinstalled = await Agent.on(bench, old[0]!.report);
    expect((await reinstalled.activate(fleet.licenseKey)).body.instance).toBe(old[0]!.instance);
    const agents = [reinstalled, ...old.slice(1), ...fresh];
    for (const agent of agents) expect((await renewed(agent)).verdict).toBe('same');
    expect(await real.license.check()).toMatchObject({ ok: true });
    const holder = await newSigner();
    const session = await asDevice(bench, holder, 'sessionStart', start('today'));
    const given = claimsOf(session.body.grant)['fence'] as number;
    const { epoch, seq } = (await asPerson(bench, 'me')).body;

    await backup.bringBack(way);
    const reader = await FeedReader.open(bench, `${epoch}:${seq}`);
    expect(await reader.next()).toMatchObject({ event: 'snapshot', data: { epoch: epoch + 1 } });
    for (const agent of agents) {
      const { instance, parent } = agent;
      const claims = claimsOf(agent.lease);
      const body = await renewed(agent);
      expect(body).toMatchObject({ instance, verdict: 'same', notices: [] });
      const lease = claimsOf(body.lease);
      expect(lease).toMatchObject({ seq: claims.seq + 1, parent, epoch: epoch + 1, license: fleet.id });
      expect((await renewed(agent)).verdict).toBe('same');
    }
    expect(await real.license.check()).toMatchObject({ ok: true });
    expect(real.license.authorize(BACKUP)).toMatchObject({ allowed: true, decision: 'allow' });

    const { body } = await asPerson(bench, 'licenses', { query: `?search=${fleet.id}` });
    // The one that left is back in the books, and nobody pays for that with a stopped backup.
    expect(body.rows).toMatchObject([{ used: AGENTS + 1, quota: AGENTS }]);
    const types = await journaled(bench, seq);
    expect(types.filter((type) => type === 'instance.recovered')).toHaveLength(AGENTS + 1);
    expect(types.filter((type) => /forked|restored$|moved/.test(type))).toEqual(['authority.restored']);
    reader.close();
    await fencesRise(bench, start, given);
  },
);

test('a database restored twice from one backup begins a new epoch each time', async () => {
  const bench = await startBench();
  cleanUp(() => bench.close());
  const backup = await Backup.of(bench);
  await backup.take();
  const epochs = [];
  for (const way of [...WAYS, ...WAYS]) {
    await asPerson(bench, 'companyCreate', { body: { name: 'lost again' } });
    await backup.bringBack(way);
    epochs.push((await asPerson(bench, 'me')).body.epoch);
  }
  expect(epochs).toEqual([2, 3, 4, 5]);
});

test('nobody comes back by a lease that shows nothing new', async () => {
  const bench = await startBench();
  cleanUp(() => bench.close());
  const backup = await Backup.of(bench);
  const { licenseKey, id } = await newLicense(bench);
  const agent = await Agent.on(bench, 'given back');
  await agent.activate(licenseKey);
  await asDevice(bench, agent.signer, 'deactivate', {
    instance: agent.instance,
    chain: { parent: agent.parent, nonce: nonce() },
  });
  await backup.take();
  const late = await Agent.on(bench, 'late');
  await late.activate(licenseKey);
  await backup.bringBack('restored by the tool');
  const again = (who: Agent) => who.checkIn({ lease: who.lease }).then(({ problem }) => problem.code);
  expect(await again(agent)).toBe('NOT_ACTIVATED');
  // Another device shows the late one's lease; then the late one itself, but after the lease has ended.
  const thief = new Agent(bench, await newSigner(), late.report);
  Object.assign(thief, { instance: late.instance, lease: late.lease, parent: late.parent });
  expect(await again(thief)).toBe('INSTANCE_UNKNOWN');
  bench.clock += 31 * DAY;
  expect(await again(late)).toBe('INSTANCE_UNKNOWN');
  const { body } = await asPerson(bench, 'licenses', { query: `?search=${id}` });
  expect(body.rows).toMatchObject([{ used: 0 }]);
});

async function activated(bench: Bench, licenseKey: string, name: string, count: number): Promise<Agent[]> {
  const agents = await Promise.all(Array.from({ length: count }, (_, n) => Agent.on(bench, `${name} ${n}`)));
  for (let from = 0; from < count; from += 50)
    await Promise.all(agents.slice(from, from + 50).map((agent) => agent.activate(licenseKey)));
  return agents;
}

async function renewed(agent: Agent) {
  const { status, body } = await agent.checkIn({ lease: agent.lease });
  expect(status).toBe(200);
  return body;
}

/** An agent by the SDK itself. */
async function realAgent(
  bench: Bench,
  door: TcpBalancer,
  key: string,
): Promise<{ readonly license: License; readonly clock: HandClock }> {
  const clock = new HandClock(bench.clock);
  const license = await openLicense({
    product: PRODUCT,
    version: '12.1',
    roots: [bench.rootJwk],
    authority: `http://127.0.0.1:${door.port}`,
    stateDir: temporaryFolder(),
    activation: { key },
    testing: { clock, socket: { runFolder: temporaryFolder() }, ...machineNamed('real') },
  });
  cleanUp(() => license.close());
  expect(license.authorize(BACKUP).allowed).toBe(true);
  return { license, clock };
}

async function technician(bench: Bench) {
  const { licenseKey } = await newLicense(bench, {
    type: 'it_pro',
    term: 'subscription',
    startsAt: '2026-01-01T00:00:00Z',
    validUntil: '2027-01-01T00:00:00Z',
    boundTo: { type: 'technician', id: 'anna' },
  });
  const stamp = { media: 'stick', base: 'winpe', licensee: 'Acme', technician: 'anna', validDays: 365 } as const;
  expect((await asPerson(bench, 'mediaStamp', { body: stamp })).status).toBe(200);
  return (machine: string) =>
    ({
      licenseKey,
      product: PRODUCT,
      technician: 'anna',
      media: 'stick',
      machine,
      machineOs: 'windows_server',
      operation: 'backup',
      nonce: nonce(),
    }) as const;
}

/** Until the last unknown grant must have ended the seat counts as taken; then the next fence is above all that were. */
async function fencesRise(bench: Bench, start: Awaited<ReturnType<typeof technician>>, given: number): Promise<void> {
  const signer = await newSigner();
  const early = await asDevice(bench, signer, 'sessionStart', start('too early'));
  expect(early.problem).toMatchObject({ code: 'REFUSED', reason: 'ITPRO_CONCURRENT' });
  bench.clock += 300_000;
  const next = await asDevice(bench, signer, 'sessionStart', start('next'));
  expect(next.status).toBe(200);
  expect(claimsOf(next.body.grant)['fence']).toBeGreaterThan(given + 100_000);
}

async function journaled(bench: Bench, since: number): Promise<string[]> {
  await bench.authority.close();
  const store = await openStore(`sqlite:${join(bench.folder, 'authority.db')}`, registry);
  const types: string[] = [];
  let seq = 0;
  for (;;) {
    const { rows, more } = await store.read('journalAfter', { account: 'acme', seq, limit: 500 });
    types.push(...rows.filter((row) => row.epoch > 1).map(({ type }) => type));
    if (!more) break;
    seq = rows.at(-1)!.seq;
  }
  await store.close();
  expect(since).toBeGreaterThan(0);
  await bench.restart();
  return types;
}
