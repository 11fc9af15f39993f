import { cp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../packages/authority/src/store/index.js';
import { Agent, asPerson, claimsOf, newLicense, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';
import { registry } from '../support/store-registry.js';

/** What the database does not hold that was restored: an instance, and what it left on its way. */
async function forgotten(bench: Bench, url: string, instance: string): Promise<void> {
  await bench.authority.close();
  const store = await openStore(url, registry);
  for (const [table, column] of [
    ['instances', 'id'],
    ['dead_leases', 'instance_id'],
    ['dead_leases', 'heir'],
    ['machine_components', 'instance_id'],
    ['usage_seen', 'instance_id'],
  ] as const)
    await store.execute('change', { sql: `DELETE FROM ${table} WHERE ${column} = '${instance}'` }, bench.clock);
  await store.close();
  await bench.restart();
}

test('an authority restored from a backup adopts the newer leases it had signed; nobody stops, nobody is called a clone', async () => {
  const bench = await startBench();
  const database = join(bench.folder, 'authority.db');
  const copy = join(bench.folder, 'backup.db');
  try {
    const { licenseKey } = await newLicense(bench, { seats: 3 });
    const agent = await Agent.on(bench, 'srv');
    await agent.activate(licenseKey);
    await bench.authority.close();
    await cp(database, copy);
    await bench.restart();
    for (let n = 0; n < 3; n += 1) await agent.checkIn();
    expect(claimsOf(agent.lease).seq).toBe(4);
    await bench.authority.close();
    await rm(`${database}-wal`, { force: true });
    await cp(copy, database);
    await bench.restart();
    const { status, body } = await agent.checkIn({ lease: agent.lease });
    expect({ status, verdict: body.verdict }).toEqual({ status: 200, verdict: 'same' });
    expect(claimsOf(body.lease)).toMatchObject({ seq: 5, sub: agent.instance });
    const journal = await asPerson(bench, 'journal');
    expect(journal.body.rows.map(({ type }) => type)).toContain('instance.recovered');
    // Without the lease to show for it, the device key alone speaks: it keeps running, and that is noted.
    expect((await agent.checkIn()).body.verdict).toBe('same');
  } finally {
    await bench.close();
  }
});

test('an authority whose whole machine is put back to yesterday, keys and all, takes back who came since', async () => {
  const bench = await startBench();
  const image = join(bench.folder, '..', `${basename(bench.folder)}-image`);
  try {
    const { licenseKey, id } = await newLicense(bench, { seats: 3 });
    const old = await Agent.on(bench, 'old');
    await old.activate(licenseKey);
    await bench.authority.close();
    await cp(bench.folder, image, { recursive: true });
    await bench.restart();
    const late = await Agent.on(bench, 'late');
    await late.activate(licenseKey);
    for (const agent of [old, late]) await agent.checkIn({ lease: agent.lease });
    await bench.authority.close();
    await rm(bench.folder, { recursive: true });
    await cp(image, bench.folder, { recursive: true });
    await bench.restart();
    for (const agent of [old, late]) {
      const { instance } = agent;
      const { status, body } = await agent.checkIn({ lease: agent.lease });
      expect({ status, instance: body.instance, verdict: body.verdict }).toEqual({
        status: 200,
        instance,
        verdict: 'same',
      });
    }
    const { body } = await asPerson(bench, 'licenses', { query: `?search=${id}` });
    expect(body.rows).toMatchObject([{ used: 2 }]);
  } finally {
    await rm(image, { recursive: true, force: true });
    await bench.close();
  }
});

describe.each(engines)('a copy that was made since the backup, on $name', (engine) => {
  const DAY = 86_400_000;

  test('is one again: in its grace, with its original named, and a person decides', async () => {
    const url = await engine.url();
    const bench = await startBench(undefined, {}, url);
    try {
      const { licenseKey, id } = await newLicense(bench, { seats: 3 });
      const original = await Agent.on(bench, 'original');
      await original.activate(licenseKey);
      const copy = original.copyTo('copy');
      await copy.checkIn();
      await original.checkIn();
      expect((await copy.checkIn()).body.verdict).toBe('cloned');
      const { instance } = copy;
      expect(instance).not.toBe(original.instance);
      await forgotten(bench, url, instance);
      // Without its lease it shows nothing.
      expect((await copy.checkIn()).problem).toMatchObject({ code: 'INSTANCE_UNKNOWN' });
      bench.clock += DAY;
      const { status, body } = await copy.checkIn({ lease: copy.lease });
      expect({ status, instance: body.instance, verdict: body.verdict }).toEqual({
        status: 200,
        instance,
        verdict: 'same',
      });
      const detail = async () => (await asPerson(bench, 'machine', { params: { machine: instance } })).body;
      expect(await detail()).toMatchObject({
        machine: { status: 'grace', marks: ['fork'], forkedFrom: original.instance },
        fork: { of: original.instance, undecided: false, decision: null },
      });
      const { since, until } = (await detail()).fork!;
      expect(Date.parse(until) - Date.parse(since)).toBe(14 * DAY);
      expect((await copy.checkIn({ lease: copy.lease })).status).toBe(200);
      expect((await original.checkIn()).body).toMatchObject({ verdict: 'same', instance: original.instance });
      const decided = await asPerson(bench, 'forkDecide', {
        params: { machine: instance },
        body: { decision: 'license' },
      });
      expect(decided.status).toBe(200);
      expect((await detail()).machine).toMatchObject({ status: 'valid', coveredBy: id });
    } finally {
      await bench.close();
    }
  });

  test('is unknown until its original is back, and gets no grace where that was not covered', async () => {
    const url = await engine.url();
    const bench = await startBench(undefined, {}, url);
    try {
      const ends = new Date(bench.clock + DAY).toISOString().slice(0, 10);
      const { licenseKey } = await newLicense(bench, { kind: 'trial', term: 'trial', validUntil: ends });
      const original = await Agent.on(bench, 'original');
      await original.activate(licenseKey);
      const copy = original.copyTo('copy');
      await copy.checkIn();
      await original.checkIn();
      await copy.checkIn();
      bench.clock += 3 * DAY;
      await original.checkIn();
      await forgotten(bench, url, copy.instance);
      await forgotten(bench, url, original.instance);
      expect((await copy.checkIn({ lease: copy.lease })).problem).toMatchObject({ code: 'INSTANCE_UNKNOWN' });
      expect((await original.checkIn({ lease: original.lease })).status).toBe(200);
      expect((await copy.checkIn({ lease: copy.lease })).status).toBe(200);
      const { machine } = (await asPerson(bench, 'machine', { params: { machine: copy.instance } })).body;
      expect(machine).toMatchObject({ status: 'stopped', marks: ['fork'] });
    } finally {
      await bench.close();
    }
  });
});
