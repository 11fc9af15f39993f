import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
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
