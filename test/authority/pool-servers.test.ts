import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asPerson, startBench, type Bench } from '../support/authority.js';
import { cals, PoolSite, type BackupServer } from '../support/pool-site.js';
import { engines } from '../support/store-engines.js';

const DAY = 86_400_000;

/** Servers that come back, are taken out or replaced, and the Pool Keys and licenses that they ran on. */
describe.each(engines)('backup servers that come and go, on $name', (engine) => {
  let bench: Bench;
  let site: PoolSite;
  let pool: string;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    site = new PoolSite(bench);
    await site.purchase('OEM-1');
    await site.addToPool('OEM-1');
    pool = await site.pool('OEM', cals(100));
  });
  afterAll(() => bench?.close());

  async function running(name: string): Promise<{ server: BackupServer; key: string; licenseKey: string }> {
    const { id: key, licenseKey } = await site.key(pool, name, cals(5));
    const server = await site.server(name);
    expect((await server.apply(licenseKey)).status).toBe(200);
    return { server, key, licenseKey };
  }
  const release = ({ agent }: BackupServer) =>
    asPerson(bench, 'machineRelease', { params: { machine: agent.instance }, body: {} });
  const replace = (fresh: BackupServer, old: BackupServer) =>
    asPerson(bench, 'machineDeclare', {
      params: { machine: fresh.agent.instance },
      body: { kind: 'replaces', of: old.agent.instance },
    });

  test('one that is back after its key went to another says nothing of what that key uses', async () => {
    const { server: lost, key, licenseKey } = await running('lost');
    bench.clock += 15 * DAY;
    expect((await asPerson(bench, 'poolKeyDeactivate', { params: { key }, body: {} })).status).toBe(200);
    const next = await site.server('next');
    next.used = cals(1);
    expect((await next.apply(licenseKey)).status).toBe(200);
    lost.used = cals(9);
    expect((await lost.check()).status).toBe(200);
    expect((await site.keyRow(key)).used).toEqual(cals(1));
  });

  test('one that is taken out keeps its key to the end of its lease: the licenses could be spent twice (LMP-4.13)', async () => {
    const { server, key, licenseKey } = await running('taken-out');
    const { body } = await release(server);
    expect(Date.parse(body.reusableFrom!)).toBe(bench.clock + 14 * DAY);
    expect(await site.keyRow(key)).toMatchObject({ status: 'in_use', deletableFrom: body.reusableFrom });
    expect((await site.deleteKey(key)).problem).toMatchObject({ rule: 'LMP-4.13' });
    const other = await site.server('other');
    expect((await other.apply(licenseKey)).problem).toMatchObject({ rule: 'LMP-P1', reason: 'KEY_IN_USE' });
    // The same machine goes on with it.
    expect((await server.apply(licenseKey)).status).toBe(200);
    await release(server);
    bench.clock += 14 * DAY;
    expect((await site.deleteKey(key)).status).toBe(200);
  });

  test('one that is taken out keeps the license that it ran on by itself to the end of its lease', async () => {
    await site.purchase('by-itself');
    const licenseKey = await site.licenseKey('by-itself');
    const server = await site.server('out-alone');
    expect((await server.apply(licenseKey)).status).toBe(200);
    const until = (await release(server)).body.reusableFrom;
    expect(Date.parse(until!)).toBe(bench.clock + 14 * DAY);
    const other = await site.server('other-alone');
    expect((await other.apply(licenseKey)).problem).toMatchObject({ rule: 'LMP-P1', reason: 'KEY_IN_USE' });
    // The same machine goes on with it.
    expect((await server.apply(licenseKey)).status).toBe(200);
    await release(server);
    bench.clock += 14 * DAY - 1;
    expect((await other.apply(licenseKey)).problem).toMatchObject({ reason: 'KEY_IN_USE' });
    bench.clock += 1;
    expect((await other.apply(licenseKey)).status).toBe(200);
    expect(await site.licenseRow('by-itself')).toMatchObject({ appliedTo: other.agent.instance });
  });

  test('a license whose server was taken out is free when that lease has ended, and every page is told', async () => {
    await site.purchase('waiting');
    const server = await site.server('out-waiting');
    expect((await server.apply(await site.licenseKey('waiting'))).status).toBe(200);
    await release(server);
    expect(await site.licenseRow('waiting')).toMatchObject({ appliedTo: server.agent.instance });
    bench.clock += 14 * DAY;
    await expect.poll(() => site.licenseRow('waiting'), { timeout: 10_000 }).toMatchObject({ appliedTo: null });
    const { body } = await asPerson(bench, 'journal', { query: '?limit=500' });
    const freed = body.rows
      .filter(({ type }) => type === 'pool_license.freed')
      .map(({ payload }) => (JSON.parse(payload!) as { subject: { id: string } }).subject.id);
    expect(freed.filter((id) => id === 'waiting')).toHaveLength(1);
  });

  test('a license that went into a pool leaves nothing to replace at a server that was taken out', async () => {
    await site.purchase('pooled-since');
    const server = await site.server('out-pooled');
    expect((await server.apply(await site.licenseKey('pooled-since'))).status).toBe(200);
    await release(server);
    expect((await site.addToPool('pooled-since')).status).toBe(200);
    expect((await site.todos()).filter(({ kind }) => kind === 'replace_key')).toEqual([]);
    expect(await server.row()).toMatchObject({ status: 'released', coveredBy: null });
  });

  test('one that takes the place of another gives its own key back: one server, one key (LMP-P1)', async () => {
    const { server: old, key } = await running('old');
    const { server: fresh, key: own } = await running('fresh');
    expect((await replace(fresh, old)).status).toBe(200);
    expect(await site.keyRow(key)).toMatchObject({ status: 'in_use', serverId: fresh.agent.instance });
    expect(await site.keyRow(own)).toMatchObject({ status: 'not_in_use', serverId: null });
    expect((await fresh.check()).status).toBe(200);
    expect(await fresh.row()).toMatchObject({ status: 'valid', coveredBy: key });
  });

  test('one that takes the place of another gets the license that this ran on by itself (F-7)', async () => {
    await site.purchase('alone');
    const old = await site.server('alone-old');
    expect((await old.apply(await site.licenseKey('alone'))).status).toBe(200);
    const { server: fresh, key } = await running('alone-fresh');
    expect((await replace(fresh, old)).status).toBe(200);
    expect(await site.licenseRow('alone')).toMatchObject({ appliedTo: fresh.agent.instance });
    expect(await site.keyRow(key)).toMatchObject({ status: 'not_in_use' });
    expect((await fresh.check()).status).toBe(200);
    expect(await fresh.row()).toMatchObject({ status: 'valid', coveredBy: 'alone' });
  });

  test.each(['key', 'license'])('a copy of one that runs on a %s goes on for its days (F-4)', async (kind) => {
    const name = `short-${kind}`;
    const server = kind === 'key' ? (await running(name)).server : await site.server(name);
    if (kind === 'license') {
      await site.purchase(name);
      expect((await server.apply(await site.licenseKey(name))).status).toBe(200);
    }
    const { agent } = server;
    await server.check();
    const copy = agent.copyTo(`${name} copied`);
    for (const half of [copy, agent, copy]) expect((await half.checkIn()).status).toBe(200);
    const shown = async (one: { readonly instance: string }) =>
      (await asPerson(bench, 'machine', { params: { machine: one.instance } })).body.machine;
    expect(await shown(copy)).toMatchObject({ status: 'grace', rule: 'F-4', coveredBy: null, marks: ['fork'] });
    expect(await shown(agent)).toMatchObject({ status: 'valid' });
    bench.clock += 14 * DAY;
    await copy.checkIn();
    await server.check();
    expect([await shown(copy), await shown(agent)]).toMatchObject([{ status: 'stopped' }, { status: 'valid' }]);
  });

  test('a copy of one is given a license to run on by itself', async () => {
    await site.purchase('copied');
    await site.purchase('second');
    const { agent } = await site.server('copied').then(async (server) => {
      expect((await server.apply(await site.licenseKey('copied'))).status).toBe(200);
      return server;
    });
    await agent.checkIn();
    const copy = agent.copyTo('copied on');
    for (const half of [copy, agent, copy]) expect((await half.checkIn()).status).toBe(200);
    const decide = (license?: string) =>
      asPerson(bench, 'forkDecide', {
        params: { machine: copy.instance },
        body: { decision: 'license', ...(license === undefined ? {} : { license }) },
      });
    expect((await decide()).problem).toMatchObject({ rule: 'LMP-P1' });
    expect((await decide('second')).status).toBe(200);
    expect(await site.licenseRow('second')).toMatchObject({ appliedTo: copy.instance });
  });
});
