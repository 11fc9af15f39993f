import { cp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { Agent, asPerson, claimsOf, newLicense, startBench } from '../support/authority.js';

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
