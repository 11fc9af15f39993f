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
import { engines } from '../support/store-engines.js';

const DAY = 86_400_000;

describe.each(engines)('on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => void (bench = await startBench(undefined, {}, await engine.url())));
  afterAll(() => bench?.close());

  async function active(name: string, seats = 1): Promise<{ agent: Agent; license: string }> {
    const { id, licenseKey } = await newLicense(bench, { seats });
    const agent = await Agent.on(bench, name);
    const { status, problem } = await agent.activate(licenseKey);
    if (status !== 200) throw new Error(JSON.stringify(problem));
    return { agent, license: id };
  }

  async function detail(agent: Agent) {
    const { body, status, problem } = await asPerson(bench, 'machine', { params: { machine: agent.instance } });
    if (status !== 200) throw new Error(JSON.stringify(problem));
    return body;
  }

  const decide = (agent: Agent, body: Parameters<typeof asPerson<'forkDecide'>>[2] extends infer R ? R : never) =>
    asPerson(bench, 'forkDecide', { params: { machine: agent.instance }, ...body });

  /** A state folder copied to a second machine, both checking in until the copy is called one. */
  async function forked(name: string, seats = 1): Promise<{ original: Agent; copy: Agent; license: string }> {
    const { agent: original, license } = await active(name, seats);
    await original.checkIn();
    const copy = original.copyTo(`${name} copy`);
    expect((await copy.checkIn()).body.verdict).toBe('moved');
    expect((await original.checkIn()).body.verdict).toBe('restored');
    expect((await copy.checkIn()).body.verdict).toBe('cloned');
    return { original, copy, license };
  }

  describe('a state folder that was copied to a second machine', () => {
    test('the copy becomes an instance of its own under the shortage grace; the original keeps seat, name and silence', async () => {
      const { original, copy, license } = await forked('srv');
      expect(copy.instance).not.toBe(original.instance);
      expect((await original.checkIn()).body).toMatchObject({ verdict: 'same', instance: original.instance });
      expect((await copy.checkIn()).body).toMatchObject({ verdict: 'same', instance: copy.instance });
      expect(await detail(original)).toMatchObject({
        fork: null,
        machine: { coveredBy: license, status: 'valid', marks: [] },
      });
      const shown = await detail(copy);
      expect(shown.machine).toMatchObject({ status: 'grace', marks: ['fork'], forkedFrom: original.instance });
      expect(shown.fork).toMatchObject({ of: original.instance, undecided: false, decision: null });
      expect(Date.parse(shown.fork!.until) - Date.parse(shown.fork!.since)).toBe(14 * DAY);
      expect(shown.evidence).toMatchObject([{ verdict: 'cloned', chain: 'cloned', kin: original.instance }]);
      const [moved] = (await detail(original)).evidence.filter(({ verdict }) => verdict === 'moved');
      expect(moved).toMatchObject({ similarity: 0, changed: expect.arrayContaining(['hardware_uuid']) });
      const overview = await asPerson(bench, 'overview');
      expect(overview.body.todos).toContainEqual(
        expect.objectContaining({ kind: 'fork', subject: expect.objectContaining({ id: copy.instance }) }),
      );
      expect((await asPerson(bench, 'machines', { query: '?mark=fork' })).body.rows.map(({ id }) => id)).toContain(
        copy.instance,
      );
    });

    test('where nothing tells the two apart both are marked, and it is one decision', async () => {
      const { agent: original } = await active('twins');
      await original.checkIn();
      const copy = original.copyTo('twins');
      for (const half of [copy, original, copy]) await half.checkIn();
      const marked = await asPerson(bench, 'machines', { query: '?mark=fork&search=twins&counts=yes' });
      expect(marked.body.rows).toHaveLength(2);
      expect(marked.body.counts).toMatchObject({ status: { all: 2 }, mark: { all: 2, fork: 2, stale: 0 } });
      const gone = await asPerson(bench, 'machines', { query: '?status=released&search=twins&counts=yes' });
      expect(gone.body).toMatchObject({ total: 0, counts: { status: { all: 2 }, mark: { all: 0, fork: 0 } } });
      expect((await asPerson(bench, 'machines', { query: '?mark=none' })).problem).toMatchObject({
        path: 'query.mark',
      });
      const { todos } = (await asPerson(bench, 'overview')).body;
      const waiting = todos.filter(({ subject }) => subject.name === 'twins');
      expect(waiting).toMatchObject([{ kind: 'fork' }]);
      const [todo] = waiting;
      const found = await asPerson(bench, 'machine', { params: { machine: todo!.subject.id } });
      expect(found.body.fork).toMatchObject({ undecided: true, decision: null });
    });

    test('a copied guest with the same parts is told by its generation, also where it speaks first', async () => {
      const { agent: original, license } = await active('guest');
      original.report = { ...original.report, vmGeneration: 'original-generation' };
      for (let day = 0; day < 2; day += 1) await original.checkIn();
      const copy = original.copyTo('guest');
      copy.report = { ...copy.report, vmGeneration: 'another-generation' };
      for (const half of [copy, original, copy, original]) await half.checkIn();
      expect(await detail(original)).toMatchObject({ fork: null, machine: { coveredBy: license, marks: [] } });
      expect((await detail(copy)).fork).toMatchObject({ of: original.instance, undecided: false });
    });

    test('a lost reply of the very check-in that made the fork is answered with the same lease', async () => {
      const { agent: original } = await active('lossy');
      await original.checkIn();
      const copy = original.copyTo('lossy copy');
      await copy.checkIn();
      await original.checkIn();
      const request = copy.request();
      const first = await asDevice(bench, copy.signer, 'checkIn', request);
      const second = await asDevice(bench, copy.signer, 'checkIn', request);
      expect(first.body.verdict).toBe('cloned');
      expect(second.body.lease).toBe(first.body.lease);
      copy.take(second);
      expect((await copy.checkIn()).body).toMatchObject({ verdict: 'same', instance: first.body.instance });
    });

    test('where the copy holds the head, the original is told from it and keeps its name', async () => {
      const { agent: original } = await active('headless');
      await original.checkIn();
      const copy = original.copyTo('headless copy');
      await original.checkIn();
      await copy.checkIn();
      // The copy re-rooted the chain; the original speaks from the branch that was left.
      const { body } = await original.checkIn();
      expect(body).toMatchObject({ verdict: 'same', instance: claimsOf(original.lease).sub });
      expect((await detail(original)).fork).toBeNull();
      const next = await copy.checkIn();
      expect(next.body.instance).not.toBe(original.instance);
      expect((await detail(copy)).fork).toMatchObject({ of: original.instance });
      expect((await original.checkIn()).body.instance).toBe(original.instance);
    });

    test('usage that was waiting when the folder was copied is counted once', async () => {
      const { agent: original } = await active('usage');
      const record = (n: number) => ({ n, at: '2026-06-15T02:00:00Z', kind: 'backup', bytes: 1, count: 1 });
      const waiting = { epoch: nonce(), records: [record(1), record(2)] };
      const copy = original.copyTo('usage copy');
      await original.checkIn({ usage: waiting });
      await copy.checkIn();
      await original.checkIn();
      await copy.checkIn({ usage: waiting });
      const { body } = await asPerson(bench, 'usage', { query: '?month=2026-06' });
      const jobs = body.rows.filter(({ instance }) => [original.instance, copy.instance].includes(instance));
      expect(jobs.reduce((sum, row) => sum + row.jobs, 0)).toBe(2);
    });

    test('after the grace the copy alone stops', async () => {
      const { original, copy } = await forked('late');
      bench.clock += 15 * DAY;
      await original.checkIn();
      await copy.checkIn();
      expect((await detail(copy)).machine).toMatchObject({ status: 'stopped', rule: 'AIP-0.1' });
      expect((await detail(original)).machine.status).toBe('valid');
    });
  });

  describe('replace, license it, retire', () => {
    test('replace: the license moves, the original is declared gone, and what it does then is contradicted (AIP-2.2)', async () => {
      const { original, copy, license } = await forked('replaced');
      const dry = await decide(copy, { body: { decision: 'replace', dryRun: true } });
      expect(dry.body).toMatchObject({
        dryRun: true,
        decision: { reason_rule: 'F-7', obligations: ['DISPOSE_SOURCE', 'MOVE_LICENSE'] },
      });
      expect((await detail(copy)).fork?.decision).toBeNull();
      expect((await decide(copy, { body: { decision: 'replace' } })).status).toBe(200);
      expect(await detail(copy)).toMatchObject({
        machine: { status: 'valid', coveredBy: license, marks: [] },
        fork: { decision: 'replace' },
        seats: [{ license, state: 'held' }],
      });
      expect(await detail(original)).toMatchObject({
        machine: { marks: ['disposed'], status: 'stopped', rule: 'AIP-2.2' },
        declarations: [{ kind: 'disposed', of: copy.instance, contradictedAt: null, author: /^admin:/ }],
        seats: [],
      });
      await original.checkIn();
      const found = await detail(original);
      expect(found.machine).toMatchObject({ marks: ['disposed', 'contradicted'], status: 'stopped', rule: 'AIP-2.2' });
      expect(found.declarations[0]!.contradictedAt).not.toBeNull();
      const licenses = await asPerson(bench, 'licenses', { query: `?search=${license}` });
      expect(licenses.body.rows).toMatchObject([{ used: 1, quota: 1 }]);
      expect((await decide(copy, { body: { decision: 'retire' } })).problem.code).toBe('CONFLICT');
    });

    test('license it: a seat of its own where one is free, else a refusal that changes nothing', async () => {
      const full = await forked('full');
      const refused = await decide(full.copy, { body: { decision: 'license' } });
      expect(refused.problem).toMatchObject({ code: 'SEATS_EXHAUSTED' });
      expect((await detail(full.copy)).fork?.decision).toBeNull();
      const { id } = await newLicense(bench);
      expect((await decide(full.copy, { body: { decision: 'license', license: id } })).status).toBe(200);
      expect((await detail(full.copy)).machine).toMatchObject({ status: 'valid', coveredBy: id, marks: [] });
      const roomy = await forked('roomy', 2);
      expect((await decide(roomy.copy, { body: { decision: 'license' } })).status).toBe(200);
      expect((await detail(roomy.original)).machine.status).toBe('valid');
    });

    test('retire: the copy is told, and the original is not', async () => {
      const { original, copy } = await forked('retired');
      expect((await decide(copy, { body: { decision: 'retire' } })).status).toBe(200);
      expect((await copy.checkIn()).problem.code).toBe('NOT_ACTIVATED');
      expect((await original.checkIn()).status).toBe(200);
      expect((await detail(copy)).machine.status).toBe('released');
    });
  });

  describe('declarations', () => {
    test('a standby that boots with the state of its active machine goes on as itself, licensed as itself (F-6)', async () => {
      const { agent: active1 } = await active('active');
      await active1.checkIn();
      const made = await asPerson(bench, 'standbyCreate', {
        params: { machine: active1.instance },
        body: { name: 'active standby' },
      });
      const standbyId = made.body.id!;
      const { id: license } = await newLicense(bench);
      const bound = await asPerson(bench, 'licenseBind', {
        params: { license },
        body: { to: { type: 'machine', id: standbyId } },
      });
      expect(bound.status).toBe(200);
      bench.clock += 40 * DAY; // powered off all the time: not stale
      await active1.checkIn();
      expect((await asPerson(bench, 'machines', { query: '?mark=stale' })).body.rows.map(({ id }) => id)).not.toContain(
        standbyId,
      );
      const standby = active1.copyTo('other site');
      const request = standby.request();
      const booted = await asDevice(bench, standby.signer, 'checkIn', request);
      expect(booted.body.instance).toBe(standbyId);
      expect((await asDevice(bench, standby.signer, 'checkIn', request)).body.lease).toBe(booted.body.lease);
      standby.take(booted);
      expect((await standby.checkIn()).body).toMatchObject({ instance: standbyId });
      expect((await detail(standby)).machine).toMatchObject({ status: 'valid', coveredBy: license });
      // The active machine comes back: it was not touched.
      expect((await active1.checkIn()).body).toMatchObject({ verdict: 'same', instance: active1.instance });
      // Rebuilt from a newer state of the active machine, the standby is known again.
      const rebuilt = active1.copyTo('other site');
      expect((await rebuilt.checkIn()).body.instance).toBe(standbyId);
    });

    test('in service again takes back that a machine is gone; declarations keep author and time', async () => {
      const { agent } = await active('mistaken');
      const say = (kind: 'disposed' | 'in_service' | 'replaces', more = {}) =>
        asPerson(bench, 'machineDeclare', { params: { machine: agent.instance }, body: { kind, ...more } });
      expect((await say('disposed', { note: 'scrapped in May' })).status).toBe(200);
      await agent.checkIn();
      expect((await detail(agent)).machine.marks).toEqual(['disposed', 'contradicted']);
      expect((await say('in_service')).status).toBe(200);
      const { machine: row, declarations } = await detail(agent);
      expect(row).toMatchObject({ marks: [], status: 'valid' });
      expect(declarations).toMatchObject([{ kind: 'disposed', note: 'scrapped in May', author: /^admin:/ }]);
      expect(declarations[0]!.withdrawnAt).not.toBeNull();
      expect((await say('replaces')).problem).toMatchObject({ code: 'INPUT_INVALID', path: 'of' });
      expect((await say('replaces', { of: 'nobody' })).problem).toMatchObject({ code: 'NOT_FOUND', path: 'of' });
    });

    test('replacement hardware gets the license of what it replaces', async () => {
      const { agent: old, license } = await active('old');
      const { agent: fresh } = await active('fresh');
      const body = { kind: 'replaces', of: old.instance } as const;
      const moved = await asPerson(bench, 'machineDeclare', { params: { machine: fresh.instance }, body });
      expect(moved.body.decision).toMatchObject({ reason_rule: 'F-7' });
      expect((await detail(fresh)).seats.map((seat) => seat.license)).toContain(license);
      expect((await detail(old)).machine).toMatchObject({ rule: 'AIP-2.2', marks: ['disposed'] });
    });

    test('a stale machine is proposed, and its seat taken back: at once where its lease has ended, else from then on', async () => {
      const { agent, license } = await active('stale');
      bench.clock += 33 * DAY;
      expect((await detail(agent)).stale).toMatchObject({ decision: 'warn', reason_rule: 'D-10' });
      expect((await asPerson(bench, 'machines', { query: '?mark=stale' })).body.rows.map(({ id }) => id)).toContain(
        agent.instance,
      );
      const released = await asPerson(bench, 'machineRelease', { params: { machine: agent.instance }, body: {} });
      expect(released.body).toMatchObject({ reusableFrom: null, decision: { warnings: ['PROPOSE_RELEASE'] } });
      const { agent: fresh, license: other } = await active('fresher');
      const early = await asPerson(bench, 'machineRelease', { params: { machine: fresh.instance }, body: {} });
      expect(Date.parse(early.body.reusableFrom!)).toBe(claimsOf(fresh.lease).exp * 1000);
      const { body } = await asPerson(bench, 'licenses', { query: `?search=${license}` });
      expect(body.rows).toMatchObject([{ used: 0 }]);
      expect((await asPerson(bench, 'licenses', { query: `?search=${other}` })).body.rows).toMatchObject([{ used: 1 }]);
      expect((await agent.checkIn()).problem.code).toBe('NOT_ACTIVATED');
    });
  });
});
