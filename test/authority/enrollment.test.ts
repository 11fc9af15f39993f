import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatLicenseKey, guards, parseLicenseKey, type RequestOf } from '@leasehold/protocol';
import {
  Agent,
  asDevice,
  asPerson,
  claimsOf,
  machine,
  newLicense,
  startBench,
  type Bench,
} from '../support/authority.js';
import { persist } from '../support/cluster.js';
import { engines } from '../support/store-engines.js';

const DAY = 86_400_000;

describe.each(engines)('on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => void (bench = await startBench(undefined, {}, await engine.url())));
  afterAll(() => bench?.close());

  type Asked = Partial<RequestOf<'enrollmentKeyCreate'>>;
  const asked = (more: Asked): RequestOf<'enrollmentKeyCreate'> => ({
    name: 'Roll-out',
    maxUses: 10,
    validDays: 30,
    ...more,
  });

  async function newKey(more: Asked): Promise<{ readonly id: string; readonly key: string }> {
    const { status, body, problem } = await asPerson(bench, 'enrollmentKeyCreate', { body: asked(more) });
    if (status !== 200) throw new Error(JSON.stringify(problem));
    return { id: body.id!, key: body.enrollmentKey! };
  }

  async function enroll(name: string, key: string) {
    const agent = await Agent.on(bench, name);
    return { agent, answer: await persist(() => agent.activate(key)) };
  }

  async function rowOf(id: string) {
    const { body } = await asPerson(bench, 'enrollmentKeys');
    expect(guards.isEnrollmentKeyPage(body)).toBe(true);
    return body.rows.find((row) => row.id === id);
  }

  async function company(name: string): Promise<string> {
    return (await asPerson(bench, 'companyCreate', { body: { name } })).body.id!;
  }

  describe('an enrollment key', () => {
    test('is shown once, told from a typing error, and kept as its hash alone', async () => {
      const { id } = await newLicense(bench, { seats: 3 });
      const body = asked({ licenses: [id] });
      const headers = { 'idempotency-key': 'roll-out-1' };
      const [made, again] = [
        await asPerson(bench, 'enrollmentKeyCreate', { body, headers }),
        await asPerson(bench, 'enrollmentKeyCreate', { body, headers }),
      ];
      expect(made.body).toMatchObject({ dryRun: false, decision: { decision: 'allow', value: { free: 3 } } });
      expect(again.body).toEqual(made.body);
      const { enrollmentKey } = made.body;
      expect(parseLicenseKey(enrollmentKey!)).toEqual({ kind: 'enrollment', canonical: enrollmentKey });
      expect(await rowOf(made.body.id!)).toMatchObject({ licenses: [id], used: 0, maxUses: 10, status: 'usable' });
      const list = await asPerson(bench, 'enrollmentKeys');
      expect(JSON.stringify(list.body) + bench.logged.join()).not.toContain(enrollmentKey);
      const journal = await asPerson(bench, 'journal', { query: '?limit=500' });
      expect(JSON.stringify(journal.body)).not.toContain(enrollmentKey);
      expect(journal.body.rows.filter(({ type }) => type === 'enrollment_key.created')).toHaveLength(1);
      const typo = enrollmentKey!.slice(0, -1) + (enrollmentKey!.endsWith('A') ? 'B' : 'A');
      expect((await enroll('typo', typo)).answer.problem.code).toBe('LICENSE_KEY_TYPO');
    });

    test('a dry run says for how many machines seats are free, and makes nothing', async () => {
      const { id } = await newLicense(bench, { seats: 7 });
      const { body } = await asPerson(bench, 'enrollmentKeyCreate', { body: asked({ licenses: [id], dryRun: true }) });
      expect(body).toMatchObject({ dryRun: true, decision: { value: { free: 7 } } });
      expect(body.enrollmentKey).toBeUndefined();
    });

    test('of nothing, of both, of a stranger’s license or of no license is refused with the path', async () => {
      const north = await company('Other owner');
      const { id } = await newLicense(bench, { companyId: north });
      const create = async (more: Asked) =>
        (await asPerson(bench, 'enrollmentKeyCreate', { body: asked(more) })).problem;
      expect(await create({})).toMatchObject({ code: 'INPUT_INVALID', path: 'licenses' });
      expect(await create({ licenses: [id], profile: 'aip', type: 'server' })).toMatchObject({ path: 'licenses' });
      expect(await create({ type: 'server' })).toMatchObject({ code: 'INPUT_INVALID', path: 'profile' });
      expect(await create({ licenses: ['nowhere'] })).toMatchObject({ code: 'NOT_FOUND', path: 'licenses[0]' });
      expect(await create({ licenses: [id] })).toMatchObject({ code: 'CONFLICT', path: 'licenses[0]' });
      expect(await create({ company: 'nobody', licenses: [id] })).toMatchObject({ code: 'NOT_FOUND', path: 'company' });
    });

    test('draws from all licenses of its type and company, one after the other, and says when none is left', async () => {
      const south = await company('South');
      const own = [
        await newLicense(bench, { companyId: south, seats: 2 }),
        await newLicense(bench, { companyId: south }),
      ];
      await newLicense(bench, { companyId: south, type: 'desktop' });
      const { id, key } = await newKey({ company: south, profile: 'aip', type: 'server' });
      const machines = await Promise.all(['s1', 's2', 's3'].map((name) => enroll(name, key)));
      const licenses = machines.map(({ answer }) => claimsOf(answer.body.lease).license).sort();
      expect(licenses).toEqual([own[0]!.id, own[0]!.id, own[1]!.id].sort());
      const detail = await asPerson(bench, 'machine', { params: { machine: machines[0]!.agent.instance } });
      expect(detail.body.machine.companyId).toBe(south);
      const { problem } = (await enroll('s4', key)).answer;
      expect(problem).toMatchObject({ code: 'SEATS_EXHAUSTED', decision: { decision: 'needs' } });
      expect(await rowOf(id)).toMatchObject({ used: 3, status: 'usable' });
    });

    test('draws from what runs before what has ended or has not begun, however much of that there is', async () => {
      const owner = await company('Yearly');
      const bought = { type: 'linux', companyId: owner } as const;
      const at = (days: number): string => `${new Date(bench.clock + days * DAY).toISOString().slice(0, 19)}Z`;
      const ended = { term: 'subscription', validUntil: at(1) } as const;
      const early = { startsAt: at(200) };
      for (let n = 10; n < 30; n += 1) await newLicense(bench, { ...bought, ...(n % 2 ? ended : early), id: `a-${n}` });
      await newLicense(bench, { ...bought, ...ended, id: 'b-grace', validUntil: at(50) });
      await newLicense(bench, { ...bought, id: 'c-runs' });
      bench.clock += 60 * DAY;
      const dryRun = await asPerson(bench, 'enrollmentKeyCreate', {
        body: { ...asked({ company: owner, profile: 'aip', type: 'linux' }), dryRun: true },
      });
      expect(dryRun.body.decision.value).toMatchObject({ free: 1 });
      const { key } = await newKey({ company: owner, profile: 'aip', type: 'linux' });
      for (const [name, license] of [
        ['yearly 1', 'c-runs'],
        ['yearly 2', 'b-grace'],
      ] as const) {
        const agent = await Agent.on(bench, machine(name, { os: 'linux' }));
        const { status, body, problem } = await agent.activate(key);
        expect({ status, problem }).toMatchObject({ status: 200 });
        expect(claimsOf(body.lease).license).toBe(license);
      }
    });

    test('that names licenses of several types draws the one that fits, wherever it stands', async () => {
      const licenses = ['mix-0', 'mix-z'];
      await newLicense(bench, { id: 'mix-0', type: 'additional_node' });
      for (let n = 10; n < 30; n += 1) licenses.push((await newLicense(bench, { id: `mix-${n}` })).id);
      await newLicense(bench, { id: 'mix-z', type: 'desktop' });
      const { key } = await newKey({ licenses });
      const client = await Agent.on(bench, machine('mixed client', { os: 'windows_client' }));
      expect(claimsOf((await client.activate(key)).body.lease ?? '.e30.').license).toBe('mix-z');
      const mac = await Agent.on(bench, machine('mixed mac', { os: 'macos' }));
      expect((await mac.activate(key)).problem).toMatchObject({ code: 'REFUSED', rule: 'AIP-0.2' });
    });

    test('of a type that nobody bought yet refuses, and lets in what is bought later', async () => {
      const later = await company('Later');
      const { key } = await newKey({ company: later, profile: 'msp', type: 'server' });
      const { agent, answer } = await enroll('early', key);
      expect(answer.problem).toMatchObject({ code: 'SEATS_EXHAUSTED', rule: 'MSP-1' });
      const bought = { profile: 'msp', companyId: later, validUntil: '2027-01-31', term: 'subscription' } as const;
      const { id } = await newLicense(bench, bought);
      expect(claimsOf((await agent.activate(key)).body.lease).license).toBe(id);
      const { body } = await asPerson(bench, 'licenses', { query: `?search=${id}` });
      expect(body.rows[0]).toMatchObject({ assignedTo: agent.instance, companyId: later });
    });

    test('50 machines at once with 20 uses: exactly 20, whatever seats are free', async () => {
      const { id: license } = await newLicense(bench, { seats: 100 });
      const { id, key } = await newKey({ licenses: [license], maxUses: 20 });
      const all = await Promise.all(Array.from({ length: 50 }, (_, n) => enroll(`fleet ${n}`, key)));
      expect(all.filter(({ answer }) => answer.status === 200)).toHaveLength(20);
      const refused = all.filter(({ answer }) => answer.status !== 200);
      for (const { answer } of refused)
        expect(answer.problem).toMatchObject({ code: 'ENROLLMENT_ENDED', reason: 'used_up', status: 403 });
      expect(await rowOf(id)).toMatchObject({ used: 20, status: 'used_up' });
      const { body } = await asPerson(bench, 'licenses', { query: `?search=${license}` });
      expect(body.rows[0]).toMatchObject({ used: 20, quota: 100 });
    });

    test('a lost reply is answered with the very same lease, and is one use', async () => {
      const { id: license } = await newLicense(bench, { seats: 5 });
      const { id, key } = await newKey({ licenses: [license] });
      const agent = await Agent.on(bench, 'lost reply');
      const request = agent.activation(key);
      const first = await asDevice(bench, agent.signer, 'activate', request);
      const again = await asDevice(bench, agent.signer, 'activate', request);
      expect(again.body.lease).toBe(first.body.lease);
      expect(await rowOf(id)).toMatchObject({ used: 1 });
    });

    test('the same machine keeps its seat, also once the key has ended or is used up; another one gets none', async () => {
      const { id: license } = await newLicense(bench, { seats: 5 });
      const { id, key } = await newKey({ licenses: [license], maxUses: 1, validDays: 1 });
      const { agent } = await enroll('reinstalled by key', key);
      bench.clock += 2 * DAY;
      const anew = await enroll('reinstalled by key', key);
      expect(anew.answer.body.instance).toBe(agent.instance);
      const { problem } = (await enroll('too late', key)).answer;
      expect(problem).toMatchObject({ code: 'ENROLLMENT_ENDED', reason: 'expired' });
      expect(await rowOf(id)).toMatchObject({ used: 1, status: 'expired' });
    });

    describe.each([
      ['subscription', { term: 'subscription' }],
      ['instance', { profile: 'msp', term: 'subscription' }],
    ] as const)('by which a machine runs on a license that has ended (%s)', (kind, more) => {
      const lastDay = (days: number) => new Date(bench.clock + days * DAY).toISOString().slice(0, 10);
      const used = async (id: string) =>
        (await asPerson(bench, 'licenses', { query: `?search=${id}` })).body.rows.find((row) => row.id === id)?.used;
      let count = 0;
      /** A machine that enrolled for one of two licenses. */
      async function enrolled(days: number, asks: Asked = {}) {
        count += 1;
        const name = `${kind}-${count}`;
        const former = await newLicense(bench, { ...more, id: `a-${name}`, validUntil: lastDay(days) });
        const next = await newLicense(bench, { ...more, id: `b-${name}`, validUntil: lastDay(days + 365) });
        const key = await newKey({ licenses: [former.id, next.id], validDays: 1000, ...asks });
        const made = await enroll(name, key.key);
        expect(claimsOf(made.answer.body.lease).license).toBe(former.id);
        const again = async () => claimsOf((await made.agent.activate(key.key)).body.lease).license;
        return { ...made, key, former: former.id, next: next.id, again };
      }

      test('gets one that is valid, and gives the seat of the other back; it is one use', async () => {
        const { agent, key, former, next, again } = await enrolled(30);
        expect(await again()).toBe(former);
        bench.clock += 31 * DAY;
        expect(await again()).toBe(next);
        expect([await used(former), await used(next)]).toEqual([0, 1]);
        const { body } = await asPerson(bench, 'machine', { params: { machine: agent.instance } });
        expect(body.machine).toMatchObject({ status: 'valid', coveredBy: next });
        expect(await again()).toBe(next);
        expect(await rowOf(key.id)).toMatchObject({ used: 1 });
      });

      test('keeps it where no valid one is free, or the key draws no more', async () => {
        const taken = await enrolled(30);
        await enroll(`${taken.next} is taken`, taken.key.key);
        const ended = await enrolled(30, { validDays: 10 });
        bench.clock += 31 * DAY;
        expect(await taken.again()).toBe(taken.former);
        expect(await ended.again()).toBe(ended.former);
        expect([await used(ended.former), await used(ended.next)]).toEqual([1, 0]);
      });
    });

    test('guests of one host take one seat of it, also when its license has ended (AIP-6.1)', async () => {
      const lastDay = (days: number) => new Date(bench.clock + days * DAY).toISOString().slice(0, 10);
      const virtual = { type: 'virtual', term: 'subscription' } as const;
      const ids: string[] = [];
      for (const [n, days] of [30, 30, 400, 400].entries())
        ids.push((await newLicense(bench, { ...virtual, id: `host-${n}`, validUntil: lastDay(days) })).id);
      const { key } = await newKey({ licenses: ids, validDays: 1000 });
      const used = async () =>
        (await asPerson(bench, 'licenses', { query: '?search=host-' })).body.rows
          .filter(({ id }) => ids.includes(id))
          .map((row) => [row.id, row.used]);
      const guests: Agent[] = [];
      for (const name of ['guest-one', 'guest-two'])
        guests.push(await Agent.on(bench, machine(name, { kind: 'guest', declaredHostId: 'esx-of-key' })));
      const enrollAll = async (): Promise<string[]> => {
        const licenses: string[] = [];
        for (const guest of guests) licenses.push(claimsOf((await guest.activate(key)).body.lease).license);
        return licenses;
      };
      expect(await enrollAll()).toEqual(['host-0', 'host-0']);
      bench.clock += 31 * DAY;
      expect(await enrollAll()).toEqual(['host-2', 'host-2']);
      const after = new Map((await used()) as [string, number][]);
      expect(ids.map((id) => after.get(id))).toEqual([0, 0, 1, 0]);
    });

    test('a machine that was activated by its license key is not drawn for again', async () => {
      const { id: license, licenseKey } = await newLicense(bench, { seats: 5 });
      const { id, key } = await newKey({ licenses: [license] });
      const { agent } = await enroll('by license key', licenseKey);
      expect((await agent.activate(key)).body.instance).toBe(agent.instance);
      expect(await rowOf(id)).toMatchObject({ used: 0 });
    });

    test('a revoked key lets nobody in, and its machines go on', async () => {
      const { id: license } = await newLicense(bench, { seats: 5 });
      const { id, key } = await newKey({ licenses: [license] });
      const { agent } = await enroll('before the leak', key);
      const dry = await asPerson(bench, 'enrollmentKeyRevoke', { params: { key: id }, body: { dryRun: true } });
      expect(dry.body).toMatchObject({ dryRun: true, decision: { value: { enrolled: 1 } } });
      expect((await asPerson(bench, 'enrollmentKeyRevoke', { params: { key: id }, body: {} })).status).toBe(200);
      expect((await enroll('after the leak', key)).answer.problem).toMatchObject({
        code: 'ENROLLMENT_ENDED',
        reason: 'revoked',
      });
      expect((await enroll('before the leak', key)).answer.problem.reason).toBe('revoked');
      expect((await agent.checkIn()).status).toBe(200);
      expect(await rowOf(id)).toMatchObject({ status: 'revoked' });
      const again = await asPerson(bench, 'enrollmentKeyRevoke', { params: { key: id }, body: {} });
      expect(again.problem.code).toBe('CONFLICT');
    });

    test('names itself in the journal of each machine that enrolled by it', async () => {
      const { id: license } = await newLicense(bench);
      const { id, key } = await newKey({ licenses: [license] });
      const { agent } = await enroll('journaled', key);
      const { body } = await asPerson(bench, 'journal', { query: '?limit=500' });
      const line = body.rows.findLast(({ actor }) => actor === `instance:${agent.instance}`)!;
      expect(JSON.parse(line.payload!)).toMatchObject({
        details: { key: 'enrollment_key', enrollmentKey: id, license },
      });
    });

    test('keys that nobody made are counted by address', async () => {
      const guess = (n: number) =>
        enroll(machine(`guess ${n}`).label!, formatLicenseKey('enrollment', new Uint8Array(16).fill(n)));
      const codes = [];
      for (let n = 1; n <= 22; n += 1) codes.push((await guess(n)).answer.problem.code);
      expect(codes.slice(0, 20).every((code) => code === 'LICENSE_KEY_UNKNOWN')).toBe(true);
      expect(codes.slice(20)).toEqual(['TOO_MANY_ATTEMPTS', 'TOO_MANY_ATTEMPTS']);
    });
  });
});
