import { formatLicenseKey, type RequestOf, type SessionClaims } from '@leasehold/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  Agent,
  asDevice,
  asPerson,
  claimsOf,
  newLicense,
  nonce,
  PRODUCT,
  type Bench,
} from '../../support/authority.js';
import { persist, startCluster, type Cluster } from '../../support/cluster.js';
import { FeedReader } from '../../support/feed-reader.js';
import { startPostgres, whyNoPostgres, type TestPostgres } from '../../support/postgres.js';
import { newSigner } from '../../support/signing.js';

const missing = whyNoPostgres();
if (missing !== undefined) console.log(`Skipped: three nodes on PostgreSQL. ${missing}.`);
const NODES = [0, 1, 2];

describe.skipIf(missing !== undefined)('three nodes behind a balancer', () => {
  let server: TestPostgres;
  let cluster: Cluster;
  let bench: Bench;
  const at = (node: number): Bench => cluster.at(node) as unknown as Bench;
  beforeAll(async () => {
    server = await startPostgres();
    cluster = await startCluster(await server.database(), 3);
    bench = cluster as unknown as Bench;
  });
  afterAll(async () => {
    await cluster?.close();
    await server?.dispose();
  });

  test('each says how far its clock is ahead of that of their database', async () => {
    cluster.nodes[1]!.setClock(40_000);
    const ahead = async (node: number): Promise<number> => {
      const text = await (await fetch(`${cluster.nodes[node]!.url}/metrics`)).text();
      return Number(/^leasehold_clock_ahead_seconds (\S+)$/m.exec(text)?.[1]);
    };
    await expect.poll(() => ahead(1), { timeout: 3000 }).toBeGreaterThan(35);
    expect(Math.abs(await ahead(0))).toBeLessThan(5);
    cluster.nodes[1]!.setClock(0);
  });

  test('activated at one, renewed at the next, given back at the third', async () => {
    const { licenseKey, id } = await newLicense(bench, { seats: 2 });
    const agent = await Agent.on(at(0), 'wanderer');
    const activation = agent.activation(licenseKey);
    const made = await agent.activate(licenseKey, activation);
    const again = await asDevice(at(1), agent.signer, 'activate', activation);
    expect(again.body.lease).toBe(made.body.lease);
    const checked = await asDevice(at(2), agent.signer, 'checkIn', agent.request());
    expect(checked.body).toMatchObject({ instance: agent.instance, verdict: 'same' });
    agent.take(checked);
    const chain = { parent: agent.parent, nonce: nonce() };
    const given = await asDevice(at(1), agent.signer, 'deactivate', { instance: agent.instance, chain });
    expect(given.body).toMatchObject({ reusableFrom: null });
    const { body } = await asPerson(at(2), 'licenses', { query: `?search=${id}` });
    expect(body.rows).toMatchObject([{ used: 0 }]);
  });

  test('one activation sent to all nodes at once takes the one seat, and nobody is refused', async () => {
    for (let n = 0; n < 5; n += 1) {
      const { licenseKey, id } = await newLicense(bench);
      const agent = await Agent.on(at(0), `twice ${n}`);
      const request = agent.activation(licenseKey);
      const answers = await Promise.all(
        [...NODES, ...NODES].map((node) => asDevice(at(node), agent.signer, 'activate', request)),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
      expect(new Set(answers.map(({ body }) => body.lease)).size).toBe(1);
      const { body } = await asPerson(bench, 'licenses', { query: `?search=${id}` });
      expect(body.rows).toMatchObject([{ used: 1, quota: 1 }]);
    }
  });

  test('one check-in sent to all nodes at once is one: the same lease, usage counted once', async () => {
    const { licenseKey } = await newLicense(bench);
    const agent = await Agent.on(at(0), 'impatient');
    await agent.activate(licenseKey);
    for (let n = 1; n <= 5; n += 1) {
      const records = [{ n, at: '2026-06-15T02:00:00Z', kind: 'backup', bytes: 10, count: 1 }];
      const request = agent.request({ usage: { epoch: 'AAAA', records } });
      const answers = await Promise.all(
        [...NODES, ...NODES].map((node) => asDevice(at(node), agent.signer, 'checkIn', request)),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
      expect(new Set(answers.map(({ body }) => body.lease)).size).toBe(1);
      expect(new Set(answers.map(({ body }) => body.verdict))).toEqual(new Set(['same']));
      agent.take(answers[0]!);
    }
    const usage = await asPerson(at(1), 'usage', { query: '?month=2026-06' });
    expect(usage.body.rows).toMatchObject([{ jobs: 5, bytes: 50 }]);
  });

  /** `count` IT Pro licenses, each with its medium, and what starts a session on one of them. */
  async function technicians(count: number, prefix: string) {
    const made = [];
    for (let n = 0; n < count; n += 1) {
      const technician = `${prefix}${n}`;
      const { licenseKey } = await newLicense(at(n % 3), {
        type: 'it_pro',
        term: 'subscription',
        startsAt: '2026-01-01T00:00:00Z',
        validUntil: '2036-01-01T00:00:00Z',
        boundTo: { type: 'technician', id: technician },
      });
      const media = `stick-${technician}`;
      const stamp = { media, base: 'winpe', licensee: 'Acme', technician, validDays: 365 } as const;
      expect((await asPerson(at(n % 3), 'mediaStamp', { body: stamp })).status).toBe(200);
      made.push((machine: string): RequestOf<'sessionStart'> => {
        const who = { licenseKey, product: PRODUCT, technician, media, machine, nonce: nonce() };
        return { ...who, machineOs: 'windows_server', operation: 'backup' };
      });
    }
    return made;
  }

  test('a technician holds one session, whichever node is asked', async () => {
    const [start] = await technicians(1, 'anna');
    const signers = await Promise.all(Array.from({ length: 21 }, () => newSigner()));
    const results = await Promise.all(
      signers.map((signer, n) => asDevice(at(n % 3), signer, 'sessionStart', start!(`race${n}`))),
    );
    const winner = results.findIndex(({ status }) => status === 200);
    expect(results.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { problem, status } of results)
      if (status !== 200) expect(problem).toMatchObject({ code: 'REFUSED', decision: { code: 'ITPRO_CONCURRENT' } });
    const signer = signers[winner]!;
    const params = { session: results[winner]!.body.session };
    const fences = [claimsOf(results[winner]!.body.grant)['fence']];
    for (const node of NODES) {
      const beat = await asDevice(at(node), signer, 'sessionBeat', { product: PRODUCT }, params);
      fences.push((claimsOf(beat.body.grant) as unknown as SessionClaims).fence);
    }
    expect(fences).toEqual([1, 2, 3, 4]);
    await asDevice(at(1), signer, 'sessionEnd', { product: PRODUCT }, params);
    expect((await asDevice(at(2), signers[0]!, 'sessionStart', start!('next'))).status).toBe(200);
  });

  test('the same start of a session at all nodes at once is one session', async () => {
    const [start] = await technicians(1, 'ben');
    const signer = await newSigner();
    const request = start!('desk');
    const results = await Promise.all(NODES.map((node) => asDevice(at(node), signer, 'sessionStart', request)));
    expect(results.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(results.map(({ body }) => body.session)).size).toBe(1);
  });

  test('what clients see is shared: challenges, tokens, guesses', async () => {
    const { licenseKey } = await newLicense(bench);
    const agent = await Agent.on(at(0), 'clockless');
    const wrong = { iat: 1 };
    const asked = await asDevice(at(0), agent.signer, 'activate', agent.activation(licenseKey), {}, wrong);
    expect(asked.problem.code).toBe('NONCE_REQUIRED');
    const answer = { ...wrong, nonce: asked.headers.get('leasehold-nonce')! };
    const activation = agent.activation(licenseKey);
    expect((await asDevice(at(1), agent.signer, 'activate', activation, {}, answer)).status).toBe(200);

    const made = await asPerson(at(0), 'tokenCreate', { body: { name: 'night', role: 'viewer', validDays: 1 } });
    const { token, id } = made.body;
    for (const node of NODES) expect((await asPerson(at(node), 'me', {}, token)).status).toBe(200);
    expect((await asPerson(at(1), 'tokenRevoke', { params: { token: id } })).status).toBe(200);
    for (const node of NODES)
      await expect
        .poll(() => asPerson(at(node), 'me', {}, token).then(({ status }) => status), { timeout: 3000 })
        .toBe(401);

    const guess = (n: number) => agent.activation(formatLicenseKey('license', new Uint8Array(16).fill(n)));
    const codes = [];
    for (let n = 0; n < 24; n += 1) {
      const { problem } = await asDevice(at(n % 3), agent.signer, 'activate', guess(n));
      codes.push(problem.code);
    }
    expect(codes.slice(0, 20)).toEqual(Array(20).fill('LICENSE_KEY_UNKNOWN'));
    expect(codes.slice(20)).toEqual(Array(4).fill('TOO_MANY_ATTEMPTS'));
    cluster.pass(61_000);
    expect((await asDevice(at(0), agent.signer, 'activate', guess(99))).problem.code).toBe('LICENSE_KEY_UNKNOWN');
  });

  const position = async (): Promise<string> => {
    const { epoch, seq } = (await persist(() => asPerson(bench, 'me'))).body;
    return `${epoch}:${seq}`;
  };

  test('the feed tells of changes at every node, with hints and without', async () => {
    const readers = await Promise.all(NODES.map(async (node) => FeedReader.open(at(node), await position())));
    const from = Number((await position()).split(':')[1]);
    for (let n = 0; n < 9; n += 1) {
      // Listening connections are cut: from here on hints are lost, and the journal's position alone is left.
      if (n === 5)
        await server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'");
      await asPerson(at(n % 3), 'companyCreate', { body: { name: `told ${n}` } });
    }
    for (const reader of readers) {
      for (let n = 1; n <= 9; n += 1) expect((await reader.row()).seq).toBe(from + n);
      reader.close();
    }
  });

  test('a feed client goes on at another node without a gap or a repeat, while nodes die', async () => {
    const start = await position();
    const seen: number[] = [];
    let last = start;
    const changes = (async () => {
      for (let n = 0; n < 60; n += 1) {
        const request = { body: { name: `moving ${n}` }, headers: { 'idempotency-key': `moving-${n}` } };
        expect((await persist(() => asPerson(bench, 'companyCreate', request))).status).toBe(200);
        if (n === 20) await cluster.nodes[1]!.kill();
        if (n === 40) await cluster.nodes[1]!.start();
      }
    })();
    while (seen.length < 60) {
      const reader = await FeedReader.open(cluster, last).catch(() => undefined);
      if (reader === undefined) continue;
      for (let rows = 1 + Math.random() * 9; rows > 0 && seen.length < 60; rows -= 1) {
        const row = await reader.row().catch(() => undefined);
        if (row === undefined) break;
        seen.push(row.seq);
        last = `${row.epoch}:${row.seq}`;
      }
      reader.close();
    }
    await changes;
    const first = Number(start.split(':')[1]) + 1;
    expect(seen).toEqual(Array.from({ length: 60 }, (_, n) => first + n));
  });

  test('a node killed under load loses nothing that was answered', async () => {
    const { licenseKey, id } = await newLicense(bench, { seats: 30 });
    const agents = await Promise.all(Array.from({ length: 30 }, (_, n) => Agent.on(cluster, `survivor ${n}`)));
    let answered = 0;
    const restarted: Promise<void>[] = [];
    await Promise.all(
      agents.map(async (agent) => {
        const activation = agent.activation(licenseKey);
        expect((await persist(() => agent.activate(licenseKey, activation))).status).toBe(200);
        for (let n = 0; n < 3; n += 1) {
          const request = agent.request();
          const checked = await persist(() => asDevice(cluster, agent.signer, 'checkIn', request));
          // An acknowledged lease that was lost would come back as `restored` or `unknown`.
          expect(checked).toMatchObject({ status: 200, body: { verdict: 'same' } });
          agent.take(checked);
          answered += 1;
          const node = cluster.nodes[answered / 20 - 1];
          if (node !== undefined) restarted.push(node.kill().then(() => node.start()));
        }
      }),
    );
    await Promise.all(restarted);
    expect(restarted).toHaveLength(3);
    const { body } = await persist(() => asPerson(bench, 'licenses', { query: `?search=${id}` }));
    expect(body.rows).toMatchObject([{ used: 30, quota: 30 }]);
  });

  test('timed work is done once: sessions lapse, waiting seats come free', async () => {
    const starts = await technicians(6, 'carl');
    const signers = await Promise.all(starts.map(() => newSigner()));
    const begun = await Promise.all(
      starts.map((start, n) => asDevice(at(n % 3), signers[n]!, 'sessionStart', start(`place${n}`))),
    );
    const sessions = begun.map(({ body }) => body.session);
    const { licenseKey, id } = await newLicense(bench);
    const agent = await Agent.on(cluster, 'gone');
    await agent.activate(licenseKey);
    const released = await asPerson(bench, 'licenseRelease', { params: { license: id }, body: {} });
    expect(released.status).toBe(200);
    const seq = Number((await position()).split(':')[1]);
    const journaled = async () => {
      const { body } = await asPerson(bench, 'journal', { query: `?after=1:${seq}&limit=500` });
      return body.rows.map(({ type, payload }) => {
        const { subject } = JSON.parse(payload!) as { subject: { id: string } };
        return `${type} ${subject.id}`;
      });
    };

    cluster.pass(6 * 60_000);
    const ours = new Set(sessions.map((session) => `session.lapsed ${session}`));
    const lapsed = async () => (await journaled()).filter((line) => ours.has(line)).length;
    await expect.poll(lapsed, { timeout: 10_000 }).toBe(6);
    // The holder comes back: nobody took the seat, so that it goes on.
    const params = { session: sessions[0]! };
    expect((await asDevice(at(1), signers[0]!, 'sessionBeat', { product: PRODUCT }, params)).status).toBe(200);
    expect(await journaled()).toContain(`session.resumed ${sessions[0]}`);

    cluster.pass(31 * 86_400_000);
    await expect.poll(journaled, { timeout: 10_000 }).toContain(`license.seats_freed ${id}`);
    const { body } = await asPerson(bench, 'licenses', { query: `?search=${id}` });
    expect(body.rows).toMatchObject([{ used: 0 }]);
    expect((await journaled()).filter((line) => line.startsWith('license.seats_freed'))).toHaveLength(1);
    // The one that came back has lapsed again meanwhile; each of the others did once.
    for (const session of sessions.slice(1))
      expect((await journaled()).filter((line) => line === `session.lapsed ${session}`)).toHaveLength(1);
  });
});
