import type { Message } from '@leasehold/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, asPerson, newLicense, startBench, type Bench } from '../support/authority.js';
import { FeedReader } from '../support/feed-reader.js';
import { cals, PoolSite } from '../support/pool-site.js';
import { engines } from '../support/store-engines.js';

/** A machine that is named anew: whatever shows it by its name follows, in the tables and in what the feed tells. */
describe.each(engines)('a machine that got another name, on $name', (engine) => {
  let bench: Bench;
  let site: PoolSite;
  let keys = 0;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    site = new PoolSite(bench);
    await site.purchase('csv');
    await site.addToPool('csv');
  });
  afterAll(() => bench?.close());

  const named = (agent: Agent, name: string) => void (agent.report = { ...agent.report, label: name });
  const computerOf = async (id: string) =>
    (await asPerson(bench, 'licenses', { query: `?search=${id}` })).body.rows.map((row) => row.computerName);

  /** The rows that the feed tells of while something happens. */
  async function told(act: () => Promise<unknown>): Promise<Message<'JournalPayload'>['rows']> {
    const { epoch, seq } = (await asPerson(bench, 'me')).body;
    const reader = await FeedReader.open(bench, `${epoch}:${seq}`);
    await act();
    const { payload } = await reader.row();
    reader.close();
    return (JSON.parse(payload!) as Message<'JournalPayload'>).rows;
  }

  async function withKey(name: string) {
    const key = await site.key(await site.pool(`pool ${name}`, cals(2)), `licensee-${(keys += 1)}`, cals(2));
    const server = await site.server(name);
    expect((await server.apply(key.licenseKey)).status).toBe(200);
    return { server, key };
  }

  async function withLicense(name: string) {
    const of = { profile: 'msp', type: 'server', term: 'subscription', validUntil: '2027-06-30' } as const;
    const { id, licenseKey } = await newLicense(bench, of);
    const agent = await Agent.on(bench, name);
    expect((await agent.activate(licenseKey)).status).toBe(200);
    expect(await computerOf(id)).toEqual([name]);
    return { agent, id, licenseKey };
  }

  test('its Pool Key shows it, and the feed tells so', async () => {
    const { server, key } = await withKey('cbs-before');
    named(server.agent, 'cbs-after');
    const rows = await told(() => server.check());
    expect(rows).toContainEqual({ table: 'pool_key', id: key.id, row: await site.keyRow(key.id) });
    expect(await site.keyRow(key.id)).toMatchObject({ serverName: 'cbs-after' });
  });

  test('its license shows it, is found by it, and the feed tells so', async () => {
    const { agent, id } = await withLicense('srv-before');
    named(agent, 'srv-after');
    const rows = await told(() => agent.checkIn());
    expect(rows.find(({ table }) => table === 'license')).toMatchObject({ id, row: { computerName: 'srv-after' } });
    const found = async (text: string) =>
      (await asPerson(bench, 'licenses', { query: `?search=${text}` })).body.rows.map((row) => row.id);
    expect(await found('srv-after')).toEqual([id]);
    expect(await found('srv-before')).toEqual([]);
  });

  test('activated anew under the other name, too', async () => {
    const { agent, id, licenseKey } = await withLicense('anew-before');
    named(agent, 'anew-after');
    const rows = await told(() => agent.activate(licenseKey));
    expect(rows.find(({ table }) => table === 'license')).toMatchObject({ id, row: { computerName: 'anew-after' } });
    expect(await computerOf(id)).toEqual(['anew-after']);
  });

  test('a license that it gave back does not follow it', async () => {
    const { agent, id } = await withLicense('gone-before');
    await asPerson(bench, 'licenseRelease', { params: { license: id }, body: {} });
    named(agent, 'gone-after');
    await agent.checkIn();
    expect(await computerOf(id)).toEqual([null]);
  });
});
