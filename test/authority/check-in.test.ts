import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guards, keysOf, signToken, verifyKeyset, verifyToken } from '@leasehold/protocol';
import {
  Agent,
  asDevice,
  asPerson,
  claimsOf,
  machine,
  newLicense,
  nonce,
  startBench,
  type Bench,
} from '../support/authority.js';
import { ed25519 } from '../support/signing.js';
import { engines } from '../support/store-engines.js';

const DAY = 86_400_000;

describe.each(engines)('on $name', (engine) => {
  let bench: Bench;
  let licenseKey: string;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    ({ licenseKey } = await newLicense(bench, { seats: 1000 }));
  });
  afterAll(() => bench?.close());

  async function active(name: string, key = licenseKey): Promise<Agent> {
    const agent = await Agent.on(bench, name);
    const { status, problem } = await agent.activate(key);
    if (status !== 200) throw new Error(JSON.stringify(problem));
    return agent;
  }

  /** The same machine, device key and chain at another moment: a snapshot, or a copy. */
  function fork(agent: Agent): Agent {
    return Object.assign(new Agent(bench, agent.signer, agent.report), {
      instance: agent.instance,
      lease: agent.lease,
      parent: agent.parent,
      entitlementsDigest: agent.entitlementsDigest,
    });
  }

  async function journaled(type: string, subject: string): Promise<number> {
    const { body } = await asPerson(bench, 'journal', { query: '?limit=500' });
    return body.rows.filter((row) => row.type === type && row.payload!.includes(subject)).length;
  }

  describe('the signed time', () => {
    test('is signed for one question under the keyset, and for nothing that is no nonce', async () => {
      const asked = nonce();
      const { body } = await asPerson(bench, 'time', { params: { nonce: asked } });
      const keyset = await verifyKeyset(body.keyset, [bench.rootJwk], ed25519);
      const claims = await verifyToken('time', body.time, {
        ed25519,
        keys: keysOf(keyset),
        expect: { iss: keyset.iss },
      });
      expect(claims).toEqual({ iss: keyset.iss, nonce: asked, iat: Math.floor(bench.clock / 1000) });
      for (const bad of ['short', 'x'.repeat(89), 'no nonce at all, no']) {
        const refused = await asPerson(bench, 'time', { params: { nonce: bad } });
        expect(refused).toMatchObject({ status: 400, problem: { code: 'INPUT_INVALID' } });
      }
    });
  });

  describe('check-in', () => {
    test('renews along the chain, and sends only what changed', async () => {
      const agent = await active('routine');
      const before = (await asPerson(bench, 'me')).body.seq;
      bench.clock += DAY;
      const { status, body } = await agent.checkIn();
      expect(status).toBe(200);
      expect(guards.isCheckInReply(body)).toBe(true);
      expect(body).not.toHaveProperty('entitlements');
      expect(body).not.toHaveProperty('keyset');
      expect(body.verdict).toBe('same');
      expect(claimsOf(body.lease)).toMatchObject({ seq: 2, iat: Math.floor(bench.clock / 1000) });
      expect((await asPerson(bench, 'me')).body.seq).toBe(before);
      const renew = new Date(body.renewAfter);
      expect(renew.getTime()).toBeGreaterThan(bench.clock);
      expect(renew.getUTCHours()).toBe(8);
      const stale = await agent.checkIn({ entitlementsDigest: null, keysetVersion: { epoch: 1, version: 0 } });
      expect(stale.body).toHaveProperty('entitlements');
      expect(stale.body).toHaveProperty('keyset');
    });

    test.each([-480, 0, 330, 840])(
      'is due at 08:01 of the machine’s own day, spread over half an hour (%i minutes)',
      async (offset) => {
        const agent = await active(`zone ${offset}`);
        const { body } = await agent.checkIn({ machine: { ...machine(`zone ${offset}`), utcOffsetMinutes: offset } });
        const local = new Date(Date.parse(body.renewAfter) + offset * 60_000);
        const minutes = local.getUTCHours() * 60 + local.getUTCMinutes();
        expect(minutes).toBeGreaterThanOrEqual(8 * 60 + 1);
        expect(minutes).toBeLessThanOrEqual(8 * 60 + 31);
        expect(Date.parse(body.renewAfter) - bench.clock).toBeGreaterThan(0);
        expect(Date.parse(body.renewAfter) - bench.clock).toBeLessThanOrEqual(1.1 * DAY);
      },
    );

    test('a lost reply is answered with the same lease; usage in it is counted once', async () => {
      const agent = await active('lost');
      const record = (n: number) => ({ n, at: '2026-06-15T02:00:00Z', kind: 'backup', bytes: 100, count: 1 });
      const usage = { epoch: nonce(), records: [record(1), record(2)] };
      const request = agent.request({ usage });
      const first = await asDevice(bench, agent.signer, 'checkIn', request);
      const second = await asDevice(bench, agent.signer, 'checkIn', request);
      expect(second.body.lease).toBe(first.body.lease);
      expect(second.body.usageSeen).toEqual({ epoch: usage.epoch, n: 2 });
      agent.take(second);
      const more = { epoch: usage.epoch, records: [record(2), record(3), record(3)] };
      expect((await agent.checkIn({ usage: more })).body.usageSeen).toEqual({ epoch: usage.epoch, n: 3 });
      const fresh = { epoch: nonce(), records: [record(1)] };
      expect((await agent.checkIn({ usage: fresh })).body.usageSeen).toEqual({ epoch: fresh.epoch, n: 1 });
      const { body } = await asPerson(bench, 'usage', { query: '?month=2026-06' });
      expect(body.rows).toEqual([
        { instance: agent.instance, machine: agent.instance, month: '2026-06', kind: 'backup', jobs: 4, bytes: 400 },
      ]);
    });

    test('a machine that was set back is restored; when the other branch speaks again it is a copy, and both run', async () => {
      const agent = await active('vm');
      await agent.checkIn();
      const snapshot = fork(agent);
      await agent.checkIn();
      const restored = await snapshot.checkIn();
      expect(restored.body.verdict).toBe('restored');
      expect(claimsOf(restored.body.lease).seq).toBe(4);
      const copy = await agent.checkIn();
      expect(copy).toMatchObject({ status: 200, body: { verdict: 'cloned' } });
      expect(copy.body.instance).not.toBe(snapshot.instance);
      expect((await snapshot.checkIn()).body).toMatchObject({ verdict: 'same', instance: snapshot.instance });
      expect((await agent.checkIn()).body).toMatchObject({ verdict: 'same', instance: copy.body.instance });
      expect(await journaled('instance.restored', snapshot.instance)).toBe(1);
      expect(await journaled('instance.forked', agent.instance)).toBe(1);
      const { body } = await asPerson(bench, 'overview');
      expect(body.todos).toContainEqual(
        expect.objectContaining({ kind: 'fork', subject: expect.objectContaining({ id: agent.instance }) }),
      );
    });

    test('a chain that goes on on other hardware was moved, and keeps running', async () => {
      const agent = await active('hardware');
      agent.report = machine('other hardware');
      const { status, body } = await agent.checkIn();
      expect({ status, verdict: body.verdict }).toEqual({ status: 200, verdict: 'moved' });
      expect(await journaled('instance.moved', agent.instance)).toBe(1);
    });

    test('a guest that says it lives elsewhere is shown there, also where that changes nothing else (F-1)', async () => {
      const agent = await active('guest');
      const says = (declaredHostId: string) => {
        agent.report = machine('guest', { kind: 'guest', declaredHostId });
        return agent.checkIn();
      };
      for (const host of ['esx-a', 'esx-b']) expect((await says(host)).status).toBe(200);
      const shown = (await asPerson(bench, 'machine', { params: { machine: agent.instance } })).body.machine;
      expect(shown).toMatchObject({ hostId: 'esx-b', status: 'grace' });
      expect(await journaled('instance.changed', '"hostId":"esx-b"')).toBe(1);
    });

    test('refusals of an agent are kept and journaled once', async () => {
      const agent = await active('refusing');
      const refusal = {
        id: nonce(),
        at: '2026-06-16T02:00:00Z',
        action: 'be_media.use',
        decision: { decision: 'refuse', reason_rule: 'AIP-9.1', code: 'UNLICENSED_MEDIA' },
      } as const;
      await agent.checkIn({ refusals: [refusal] });
      await agent.checkIn({ refusals: [refusal] });
      expect(await journaled('refusal.reported', refusal.id)).toBe(1);
      const { body } = await asPerson(bench, 'refusals');
      expect(body.rows.filter(({ id }) => id === refusal.id)).toMatchObject([
        { machine: agent.instance, action: 'be_media.use', decision: refusal.decision },
      ]);
    });

    test('a changed license reaches the agent with its next check-in', async () => {
      const { id, licenseKey: key } = await newLicense(bench);
      const agent = await active('released', key);
      const release = await asPerson(bench, 'licenseRelease', { params: { license: id }, body: {} });
      expect(release.status).toBe(200);
      const { body } = await agent.checkIn();
      const { facts } = claimsOf(body.entitlements!) as unknown as { facts: { licenses: unknown[] } };
      expect(facts.licenses).toEqual([]);
      const machines = await asPerson(bench, 'machines', { query: `?search=${agent.instance}` });
      expect(machines.body.rows).toMatchObject([{ status: 'stopped', rule: 'AIP-0.1', coveredBy: null }]);
      // The lease it held could not be called back: the seat waits for its end.
      const next = await Agent.on(bench, 'next in line');
      const { problem } = await next.activate(key);
      expect(problem.code).toBe('SEATS_EXHAUSTED');
      expect(problem.detail).toMatch(/free again from 2026-07/);
      bench.clock += 31 * DAY;
      expect((await next.activate(key)).status).toBe(200);
    });

    test('deactivation signed by the holder frees the seat at once', async () => {
      const { id, licenseKey: key } = await newLicense(bench);
      const agent = await active('leaving', key);
      const chain = { parent: agent.parent, nonce: nonce() };
      const { body } = await asDevice(bench, agent.signer, 'deactivate', { instance: agent.instance, chain });
      expect(body.reusableFrom).toBeNull();
      expect((await agent.checkIn()).problem.code).toBe('NOT_ACTIVATED');
      const next = await active('arriving', key);
      expect((await asPerson(bench, 'licenses', { query: `?search=${id}` })).body.rows).toMatchObject([
        { used: 1, assignedTo: next.instance },
      ]);
    });

    test('a subscription goes grace, then stopped, and the restoreable past stays known', async () => {
      const { licenseKey: key } = await newLicense(bench, {
        term: 'subscription',
        validUntil: isoDay(bench.clock + 40 * DAY),
      });
      const agent = await active('subscribed', key);
      const statusAt = async (days: number): Promise<string> => {
        bench.clock += days * DAY;
        await agent.checkIn();
        const { body } = await asPerson(bench, 'machines', { query: `?search=${agent.instance}` });
        return body.rows[0]!.status;
      };
      expect(await statusAt(1)).toBe('valid');
      expect(await statusAt(15)).toBe('expires_soon');
      expect(await statusAt(30)).toBe('grace');
      expect(await statusAt(30)).toBe('stopped');
    });
  });

  describe('proofs', () => {
    test('a wrong clock never blocks the check-in: the challenge takes its place', async () => {
      const agent = await active('wrong clock');
      const years = { iat: Math.floor(bench.clock / 1000) + 400_000_000 };
      const refused = await asDevice(bench, agent.signer, 'checkIn', agent.request(), {}, years);
      expect(refused.problem).toMatchObject({ code: 'NONCE_REQUIRED', status: 401 });
      const challenge = refused.headers.get('leasehold-nonce')!;
      const answered = await asDevice(
        bench,
        agent.signer,
        'checkIn',
        agent.request(),
        {},
        { ...years, nonce: challenge },
      );
      expect(answered.status).toBe(200);
      bench.clock += 11 * 60_000;
      const late = await asDevice(bench, agent.signer, 'checkIn', agent.request(), {}, { nonce: challenge });
      expect(late.problem.code).toBe('NONCE_REQUIRED');
    });

    test.each([
      ['another address', { htu: 'http://elsewhere.example/v1/check-in' }],
      ['another method', { htm: 'GET' as const }],
      ['another body', { bh: nonce() }],
    ])('a proof for %s is worth nothing', async (_what, changes) => {
      const agent = await active(`proof ${_what}`);
      const { problem } = await asDevice(bench, agent.signer, 'checkIn', agent.request(), {}, changes);
      expect(problem).toMatchObject({ code: 'PROOF_INVALID', status: 401 });
    });

    test('another device key is not the machine', async () => {
      const agent = await active('keyed');
      const thief = await Agent.on(bench, 'thief');
      const { problem } = await asDevice(bench, thief.signer, 'checkIn', agent.request());
      expect(problem.code).toBe('FORBIDDEN');
    });

    test('a lease of somebody else is not adopted', async () => {
      const agent = await active('adopting');
      const claims = { ...claimsOf(agent.lease), seq: 99, jti: '99.forged' };
      const forged = await signToken('lease', claims as never, agent.signer);
      const { body } = await agent.checkIn({ chain: { parent: '99.forged', nonce: nonce() }, lease: forged });
      expect(body.verdict).toBe('unknown');
      expect(claimsOf(body.lease).seq).toBe(2);
    });
  });

  function isoDay(at: number): string {
    return new Date(at).toISOString().slice(0, 10);
  }
});
