import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatExchange, guards, signToken, verifyStatement } from '@leasehold/protocol';
import { Agent, asDevice, asPerson, newLicense, nonce, startBench, type Bench } from '../support/authority.js';
import { cals, PoolSite } from '../support/pool-site.js';
import { ed25519, sha256 } from '../support/signing.js';
import { engines } from '../support/store-engines.js';

describe.each(engines)('what an agent tells that no agent would, on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
  });
  afterAll(() => bench?.close());

  const activated = async (name: string) => {
    const { licenseKey } = await newLicense(bench);
    const agent = await Agent.on(bench, name);
    expect((await agent.activate(licenseKey)).status).toBe(200);
    return agent;
  };
  const refusal = (more: object = {}) => {
    const decision = { decision: 'refuse', reason_rule: 'AIP-1.5', code: 'FILE_BACKUP_ONLY', ...more } as const;
    return { id: nonce(), at: new Date(bench.clock).toISOString(), action: 'backup', decision };
  };

  /** A check-in with this text in the place of `HERE`, which no value could be written as. */
  const told = (agent: Agent, brackets: number) => {
    const body = agent.request({ refusals: [refusal({ value: { deep: 'HERE' } })] });
    return JSON.stringify(body).replace('"HERE"', '['.repeat(brackets) + ']'.repeat(brackets));
  };

  test('thousands of brackets are refused, and the pages of everyone else stay readable', async () => {
    const agent = await activated('brackets');
    for (const brackets of [3000, 100_000]) {
      const text = told(agent, brackets);
      const htu = `${bench.authority.url}/v1/check-in`;
      const bh = createHash('sha256').update(text).digest('base64url');
      const claims = { htm: 'POST', htu, bh, iat: Math.floor(bench.clock / 1000), jti: nonce() } as const;
      const proof = await signToken('proof', claims, agent.signer);
      const headers = { 'content-type': 'application/json', 'leasehold-proof': proof };
      const response = await fetch(htu, { method: 'POST', headers, body: text });
      expect({ brackets, status: response.status }).toEqual({ brackets, status: 400 });
    }
    for (const route of ['overview', 'refusals'] as const) expect((await asPerson(bench, route)).status).toBe(200);
  });

  test('nor do they come in by a file', async () => {
    const agent = await activated('brackets in a file');
    const body = JSON.parse(told(agent, 3000)) as Record<string, unknown>;
    const iat = Math.floor(bench.clock / 1000);
    const claims = { product: 'acme-backup', call: 'checkIn', body, iat, jti: nonce() } as const;
    const file = formatExchange('REQUEST', await signToken('request', claims, agent.signer));
    expect((await asPerson(bench, 'exchange', { body: { file } })).problem.code).toBe('INPUT_INVALID');
  });

  test('of a refusal of a hundred thousand letters the code is kept', async () => {
    const agent = await activated('talkative');
    const long = refusal({ value: { text: 'x'.repeat(100_000) } });
    expect((await agent.checkIn({ refusals: [long] })).status).toBe(200);
    const { rows } = (await asPerson(bench, 'refusals')).body;
    const { decision, reason_rule, code } = long.decision;
    expect(rows.find(({ id }) => id === long.id)!.decision).toEqual({ decision, reason_rule, code });
  });

  test('an instant that no calendar has is wrong input', async () => {
    const agent = await activated('no calendar');
    const at = '2026-99-99T99:99:99Z';
    const records = [{ n: 1, at, kind: 'backup', bytes: 1, count: 1 }];
    const answers = [
      await agent.checkIn({ refusals: [{ ...refusal(), at }] }),
      await agent.checkIn({ usage: { epoch: nonce(), records } }),
      await asDevice(bench, agent.signer, 'inventory', {
        instance: agent.instance,
        product: 'acme-backup',
        takenAt: at,
        hosts: [],
        unchanged: [],
        agentlessInUse: true,
      }),
    ];
    expect(answers.map(({ problem }) => problem.code)).toEqual(Array.from(answers, () => 'INPUT_INVALID'));
  });

  test('a kind of client that is called like what every object has is none', async () => {
    const site = new PoolSite(bench);
    await site.purchase('oem');
    await site.addToPool('oem');
    const { licenseKey } = await site.key(await site.pool('Partners', cals(10)), 'Office', cals(5));
    const server = { version: '9.1', utcOffsetMinutes: 0 };
    for (const word of ['constructor', '__proto__']) {
      const agent = await Agent.on(bench, `server with ${word}`);
      const used = JSON.parse(`{"${word}": 3}`) as Record<string, number>;
      expect((await agent.activate(licenseKey, { server: { ...server, used } })).problem.code).toBe('INPUT_INVALID');
    }
    expect(guards.isPoolsReply((await asPerson(bench, 'pools')).body)).toBe(true);
  });

  test('runs beyond all measure leave the lists of others readable', async () => {
    const agent = await activated('beyond measure');
    const at = new Date(bench.clock).toISOString();
    const records = [{ n: 1, at, kind: 'backup', bytes: 1, count: 2_000_000_000 }];
    expect((await agent.checkIn({ usage: { epoch: nonce(), records } })).status).toBe(200);
    expect(guards.isMachinePage((await asPerson(bench, 'machines')).body)).toBe(true);
    expect(guards.isUsageReply((await asPerson(bench, 'usage')).body)).toBe(true);
    expect(guards.isStatementList((await asPerson(bench, 'statements')).body)).toBe(true);
  });

  test('nor do the most that there can be of many kinds, and more than that is wrong input', async () => {
    const agent = await activated('of many kinds');
    const at = new Date(bench.clock).toISOString();
    const most = Number.MAX_SAFE_INTEGER;
    for (const batch of [1, 2]) {
      const records = Array.from({ length: 1000 }, (_, n) => {
        return { n, at, kind: `kind ${batch}.${n}`, bytes: most, count: most };
      });
      expect((await agent.checkIn({ usage: { epoch: nonce(), records } })).status).toBe(200);
    }
    for (const [route, isReply] of [
      ['machines', guards.isMachinePage],
      ['usage', guards.isUsageReply],
      ['statements', guards.isStatementList],
    ] as const)
      expect([route, isReply((await asPerson(bench, route)).body)]).toEqual([route, true]);
    const statement = `${bench.authority.url}/v1/admin/usage/statement?month=${at.slice(0, 7)}`;
    const headers = { authorization: `Bearer ${bench.ownerToken}` };
    const file = Readable.from([await (await fetch(statement, { headers })).text()]);
    expect(await verifyStatement(file, [bench.rootJwk], { ed25519, sha256 })).toMatchObject({ month: at.slice(0, 7) });
    for (const more of [{ bytes: 1e300 }, { count: 1e300 }]) {
      const records = [{ n: 1, at, kind: 'backup', bytes: 1, count: 1, ...more }];
      expect((await agent.checkIn({ usage: { epoch: nonce(), records } })).problem.code).toBe('INPUT_INVALID');
    }
  });
});
