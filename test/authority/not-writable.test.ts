import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { provisionAuthority, startAuthority } from '@leasehold/authority';
import { asPerson, PRODUCT, startBench, type Bench } from '../support/authority.js';
import { startPostgres, whyNoPostgres } from '../support/postgres.js';
import { temporaryFolder } from '../support/sdk-fixture.js';
import { canMount, fill, onTmpfs } from '../support/tmpfs.js';

const missing = whyNoPostgres();
if (missing !== undefined) console.log(`Skipped: a PostgreSQL that takes no changes. ${missing}.`);

async function ready({ authority }: Pick<Bench, 'authority'>): Promise<readonly [number, unknown]> {
  const response = await fetch(`${authority.url}/readyz`);
  return [response.status, await response.json()];
}
const READY = [200, { status: 'ok', reason: null }];

describe('a node that cannot write is not ready, and still shows what is there', () => {
  test.skipIf(missing !== undefined)('PostgreSQL takes no changes', async () => {
    const server = await startPostgres();
    const bench = await startBench(undefined, {}, await server.database());
    const turn = async (how: 'on' | 'off'): Promise<void> => {
      await server.query(`ALTER SYSTEM SET default_transaction_read_only = ${how}`);
      await server.query('SELECT pg_reload_conf()');
    };
    expect(await ready(bench)).toEqual(READY);
    await turn('on');
    const known = { status: 'not_ready', reason: 'DATABASE_UNAVAILABLE' };
    await expect.poll(() => ready(bench), { timeout: 8000 }).toEqual([503, known]);
    expect(bench.logged.join()).toContain('default_transaction_read_only');
    expect((await asPerson(bench, 'overview')).status).toBe(200);
    const body = { name: 'Partners', type: 'OEM' } as const;
    expect((await asPerson(bench, 'poolCreate', { body })).problem).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      remedy: expect.stringContaining('default_transaction_read_only') as string,
    });
    await turn('off');
    await expect.poll(() => ready(bench), { timeout: 8000 }).toEqual(READY);
    expect((await asPerson(bench, 'poolCreate', { body })).status).toBe(200);
    await bench.close();
    await server.dispose();
  });

  test.skipIf(!canMount())('the disk of SQLite is full', async () => {
    const disk = join(temporaryFolder(), 'disk');
    await onTmpfs(disk, 'size=8m', async () => {
      const place = { db: `sqlite:${join(disk, 'a.db')}`, dataDir: join(disk, 'keys') };
      const now = Date.parse('2026-06-15T10:00:00Z');
      const provisioned = await provisionAuthority(place, { account: 'acme', name: 'Acme', product: PRODUCT }, now);
      const authority = await startAuthority({ ...place, now: () => now });
      const bench = { ...provisioned, authority, clock: now } as unknown as Bench;
      expect(await ready(bench)).toEqual(READY);
      fill(join(disk, 'filler'));
      // The write-ahead log may have room for some yet.
      await expect.poll(async () => (await create(bench)).problem?.code, { timeout: 8000 }).toBe('DISK_FULL');
      await expect
        .poll(() => ready(bench), { timeout: 8000 })
        .toEqual([503, { status: 'not_ready', reason: 'DISK_FULL' }]);
      expect((await asPerson(bench, 'overview')).status).toBe(200);
      rmSync(join(disk, 'filler'));
      expect((await create(bench)).status).toBe(200);
      await expect.poll(() => ready(bench), { timeout: 8000 }).toEqual(READY);
      await authority.close();
    });
  });
});

let serial = 0;
function create(bench: Bench) {
  serial += 1;
  return asPerson(bench, 'poolCreate', { body: { name: `Pool ${serial}`, type: 'OEM' } });
}
