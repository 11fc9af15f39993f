import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestOf } from '@leasehold/protocol';
import { Agent, asPerson, machine, newLicense, nonce, startBench, type Bench } from '../../support/authority.js';
import { engines } from '../../support/store-engines.js';

describe.each(engines)('on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
  });
  afterAll(() => bench?.close());

  const move = (license: string, body: RequestOf<'licenseMove'>) =>
    asPerson(bench, 'licenseMove', { params: { license }, body });
  const back = (license: string, body: RequestOf<'licenseMoveBack'>) =>
    asPerson(bench, 'licenseMoveBack', { params: { license }, body });
  const machineOf = async ({ instance }: Agent) =>
    (await asPerson(bench, 'machines', { query: `?search=${encodeURIComponent(instance)}` })).body.rows[0]!;

  /** Two machines, each with a license; the first is to be replaced by the second. */
  async function pair(name: string) {
    const [first, second] = [await newLicense(bench), await newLicense(bench)];
    const [old, fresh] = [await Agent.on(bench, `${name}-old`), await Agent.on(bench, `${name}-fresh`)];
    await old.activate(first.licenseKey);
    await fresh.activate(second.licenseKey);
    const on = (agent: Agent) => ({ type: 'machine' as const, id: agent.instance });
    return { license: first.id, old, fresh, from: on(old), to: on(fresh) };
  }

  describe('to the hardware that replaces it', () => {
    test('F-7: only when the old machine is gone', async () => {
      const { license, from, to, old, fresh } = await pair('f7');
      const kept = await move(license, { from, to, sourceDisposition: 'undeclared' });
      expect(kept.problem).toMatchObject({ code: 'REFUSED', rule: 'F-7', reason: 'DISPOSITION_UNDECLARED' });
      const dry = await move(license, { from, to, sourceDisposition: 'dead', dryRun: true });
      expect(dry.body.decision).toMatchObject({ reason_rule: 'F-7', obligations: ['DISPOSE_SOURCE', 'MOVE_LICENSE'] });
      expect((await machineOf(old)).coveredBy).toBe(license);
      expect((await move(license, { from, to, sourceDisposition: 'dead' })).status).toBe(200);
      expect(await machineOf(old)).toMatchObject({ coveredBy: null, marks: ['disposed'] });
      const row = (await asPerson(bench, 'licenses', { query: `?search=${license}` })).body.rows[0];
      expect(row).toMatchObject({ assignedTo: fresh.instance, used: 1 });
    });

    test('F-7: a host by another host, with all its guests', async () => {
      const { id, licenseKey } = await newLicense(bench, { type: 'virtual' });
      const guest = await Agent.on(bench, machine('vm', { kind: 'guest', declaredHostId: 'h1' }));
      await guest.activate(licenseKey);
      const row = { kind: 'bare_metal', hypervisor: 'kvm' } as const;
      const report = (host: string) =>
        asPerson(bench, 'inventoryReport', { body: { hosts: [{ ...row, id: host, guests: [guest.instance] }] } });
      await report('h1');
      const [from, to] = [{ type: 'host', id: 'h1' } as const, { type: 'host', id: 'h2' } as const];
      expect((await move(id, { from, to, sourceDisposition: 'disposed' })).problem).toMatchObject({ path: 'to.id' });
      await report('h2');
      expect(await machineOf(guest)).toMatchObject({ status: 'grace' });
      expect((await move(id, { from, to, sourceDisposition: 'disposed' })).status).toBe(200);
      expect(await machineOf(guest)).toMatchObject({ status: 'valid', coveredBy: 'host:h2' });
      const { hosts } = (await asPerson(bench, 'machines')).body;
      expect(hosts.map(({ id: host, coveredBy }) => [host, coveredBy])).toEqual([
        ['h1', null],
        ['h2', id],
      ]);
    });

    test('what holds no seat of it, and another sort of thing, are refused', async () => {
      const { license, from, to } = await pair('no');
      expect((await move(license, { from: to, to: from, sourceDisposition: 'dead' })).problem).toMatchObject({
        code: 'NOT_FOUND',
        path: 'from',
      });
      const host = { type: 'host', id: 'h1' } as const;
      expect((await move(license, { from, to: host, sourceDisposition: 'dead' })).problem.path).toBe('to');
    });
  });

  describe('and back', () => {
    test('F-8: back to where it came from until the target has backed up', async () => {
      const { license, from, to, old, fresh } = await pair('f8');
      expect((await back(license, { machine: fresh.instance })).problem.code).toBe('CONFLICT');
      await move(license, { from, to, sourceDisposition: 'disposed' });
      const done = await back(license, { machine: fresh.instance });
      expect(done.body.decision).toMatchObject({ decision: 'allow', reason_rule: 'F-8' });
      expect(await machineOf(old)).toMatchObject({ coveredBy: license, marks: [] });
      await move(license, { from, to, sourceDisposition: 'disposed' });
      const records = [{ n: 1, at: '2026-06-15T09:00:00Z', kind: 'backup', bytes: 1, count: 1 }];
      expect((await fresh.checkIn({ usage: { epoch: nonce(), records } })).status).toBe(200);
      const late = await back(license, { machine: fresh.instance });
      expect(late.problem).toMatchObject({ code: 'REFUSED', rule: 'F-8', reason: 'TARGET_IN_USE' });
    });
  });
});
