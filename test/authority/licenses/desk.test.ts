import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestOf } from '@leasehold/protocol';
import { Agent, asPerson, newLicense, startBench, type Bench } from '../../support/authority.js';
import { engines } from '../../support/store-engines.js';

describe.each(engines)('on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    for (const id of ['north', 'south'])
      await asPerson(bench, 'companyCreate', { body: { id, name: `Company ${id}` } });
  });
  afterAll(() => bench?.close());

  /** A license of one instance. */
  async function seat(id: string, more: Partial<RequestOf<'licensesCreate'>['licenses'][number]> = {}) {
    const row = {
      id,
      profile: 'msp',
      type: 'server',
      term: 'subscription',
      validUntil: '2027-06-30',
      ...more,
    } as const;
    return newLicense(bench, row);
  }
  const rowOf = async (id: string) => {
    for (const kind of ['commercial', 'trial']) {
      const { body } = await asPerson(bench, 'licenses', { query: `?search=${id}&kind=${kind}` });
      const row = body.rows.find((one) => one.id === id);
      if (row !== undefined) return row;
    }
    throw new Error(`no ${id}`);
  };
  const about = (license: string) => ({ params: { license } });
  const headOf = async () => (await asPerson(bench, 'me')).body.seq;

  describe('a license of its own', () => {
    test('MSP-3, MSP-4: granted to a company and a user, and back to the global pool', async () => {
      await seat('g1');
      await asPerson(bench, 'licenseGrant', { ...about('g1'), body: { company: 'north', user: 'Ann' } });
      expect(await rowOf('g1')).toMatchObject({ companyId: 'north', companyName: 'Company north', user: 'Ann' });
      const lone = await asPerson(bench, 'licenseGrant', { ...about('g1'), body: { company: null, user: 'Ann' } });
      expect(lone.problem).toMatchObject({ code: 'INPUT_INVALID', path: 'user' });
      await asPerson(bench, 'licenseGrant', { ...about('g1'), body: { company: null } });
      expect(await rowOf('g1')).toMatchObject({ companyId: null, user: null });
      const nowhere = await asPerson(bench, 'licenseGrant', { ...about('g1'), body: { company: 'none' } });
      expect(nowhere.problem).toMatchObject({ code: 'NOT_FOUND', path: 'company' });
    });

    test('MSP-2: one in use keeps its owner until it is released', async () => {
      const { licenseKey } = await seat('g2', { companyId: 'north' });
      const agent = await Agent.on(bench, 'pc-g2');
      await agent.activate(licenseKey);
      const moved = await asPerson(bench, 'licenseGrant', { ...about('g2'), body: { company: 'south' } });
      expect(moved.problem).toMatchObject({ code: 'REFUSED', rule: 'MSP-2', reason: 'ALREADY_ASSIGNED' });
      expect((await asPerson(bench, 'licenseRelease', { ...about('g2'), body: {} })).status).toBe(200);
      expect((await asPerson(bench, 'licenseGrant', { ...about('g2'), body: { company: 'south' } })).status).toBe(200);
    });

    test('MSP-P1: the renewal by itself is switched; a license of a machine has none', async () => {
      await seat('r1', { autoRenew: true });
      await asPerson(bench, 'licenseAutoRenew', { ...about('r1'), body: { autoRenew: false } });
      expect((await rowOf('r1')).autoRenew).toBe(false);
      const { id } = await newLicense(bench);
      const none = await asPerson(bench, 'licenseAutoRenew', { ...about(id), body: { autoRenew: true } });
      expect(none.problem.code).toBe('NOT_FOUND');
    });

    test.each(['msp', 'aip'] as const)(
      'D-1: revoked, a machine on %s may not back up; reinstated, it may',
      async (profile) => {
        const { id, licenseKey } = profile === 'msp' ? await seat('v1') : await newLicense(bench);
        const agent = await Agent.on(bench, `pc-${profile}`);
        await agent.activate(licenseKey);
        const statusOf = async () =>
          (await asPerson(bench, 'machines', { query: `?search=pc-${profile}` })).body.rows[0]!.status;
        expect(await statusOf()).toBe('valid');
        const dry = await asPerson(bench, 'licenseRevoke', { ...about(id), body: { dryRun: true } });
        expect(dry.body).toMatchObject({ dryRun: true, decision: { value: { machines: 1 } } });
        expect((await rowOf(id)).status).toBe('valid');
        await asPerson(bench, 'licenseRevoke', { ...about(id), body: {} });
        expect((await rowOf(id)).status).toBe('revoked');
        expect(await statusOf()).toBe('stopped');
        const twice = await asPerson(bench, 'licenseRevoke', { ...about(id), body: {} });
        expect(twice.problem.code).toBe('CONFLICT');
        const other = await Agent.on(bench, `other-${profile}`);
        expect((await other.activate(licenseKey)).problem.code).toBe('LICENSE_REVOKED');
        await asPerson(bench, 'licenseReinstate', { ...about(id), body: {} });
        expect(await statusOf()).toBe('valid');
      },
    );

    test.each(['msp', 'aip'] as const)('what is revoked on %s is not owned, and does not end', async (profile) => {
      const license = { profile, type: 'linux', term: 'subscription', validUntil: '2026-08-01' } as const;
      const shown = async () => {
        const { types, ends } = (await asPerson(bench, 'overview')).body;
        return [
          types.find(({ type }) => type === 'linux')?.owned ?? 0,
          ends.filter(({ type }) => type === 'linux').length,
        ];
      };
      const [owned, ends] = await shown();
      const { id } = await newLicense(bench, license);
      expect(await shown()).toEqual([owned! + 1, 1]);
      await asPerson(bench, 'licenseRevoke', { ...about(id), body: {} });
      expect(await shown()).toEqual([owned, ends]);
    });

    test('a revoked license is not assigned', async () => {
      await seat('v2');
      await asPerson(bench, 'licenseRevoke', { ...about('v2'), body: {} });
      const to = (await asPerson(bench, 'machines', { query: '?search=pc-msp' })).body.rows[0]!.id;
      const given = await asPerson(bench, 'licenseAssign', { ...about('v2'), body: { to, kind: 'computer' } });
      expect(given.problem.code).toBe('LICENSE_REVOKED');
    });

    test('release: a seat whose lease still runs is reusable from its end, and both dry run and list say when', async () => {
      const { id, licenseKey } = await newLicense(bench);
      const agent = await Agent.on(bench, 'pc-seat');
      await agent.activate(licenseKey);
      const { leaseUntil } = (await asPerson(bench, 'machines', { query: '?search=pc-seat' })).body.rows[0]!;
      const at = new Date(leaseUntil).toISOString();
      const dry = await asPerson(bench, 'licenseRelease', { ...about(id), body: { dryRun: true } });
      expect(dry.body.decision).toMatchObject({ until: at, value: { machines: 1, reusableFrom: at } });
      expect(await rowOf(id)).not.toHaveProperty('reusableFrom');
      await asPerson(bench, 'licenseRelease', { ...about(id), body: {} });
      expect(await rowOf(id)).toMatchObject({ used: 1, reusableFrom: at });
    });

    test('released again, it answers the same and journals nothing', async () => {
      const { id, licenseKey } = await newLicense(bench);
      await (await Agent.on(bench, 'pc-again')).activate(licenseKey);
      const first = await asPerson(bench, 'licenseRelease', { ...about(id), body: {} });
      expect(first.body.decision.value).toHaveProperty('reusableFrom');
      expect((await asPerson(bench, 'licenseRelease', { ...about(id), body: {} })).body).toEqual(first.body);
      expect(await headOf()).toBe(first.body.seq);
    });

    test('MSP-2: so does a license of an instance', async () => {
      const { licenseKey } = await seat('twice');
      await (await Agent.on(bench, 'pc-twice')).activate(licenseKey);
      const first = await asPerson(bench, 'licenseRelease', { ...about('twice'), body: {} });
      const again = await asPerson(bench, 'licenseRelease', { ...about('twice'), body: {} });
      expect(again).toMatchObject({ status: 200, body: { seq: first.body.seq, dryRun: false, id: 'twice' } });
    });
  });

  describe('many at once', () => {
    const bulk = (body: RequestOf<'licensesBulk'>) => asPerson(bench, 'licensesBulk', { body });
    const items = (...ids: string[]) => ids.map((license) => ({ license }));

    test('all or nothing: one that is unknown or refused keeps all as they were, and is named by its place', async () => {
      await seat('b1');
      await seat('b2', { type: 'vm_server' });
      const before = await headOf();
      const unknown = await bulk({ action: 'auto_renew', items: items('b1', 'none') });
      expect(unknown.problem).toMatchObject({ code: 'NOT_FOUND', path: 'items[1].license' });
      const { licenseKey } = await seat('b0');
      const linux = await Agent.on(bench, 'pc-linux');
      linux.report = { ...linux.report, os: 'linux' };
      await linux.activate(licenseKey);
      const to = linux.instance;
      const asked = [
        { license: 'b1', to },
        { license: 'b2', to },
      ];
      const refused = await bulk({ action: 'assign', items: asked });
      expect(refused.problem).toMatchObject({ code: 'REFUSED', rule: 'MSP-12', path: 'items[1].license' });
      expect((await rowOf('b1')).assignedTo).toBeNull();
      const dry = await bulk({ action: 'assign', items: asked, dryRun: true });
      expect(dry.body.items.map(({ decision }) => decision.decision)).toEqual(['allow', 'refuse']);
      expect(await headOf()).toBe(before + 2);
    });

    test('each action says what undoes it, and that does', async () => {
      await seat('u1', { autoRenew: true });
      await seat('u2');
      const on = await bulk({ action: 'auto_renew', items: items('u1', 'u2') });
      expect(on.body.undo).toEqual({ action: 'no_auto_renew', items: items('u2') });
      await bulk(on.body.undo!);
      expect([(await rowOf('u1')).autoRenew, (await rowOf('u2')).autoRenew]).toEqual([true, false]);
      const to = (await asPerson(bench, 'machines', { query: '?search=pc-msp' })).body.rows[0]!.id;
      const given = await bulk({
        action: 'assign',
        items: [
          { license: 'u1', to },
          { license: 'u2', to },
        ],
      });
      expect(given.body.undo).toEqual({ action: 'release', items: items('u1', 'u2') });
      const released = await bulk(given.body.undo!);
      expect(released.body.undo?.items).toEqual([
        { license: 'u1', to, kind: 'computer' },
        { license: 'u2', to, kind: 'computer' },
      ]);
      const revoked = await bulk({ action: 'revoke', items: items('u1', 'u2') });
      expect((await rowOf('u1')).status).toBe('revoked');
      await bulk(revoked.body.undo!);
      expect((await rowOf('u2')).status).toBe('valid');
      expect((await bulk({ action: 'no_auto_renew', items: items('u2') })).body.undo).toBeNull();
    });

    test('a license named twice, and more than 500, are refused', async () => {
      const twice = await bulk({ action: 'release', items: items('u1', 'u1') });
      expect(twice.problem).toMatchObject({ code: 'INPUT_INVALID', path: 'items[1].license' });
      const many = await bulk({ action: 'release', items: items(...Array.from({ length: 501 }, (_, n) => `x${n}`)) });
      expect(many.problem.code).toBe('INPUT_INVALID');
    });

    test('each license has a journal line of its own', async () => {
      const before = await headOf();
      const { body } = await bulk({ action: 'auto_renew', items: items('u1', 'u2') });
      expect(body.seq).toBe(before + 2);
    });
  });

  describe('two admins at once (RFC 9110, If-Match)', () => {
    test('the second is told who changed what; with a fresh tag he may', async () => {
      await seat('e1');
      const token = (await asPerson(bench, 'tokenCreate', { body: { name: 'Bea', role: 'operator', validDays: 1 } }))
        .body;
      const read = await asPerson(bench, 'licenses', { query: '?search=e1' });
      const etag = read.headers.get('etag')!;
      const edit = (autoRenew: boolean, tag: string, by?: string) =>
        asPerson(
          bench,
          'licenseAutoRenew',
          { ...about('e1'), body: { autoRenew }, headers: { 'if-match': tag } },
          by ?? bench.ownerToken,
        );
      const first = await edit(true, etag, token.token);
      expect(first.status).toBe(200);
      const second = await edit(false, etag);
      expect(second.problem).toMatchObject({
        status: 412,
        code: 'CHANGED_MEANWHILE',
        path: 'header.If-Match',
        changes: [
          { name: 'Bea', actor: `admin:${token.id}`, type: 'license.auto_renew_changed', members: ['autoRenew'] },
        ],
      });
      expect((await rowOf('e1')).autoRenew).toBe(true);
      expect((await edit(false, first.headers.get('etag')!)).status).toBe(200);
    });

    test('what another license had done to it does not count; `*` asks for nothing; a foreign tag is refused', async () => {
      await seat('e2');
      const etag = (await asPerson(bench, 'licenses')).headers.get('etag')!;
      await asPerson(bench, 'licenseAutoRenew', { ...about('e1'), body: { autoRenew: true } });
      const edit = (tag: string) =>
        asPerson(bench, 'licenseAutoRenew', {
          ...about('e2'),
          body: { autoRenew: true },
          headers: { 'if-match': tag },
        });
      expect((await edit(etag)).status).toBe(200);
      expect((await edit('*')).status).toBe(200);
      expect((await edit('"abc"')).problem).toMatchObject({ code: 'INPUT_INVALID', path: 'header.If-Match' });
      expect((await edit('"9:1"')).problem.code).toBe('CHANGED_MEANWHILE');
    });
  });

  test('a word of a body that is none of its choice is refused with the words there are', async () => {
    const place = { type: 'machine', id: 'nobody' } as const;
    const body = { from: place, to: place, sourceDisposition: 'gone' as never };
    const { problem } = await asPerson(bench, 'licenseMove', { ...about('nothing'), body });
    expect(problem).toMatchObject({ code: 'INPUT_INVALID', path: 'body.sourceDisposition' });
    expect(problem.remedy).toContain('must be one of disposed, dead, parallel, undeclared');
  });

  test('a company is not named by blanks, when it is made or later', async () => {
    const made = await asPerson(bench, 'companyCreate', { body: { name: ' \u3000 ' } });
    const renamed = await asPerson(bench, 'companyRename', { params: { company: 'north' }, body: { name: '  ' } });
    for (const { status, problem } of [made, renamed]) {
      expect(status).toBe(400);
      expect(problem).toMatchObject({ code: 'INPUT_INVALID', path: 'name' });
    }
    const { rows } = (await asPerson(bench, 'companies')).body;
    expect(rows.every(({ name }) => name.trim() !== '')).toBe(true);
  });
});
