import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOwnerToken, createSigningKey, installKeyset, signKeyset } from '@leasehold/authority';
import { formatConnection, pathOf, verifyStatement, type Message } from '@leasehold/protocol';
import { registry } from '../../packages/authority/src/registry.js';
import { openStore } from '../../packages/authority/src/store/index.js';
import { typed } from '../cli/typed.js';
import { Agent, asPerson, newLicense, nonce, startBench, type Bench } from '../support/authority.js';
import { ed25519, newSigner, sha256 } from '../support/signing.js';

const DAY = 86_400_000;
type Records = Message<'UsageBatch'>['records'];

const record = (n: number, at: string, bytes = 100): Records[number] => ({ n, at, kind: 'backup', bytes, count: 1 });

async function machine(bench: Bench, name: string): Promise<Agent> {
  const { licenseKey } = await newLicense(bench);
  const agent = await Agent.on(bench, name);
  expect((await agent.activate(licenseKey)).status).toBe(200);
  return agent;
}

describe('statements', () => {
  let bench: Bench;
  let north: Agent;
  beforeAll(async () => {
    bench = await startBench(Date.parse('2026-06-30T20:00:00Z'), { timeZone: 'Asia/Tokyo' });
    await asPerson(bench, 'companyCreate', { body: { id: 'north', name: '=North, "Ltd"' } });
    const license = { profile: 'msp', type: 'server', kind: 'commercial', term: 'subscription' } as const;
    const { licenseKey } = await newLicense(bench, { ...license, companyId: 'north', validUntil: '2027-06-30' });
    north = await Agent.on(bench, 'north-1');
    expect((await north.activate(licenseKey)).status).toBe(200);
    const own = await machine(bench, 'own-1');
    // 16:00 UTC of the 30th is the 1st of July in Tokyo.
    const records = [record(1, '2026-06-30T14:59:59Z', 10), record(2, '2026-06-30T16:00:00Z', 1000)];
    expect((await north.checkIn({ usage: { epoch: nonce(), records } })).status).toBe(200);
    await own.checkIn({ usage: { epoch: nonce(), records: [record(1, '2026-06-30T15:00:00Z', 7)] } });
  });
  afterAll(() => bench.close());

  const statement = async (query: string): Promise<string> => {
    const response = await fetch(`${bench.authority.url}${pathOf('statement')}${query}`, {
      headers: { authorization: `Bearer ${bench.ownerToken}` },
    });
    expect(response.headers.get('content-type')).toBe('application/jsonl; charset=utf-8');
    return response.text();
  };
  const verified = (file: string, onRecords?: Parameters<typeof verifyStatement>[3]) => {
    return verifyStatement(Readable.from([file]), [bench.rootJwk], { ed25519, sha256 }, onRecords);
  };

  test('a day ends where the account’s does, and so does a month', async () => {
    const june = await asPerson(bench, 'statements', { query: '?month=2026-06' });
    expect(june.body.rows).toEqual([
      { companyId: 'north', companyName: '=North, "Ltd"', machines: 1, jobs: 1, bytes: 10 },
    ]);
    const now = await asPerson(bench, 'statements');
    expect(now.body.month).toBe('2026-07');
    expect(now.body.rows.map(({ companyId, bytes }) => [companyId, bytes])).toEqual(
      expect.arrayContaining([
        ['north', 1000],
        [null, 7],
      ]),
    );
  });

  test('a signed one is verified offline, by the root key alone', async () => {
    const records: unknown[] = [];
    const claims = await verified(await statement('?month=2026-06&company=north'), (part) => records.push(...part));
    expect(claims).toMatchObject({ month: '2026-06', complete: true, timeZone: 'Asia/Tokyo', companyId: 'north' });
    expect(records).toEqual([{ instance: north.instance, name: 'north-1', kind: 'backup', jobs: 1, bytes: 10 }]);
    expect(claims).toMatchObject({ parts: 1, totals: { machines: 1, jobs: 1, bytes: 10 } });
    const july = await verified(await statement('?month=2026-07'));
    expect(july).toMatchObject({ complete: false, companyId: null, totals: { machines: 1, bytes: 7 } });
    const may = await verified(await statement('?month=2026-05'));
    expect(may).toMatchObject({ parts: 0, totals: { machines: 0, jobs: 0, bytes: 0 } });
  });

  test('one of another root and another token are refused', async () => {
    const file = await statement('?month=2026-06&company=north');
    const { jwk } = await newSigner();
    const foreign = verifyStatement(Readable.from([file]), [jwk], { ed25519, sha256 });
    await expect(foreign).rejects.toMatchObject({ code: 'WRONG_ROOT' });
    const { keyset } = JSON.parse(file.trimEnd().split('\n').at(-1)!) as Message<'StatementSeal'>;
    const lease = JSON.stringify({ statement: north.lease, keyset });
    await expect(verified(lease)).rejects.toMatchObject({ code: 'TOKEN_KIND' });
  });

  test('the command verifies the file that the admin command printed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leasehold-statement-'));
    const [file, root] = [join(folder, 'june.jsonl'), join(folder, 'root.json')];
    const connection = { url: bench.authority.url, roots: [bench.rootJwk.x], token: bench.ownerToken };
    writeFileSync(join(folder, 'connection'), formatConnection(connection));
    const by = ['--connection', join(folder, 'connection')];
    const printed = await typed('admin', 'usage', 'statement', '--month', '2026-06', '--company', 'north', ...by);
    writeFileSync(file, printed.out);
    writeFileSync(root, JSON.stringify(bench.rootJwk));
    const genuine = await typed('statement', 'verify', file, '--root', root);
    expect(genuine).toMatchObject({ status: 0 });
    expect(genuine.out).toContain('Genuine');
    const csv = await typed('statement', 'verify', file, '--root', root, '--csv');
    expect(`${csv.out}\n`.split('\r\n').slice(0, 2)).toEqual([
      'month,company,company_name,instance,name,kind,jobs,bytes',
      `2026-06,north,"'=North, ""Ltd""",${north.instance},north-1,backup,1,10`,
    ]);
    writeFileSync(file, printed.out.replace('"bytes":10', '"bytes":11'));
    expect(await typed('statement', 'verify', file, '--root', root)).toMatchObject({ status: 1 });
    expect(await typed('statement', 'verify', join(folder, 'none'), '--root', root)).toMatchObject({ status: 2 });
  });

  test.each([
    ['?month=2026-13', 'INPUT_INVALID'],
    ['?month=2026-06&company=none', 'NOT_FOUND'],
  ])('%s is %s', async (query, code) => {
    expect((await asPerson(bench, 'statement', { query })).problem.code).toBe(code);
  });
});

