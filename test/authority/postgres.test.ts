import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  Agent,
  asDevice,
  asPerson,
  claimsOf,
  newLicense,
  nonce,
  startBench,
  type Bench,
} from '../support/authority.js';
import { persist } from '../support/cluster.js';
import { startPostgres, whyNoPostgres, type TestPostgres } from '../support/postgres.js';
import { FeedReader } from '../support/feed-reader.js';

const why = whyNoPostgres();
if (why !== undefined) console.log(`Skipped: the authority on PostgreSQL. ${why}.`);

describe.skipIf(why !== undefined)('the authority on PostgreSQL (needs PostgreSQL 15 or newer)', () => {
  let server: TestPostgres;
  let bench: Bench;
  beforeAll(async () => {
    server = await startPostgres();
    bench = await startBench(undefined, {}, await server.database());
  });
  afterAll(async () => {
    await bench?.close();
    await server?.dispose();
  });

  test('50 machines at once on 10 seats: exactly 10, and a feed that tells of each', async () => {
    expect(bench.logged[0]).toContain('"engine":"postgres"');
    const { licenseKey, id } = await newLicense(bench, { seats: 10 });
    const { epoch, seq } = (await asPerson(bench, 'me')).body;
    const reader = await FeedReader.open(bench, `${epoch}:${seq}`);
    const agents = await Promise.all(Array.from({ length: 50 }, (_, n) => Agent.on(bench, `fleet${n}`)));
    const results = await Promise.all(agents.map((agent) => persist(() => agent.activate(licenseKey))));
    expect(results.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(new Set(results.filter(({ status }) => status !== 200).map(({ problem }) => problem.code))).toEqual(
      new Set(['SEATS_EXHAUSTED']),
    );
    const { body } = await asPerson(bench, 'licenses', { query: `?search=${id}` });
    expect(body.rows).toMatchObject([{ used: 10, quota: 10 }]);
    const seen = [];
    for (let n = 1; n <= 50; n += 1) seen.push((await reader.row()).seq);
    expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => seq + 1 + n));
    reader.close();
  });

  test('the same activation sent ten times at once takes one seat', async () => {
    const { licenseKey, id } = await newLicense(bench, { seats: 10 });
    const agent = await Agent.on(bench, 'impatient');
    const request = agent.activation(licenseKey);
    const ask = () => asDevice(bench, agent.signer, 'activate', request);
    const results = await Promise.all(Array.from({ length: 10 }, ask));
    expect(new Set(results.map(({ body }) => body.instance)).size).toBe(1);
    expect(new Set(results.map(({ body }) => body.lease)).size).toBe(1);
    expect((await asPerson(bench, 'licenses', { query: `?search=${id}` })).body.rows).toMatchObject([{ used: 1 }]);
  });

  test('one machine under six device keys at once is one instance and takes one seat', async () => {
    const { licenseKey, id } = await newLicense(bench, { seats: 10 });
    for (let round = 1; round <= 5; round += 1) {
      const twins = await Promise.all(Array.from({ length: 6 }, () => Agent.on(bench, `twin${round}`)));
      const results = await Promise.all(twins.map((twin) => twin.activate(licenseKey)));
      expect(results.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
      expect(new Set(results.map(({ body }) => body.instance)).size).toBe(1);
      const { body } = await asPerson(bench, 'licenses', { query: `?search=${id}` });
      expect(body.rows).toMatchObject([{ used: round }]);
    }
  });

  test('14 machines by an enrollment key at once: as many as it has uses, each on a license of its own', async () => {
    const single = { profile: 'msp', term: 'subscription', validUntil: '2027-01-31' } as const;
    for (let n = 1; n <= 12; n += 1) await newLicense(bench, single);
    const asked = { name: 'Roll-out', profile: 'msp', type: 'server', maxUses: 8, validDays: 30 } as const;
    const { body } = await asPerson(bench, 'enrollmentKeyCreate', { body: asked });
    const agents = await Promise.all(Array.from({ length: 14 }, (_, n) => Agent.on(bench, `ward${n}`)));
    const results = await Promise.all(agents.map((agent) => agent.activate(body.enrollmentKey!)));
    const enrolled = results.filter(({ status }) => status === 200);
    expect(enrolled).toHaveLength(8);
    expect(new Set(enrolled.map(({ body: { lease } }) => claimsOf(lease).license)).size).toBe(8);
    const codes = new Set(results.filter(({ status }) => status !== 200).map(({ problem }) => problem.code));
    expect(codes).toEqual(new Set(['ENROLLMENT_ENDED']));
    expect((await asPerson(bench, 'enrollmentKeys')).body.rows).toMatchObject([{ used: 8 }]);
  });

  test('check-in, usage, release, overview and pools', async () => {
    const { licenseKey } = await newLicense(bench);
    const agent = await Agent.on(bench, 'checking in');
    await agent.activate(licenseKey);
    const records = [{ n: 1, at: '2026-06-15T02:00:00Z', kind: 'backup', bytes: 5_000_000_000, count: 1 }];
    const request = agent.request({ usage: { epoch: nonce(), records } });
    const first = await asDevice(bench, agent.signer, 'checkIn', request);
    expect((await asDevice(bench, agent.signer, 'checkIn', request)).body.lease).toBe(first.body.lease);
    const usage = await asPerson(bench, 'usage', { query: '?month=2026-06' });
    expect(usage.body.rows).toMatchObject([{ jobs: 1, bytes: 5_000_000_000 }]);
    const license = {
      id: 'L',
      type: 'OEM',
      purchase: 'purchased',
      cals: { obm: 10 },
      freeUpgradeUntil: '2027-06-30',
    } as const;
    await asPerson(bench, 'poolLicensesCreate', { body: { licenses: [license] } });
    await asPerson(bench, 'poolConvert', { params: { license: 'L' }, body: { confirmName: 'L' } });
    expect((await asPerson(bench, 'pools')).body.totals[0]).toMatchObject({ cals: { obm: 10 } });
    expect((await asPerson(bench, 'overview')).body.machines.total).toBe(25);
    expect((await asPerson(bench, 'sessions')).status).toBe(200);
    expect((await asPerson(bench, 'licenses', { query: '?usage=used&validity=valid&search=lic' })).status).toBe(200);
    expect((await asPerson(bench, 'machines', { query: '?status=valid&search=checking%20in' })).body.total).toBe(1);
  });
});
