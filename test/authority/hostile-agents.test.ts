import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatExchange, guards, signToken } from '@leasehold/protocol';
import { Agent, asDevice, asPerson, newLicense, nonce, startBench, type Bench } from '../support/authority.js';
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

  test('runs beyond all measure leave the lists of others readable', async () => {
    const agent = await activated('beyond measure');
    const at = new Date(bench.clock).toISOString();
    const records = [{ n: 1, at, kind: 'backup', bytes: 1, count: 2_000_000_000 }];
    expect((await agent.checkIn({ usage: { epoch: nonce(), records } })).status).toBe(200);
    expect(guards.isMachinePage((await asPerson(bench, 'machines')).body)).toBe(true);
    expect(guards.isUsageReply((await asPerson(bench, 'usage')).body)).toBe(true);
    expect(guards.isStatementList((await asPerson(bench, 'statements')).body)).toBe(true);
  });
});