test('what a relay hands on twice, in another epoch of its own, is counted once', async () => {
  const bench = await startBench();
  const server = await machine(bench, 'relaying server');
  const epoch = nonce();
  const handed = (n: number, of: number) => {
    return { ...record(n, '2026-06-15T09:00:00Z', 10 * of), source: { id: 'client-1', epoch, n: of } };
  };
  await server.checkIn({ usage: { epoch: nonce(), records: [handed(1, 1), handed(2, 2)] } });
  const usage = {
    epoch: nonce(),
    records: [handed(1, 1), handed(2, 2), handed(3, 3), record(4, '2026-06-15T09:00:00Z', 1)],
  };
  const { body } = await server.checkIn({ usage });
  expect(body.usageSeen).toEqual({ epoch: usage.epoch, n: 4 });
  expect((await asPerson(bench, 'usage')).body.rows).toMatchObject([{ jobs: 4, bytes: 61 }]);
  const other = { ...handed(1, 1), source: { id: 'client-2', epoch, n: 1 } };
  await server.checkIn({ usage: { epoch: nonce(), records: [other] } });
  expect((await asPerson(bench, 'usage')).body.rows).toMatchObject([{ jobs: 5, bytes: 71 }]);
  await bench.close();
});

describe('what is remembered of outboxes', () => {
  let bench: Bench;
  beforeAll(async () => void (bench = await startBench()));
  afterAll(() => bench.close());

  test('is dropped when they have ended, and nothing is counted twice for it', async () => {
    const agent = await machine(bench, 'old outbox');
    const old = { epoch: nonce(), records: [record(1, '2026-06-15T09:00:00Z')] };
    await agent.checkIn({ usage: old });
    const start = bench.clock;
    bench.clock = start + 421 * DAY;
    const fresh = { epoch: nonce(), records: [record(1, new Date(bench.clock).toISOString())] };
    await bench.authority.close();
    const store = await openStore(`sqlite:${join(bench.folder, 'authority.db')}`, registry);
    await store.execute('doTimedWork', { account: 'acme', name: 'usage.forget', node: 'test' }, bench.clock);
    const token = await createOwnerToken(store, 'acme', 'next year', bench.clock);
    await store.close();
    const keys = join(bench.folder, 'keys');
    const order = { account: 'acme', epoch: 1, version: 2, keys: [{ jwk: await createSigningKey(keys) }] };
    await installKeyset(keys, await signKeyset(bench.root, order, bench.clock), [bench.rootJwk]);
    await bench.restart();
    const again = await agent.checkIn({ usage: old });
    expect(again.body.usageSeen).toEqual({ epoch: old.epoch, n: 1 });
    await agent.checkIn({ usage: fresh });
    const june = (await asPerson(bench, 'usage', { query: '?month=2026-06' }, token)).body.rows;
    expect(june).toMatchObject([{ jobs: 1, bytes: 100 }]);
    const month = new Date(bench.clock).toISOString().slice(0, 7);
    expect((await asPerson(bench, 'usage', { query: `?month=${month}` }, token)).body.rows).toMatchObject([
      { jobs: 1 },
    ]);
  });
});

describe('over-use (D-4)', () => {
  let bench: Bench;
  beforeAll(async () => void (bench = await startBench(undefined, { policy: { overuse: { percent: 10, count: 2 } } })));
  afterAll(() => bench.close());

  test('a subscription carries some more, first in, first served, each with a warning; who is in stays in', async () => {
    const { licenseKey } = await newLicense(bench, { term: 'subscription', seats: 1, validUntil: '2027-06-30' });
    const agents = await Promise.all(['a', 'b', 'c', 'd'].map((name) => Agent.on(bench, `over ${name}`)));
    const answers = [];
    for (const agent of agents) answers.push(await agent.activate(licenseKey));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 409]);
    expect(answers.slice(0, 3).map(({ body }) => body.notices)).toEqual([[], ['OVER_LICENSED'], ['OVER_LICENSED']]);
    expect(answers[3]!.problem.code).toBe('SEATS_EXHAUSTED');
    expect((await agents[2]!.checkIn()).status).toBe(200);
    expect((await agents[3]!.activate(licenseKey)).status).toBe(409);
  });

  test('a perpetual license never does', async () => {
    const { licenseKey } = await newLicense(bench, { term: 'perpetual', seats: 1 });
    expect((await (await Agent.on(bench, 'own 1')).activate(licenseKey)).status).toBe(200);
    expect((await (await Agent.on(bench, 'own 2')).activate(licenseKey)).status).toBe(409);
  });
});
