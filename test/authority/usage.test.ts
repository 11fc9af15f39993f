import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOwnerToken, createSigningKey, installKeyset, signKeyset } from '@leasehold/authority';
import { statementCsv, verifyStatement, type Message } from '@leasehold/protocol';
import { registry } from '../../packages/authority/src/registry.js';
import { openStore } from '../../packages/authority/src/store/index.js';
import { typed } from '../cli/typed.js';
import { Agent, asPerson, claimsOf, newLicense, nonce, startBench, type Bench } from '../support/authority.js';
import { ed25519, newSigner } from '../support/signing.js';

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

  const statement = async (query: string): Promise<Message<'StatementReply'>> => {
    const { body, status, problem } = await asPerson(bench, 'statement', { query });
    expect({ status, problem: status === 200 ? null : problem }).toEqual({ status: 200, problem: null });
    return body;
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
    const file = await statement('?month=2026-06&company=north');
    const claims = await verifyStatement(file, [bench.rootJwk], ed25519);
    expect(claims).toMatchObject({ month: '2026-06', complete: true, timeZone: 'Asia/Tokyo', companyId: 'north' });
    expect(claims.lines).toEqual([{ instance: north.instance, name: 'north-1', kind: 'backup', jobs: 1, bytes: 10 }]);
    expect(claims.totals).toEqual({ machines: 1, jobs: 1, bytes: 10 });
    const july = await verifyStatement(await statement('?month=2026-07'), [bench.rootJwk], ed25519);
    expect(july).toMatchObject({ complete: false, companyId: null, totals: { machines: 1, bytes: 7 } });
  });

  test('an edited one, one of another root and another token are refused', async () => {
    const file = await statement('?month=2026-06&company=north');
    const [head, body, seal] = file.statement.split('.') as [string, string, string];
    const claims = { ...claimsOf(file.statement), totals: { machines: 1, jobs: 1, bytes: 1 } };
    const edited = `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${seal}`;
    await expect(verifyStatement({ ...file, statement: edited }, [bench.rootJwk], ed25519)).rejects.toMatchObject({
      code: 'TOKEN_SIGNATURE',
    });
    expect(body).not.toBe('');
    const { jwk } = await newSigner();
    await expect(verifyStatement(file, [jwk], ed25519)).rejects.toMatchObject({ code: 'WRONG_ROOT' });
    const lease = { ...file, statement: north.lease };
    await expect(verifyStatement(lease, [bench.rootJwk], ed25519)).rejects.toMatchObject({ code: 'TOKEN_KIND' });
  });

  test('the command verifies the file that the admin command printed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leasehold-statement-'));
    const [file, root] = [join(folder, 'june.json'), join(folder, 'root.json')];
    writeFileSync(file, JSON.stringify(await statement('?month=2026-06&company=north')));
    writeFileSync(root, JSON.stringify(bench.rootJwk));
    const verified = await typed('statement', 'verify', file, '--root', root);
    expect(verified).toMatchObject({ status: 0 });
    expect(verified.out).toContain('Genuine');
    const csv = await typed('statement', 'verify', file, '--root', root, '--csv');
    expect(csv.out).toContain(`2026-06,north,"'=North, ""Ltd""",${north.instance},north-1,backup,1,10`);
    writeFileSync(file, JSON.stringify({ ...(await statement('?month=2026-06')), statement: 'x' }));
    expect(await typed('statement', 'verify', file, '--root', root)).toMatchObject({ status: 1 });
  });

  test.each([
    ['?month=2026-13', 'INPUT_INVALID'],
    ['?month=2026-06&company=none', 'NOT_FOUND'],
  ])('%s is %s', async (query, code) => {
    expect((await asPerson(bench, 'statement', { query })).problem.code).toBe(code);
  });

  test('CSV has a line for each line, and no formula', () => {
    const claims = { month: '2026-06', companyId: null, companyName: null, lines: [] } as never;
    expect(statementCsv(claims)).toBe('month,company,company_name,instance,name,kind,jobs,bytes\r\n');
  });
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
