import { existsSync, mkdtempSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { auditJournals, maintenanceRegistry, openStore, restoreBackup } from '@leasehold/authority';
import { asPerson, LICENSE, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

const HOUR = 3_600_000;
const QUICK = { timedWorkSeconds: 0.01 };

describe('backups of an authority that serves', () => {
  let bench: Bench;
  afterEach(() => bench.close());
  const empty = (): string => join(mkdtempSync(join(tmpdir(), 'leasehold-backups-')), 'folder');
  const files = (folder: string) => (existsSync(folder) ? readdirSync(folder).sort() : []);
  const events = (event: string) => bench.logged.filter((line) => line.includes(`"${event}"`)).length;

  test('come at the start and once a day, hold what was acknowledged, and come back', async () => {
    const folder = empty();
    bench = await startBench(undefined, {}, undefined, { ...QUICK, backups: { folder } });
    await expect.poll(() => events('backup.made')).toBe(1);
    expect(files(folder)).toEqual(['authority-2026-06-15T10-00-00Z.db']);
    expect((await asPerson(bench, 'licensesCreate', { body: { licenses: [LICENSE] } })).status).toBe(200);
    bench.clock += 24 * HOUR - 1000;
    await asPerson(bench, 'overview');
    expect(events('backup.made')).toBe(1);
    bench.clock += 1000;
    await expect.poll(() => events('backup.made')).toBe(2);
    const last = join(folder, 'authority-2026-06-16T10-00-00Z.db');
    expect(files(folder).at(-1)).toBe('authority-2026-06-16T10-00-00Z.db');
    expect(statSync(last).mode & 0o777).toBe(0o600);

    const target = join(folder, '..', 'restored.db');
    await restoreBackup(last, target, {}, 'admin', bench.clock);
    const restored = await openStore(`sqlite:${target}`, maintenanceRegistry, { create: false });
    expect(await auditJournals(restored)).toMatchObject([{ account: 'acme', ok: true }]);
    expect(await restored.read('countRows', { table: 'machine_licenses' })).toBe(1);
    await restored.close();
  });

  test('the oldest go, what is not theirs stays, and so does what a broken one left not', async () => {
    const folder = empty();
    bench = await startBench(undefined, {}, undefined, { ...QUICK, backups: { folder, everyHours: 1, keep: 2 } });
    await expect.poll(() => events('backup.made')).toBe(1);
    await bench.authority.close();
    writeFileSync(join(folder, 'authority-2026-06-15T10-30-00Z.db.partial-wal'), 'half');
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    for (const made of [2, 3]) {
      bench.clock += HOUR;
      await bench.restart();
      await expect.poll(() => events('backup.made')).toBe(made);
    }
    await bench.authority.close();
    expect(files(folder)).toEqual([
      'authority-2026-06-15T11-00-00Z.db',
      'authority-2026-06-15T12-00-00Z.db',
      'notes.txt',
    ]);
  });

  test('a restart does not make one too early, nor does a clock that stood ahead put it off', async () => {
    const folder = empty();
    bench = await startBench(undefined, {}, undefined, { ...QUICK, backups: { folder } });
    await expect.poll(() => events('backup.made')).toBe(1);
    await bench.restart();
    await asPerson(bench, 'overview');
    await bench.authority.close();
    expect(files(folder)).toHaveLength(1);
    bench.clock -= 48 * HOUR;
    await bench.restart();
    await expect.poll(() => events('backup.made')).toBe(2);
  });

  test('those that a clock which stood ahead has dated go before what is made since', async () => {
    const folder = empty();
    bench = await startBench(undefined, {}, undefined, { ...QUICK, backups: { folder, everyHours: 1, keep: 2 } });
    await expect.poll(() => events('backup.made')).toBe(1);
    const right = bench.clock;
    for (const [clock, made] of [
      [right + 1000 * HOUR, 2],
      [right + 1001 * HOUR, 3],
      [right + HOUR, 4],
      [right + 2 * HOUR, 5],
    ] as const) {
      await bench.authority.close();
      bench.clock = clock;
      await bench.restart();
      await expect.poll(() => events('backup.made')).toBe(made);
    }
    await bench.authority.close();
    expect(files(folder)).toEqual(['authority-2026-06-15T11-00-00Z.db', 'authority-2026-06-15T12-00-00Z.db']);
  });

  test('one that fails is told, takes nothing away, and is tried again in an hour', async () => {
    const folder = empty();
    bench = await startBench(undefined, {}, undefined, { ...QUICK, backups: { folder } });
    await expect.poll(() => events('backup.made')).toBe(1);
    // Its disk was taken away.
    renameSync(folder, `${folder}-away`);
    bench.clock += 24 * HOUR;
    await expect.poll(() => events('backup.failed')).toBe(1);
    renameSync(`${folder}-away`, folder);
    expect(files(folder)).toHaveLength(1);
    bench.clock += HOUR;
    await expect.poll(() => events('backup.made')).toBe(2);
    expect(files(folder)).toHaveLength(2);
    expect(events('backup.failed')).toBe(1);
  });

  test.each([
    [{ folder: join(import.meta.filename, 'below') }, 'cannot be used'],
    [{ folder: empty(), everyHours: 0 }, 'an hour apart'],
    [{ folder: empty(), keep: 0 }, 'one stays'],
  ])('%j: nothing starts', async (backups, words) => {
    bench = await startBench();
    await expect(startBench(undefined, {}, undefined, { backups })).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      details: { path: 'backups' },
      message: expect.stringContaining(words),
    });
  });
});

describe.runIf(engines.length > 1)('on PostgreSQL', () => {
  test('backups are its own tools’ affair, and say so', async () => {
    const url = await engines[1]!.url();
    await expect(startBench(undefined, {}, url, { backups: { folder: tmpdir() } })).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      details: { path: 'backups' },
    });
  });
});
