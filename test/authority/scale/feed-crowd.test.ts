import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asPerson, type Bench } from '../../support/authority.js';
import { startCluster, type Cluster } from '../../support/cluster.js';
import { Follower, stalled } from '../../support/feed-crowd.js';

const LONG = process.env['LONG'] === '1';
const CLIENTS = LONG ? 1000 : 100;
const SECONDS = LONG ? 30 : 5;
const PER_SECOND = 20;

let cluster: Cluster;
let bench: Bench;
beforeAll(async () => {
  const db = `sqlite:${join(mkdtempSync(join(tmpdir(), 'leasehold-feed-')), 'authority.db')}`;
  cluster = await startCluster(db, 1);
  bench = cluster.at(0) as unknown as Bench;
});
afterAll(() => cluster?.close());

async function position(): Promise<{ readonly seq: number; readonly id: string }> {
  const { epoch, seq } = (await asPerson(bench, 'me')).body;
  return { seq, id: `${epoch}:${seq}` };
}

async function gauge(name: string): Promise<number> {
  const text = await (await fetch(`${bench.authority.url}/metrics`)).text();
  return Number(new RegExp(`^leasehold_${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

test(
  `${CLIENTS} clients see every change of ${PER_SECOND} a second for ${SECONDS} s, in order`,
  { timeout: 300_000 },
  async () => {
    const { seq, id } = await position();
    const crowd = Array.from({ length: CLIENTS }, () => new Follower(bench, id));
    await expect.poll(() => gauge('feed_clients'), { timeout: 60_000 }).toBe(CLIENTS);
    const changes = SECONDS * PER_SECOND;
    const made: Promise<unknown>[] = [];
    const begun = performance.now();
    for (let n = 0; n < changes; n += 1) {
      await pause(Math.max(0, begun + (n * 1000) / PER_SECOND - performance.now()));
      made.push(asPerson(bench, 'companyCreate', { body: { name: `change ${n}` } }));
    }
    await Promise.all(made);
    const wanted = Array.from({ length: changes }, (_, n) => seq + 1 + n);
    await expect.poll(() => crowd.filter(({ seen }) => seen.length < changes).length, { timeout: 60_000 }).toBe(0);
    for (const { seen } of crowd) expect(seen).toEqual(wanted);
    for (const follower of crowd) follower.close();
  },
);

test('a client that stops reading never grows the server, and finds everything when it comes back', async () => {
  const { seq, id } = await position();
  await expect.poll(() => gauge('feed_clients')).toBe(0);
  const sleepers = Array.from({ length: 10 }, () => stalled(bench, id));
  await expect.poll(() => gauge('feed_clients')).toBe(sleepers.length);
  const reader = new Follower(bench, id);
  let most = 0;
  // Each change carries hundreds of rows, so that the buffers of the network are soon full.
  const license = { profile: 'aip', type: 'server', kind: 'commercial', term: 'perpetual', seats: 1 } as const;
  const rest = { companyId: null, validUntil: null, autoRenew: false };
  let changes = 0;
  while ((await gauge('feed_clients')) > 1) {
    const licenses = Array.from({ length: 200 }, () => ({ ...license, ...rest }));
    expect((await asPerson(bench, 'licensesCreate', { body: { licenses } })).status).toBe(200);
    changes += 1;
    most = Math.max(most, await gauge('feed_unsent_bytes'));
    expect(changes).toBeLessThan(400);
  }
  // 256 KiB for each, and the one write that goes beyond.
  expect(most).toBeLessThan(sleepers.length * 2 * 256 * 1024);
  for (const socket of sleepers) socket.destroy();
  const back = new Follower(bench, id);
  const wanted = Array.from({ length: changes }, (_, n) => seq + 1 + n);
  for (const { seen } of [reader, back]) {
    await expect.poll(() => seen.length, { timeout: 30_000 }).toBe(changes);
    expect(seen).toEqual(wanted);
  }
  reader.close();
  back.close();
});

test(
  'one token follows a thousand times and no more, and keeps nobody else from it',
  { timeout: 120_000 },
  async () => {
    const { id } = await position();
    await expect.poll(() => gauge('feed_clients')).toBe(0);
    const crowd = Array.from({ length: 1000 }, () => new Follower(bench, id));
    await expect.poll(() => gauge('feed_clients'), { timeout: 60_000 }).toBe(1000);
    const headers = { authorization: `Bearer ${bench.ownerToken}` };
    const one = await fetch(`${bench.authority.url}/v1/admin/feed`, { headers, signal: AbortSignal.timeout(20_000) });
    expect([one.status, one.headers.get('retry-after')]).toEqual([503, '60']);
    const viewer = { name: 'viewer', role: 'viewer', validDays: 1 } as const;
    const { token } = (await asPerson(bench, 'tokenCreate', { body: viewer })).body;
    const other = new Follower({ ...bench, ownerToken: token }, id);
    await expect.poll(() => gauge('feed_clients')).toBe(1001);
    for (const follower of [...crowd, other]) follower.close();
  },
);
