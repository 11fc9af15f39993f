import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { SqliteEngine } from '../../../packages/authority/src/store/engines/sqlite.js';
import { openStore, type Tx } from '../../../packages/authority/src/store/index.js';
import type { Registry } from '../../../packages/authority/src/store/registry.js';
import { forkSource } from '../../support/run-source.js';
import { registry } from '../../support/store-registry.js';

const NOW = Date.UTC(2026, 5, 15);
const folder = (): string => mkdtempSync(join(tmpdir(), 'leasehold-sqlite-'));
const THINGS = { id: 1, name: 'things', statements: ['CREATE TABLE things (a bigint NOT NULL)'] };
const asRoot = process.getuid?.() === 0;

describe('what can be wrong with an SQLite database', () => {
  test('a second process is refused while the first holds the file', async () => {
    const url = `sqlite:${join(folder(), 'a.db')}`;
    const store = await openStore(url, registry);
    await store.execute('createAccount', { account: 'a' }, NOW);
    const writer = fileURLToPath(new URL('../../support/store-writer.ts', import.meta.url));
    const second = await forkSource(writer, [url, 'a', 'x']);
    let errors = '';
    second.stderr!.on('data', (text: Buffer) => (errors += text.toString()));
    const status = await new Promise((resolve) => second.once('close', resolve));
    expect(status).not.toBe(0);
    expect(errors).toContain('DATABASE_IN_USE');
    await expect(openStore(url, registry)).rejects.toMatchObject({ code: 'DATABASE_IN_USE' });
    await store.execute('note', { account: 'a', type: 'n', name: 'still here' }, NOW);
    await store.close();
  });

  test('once it is being closed, what was asked before is answered, and what comes after is refused', async () => {
    const store = await openStore(`sqlite:${join(folder(), 'a.db')}`, registry);
    await store.execute('createAccount', { account: 'a' }, NOW);
    const note = (name: string) => store.execute('note', { account: 'a', type: 'n', name }, NOW);
    const before = note('in time');
    const closing = store.close();
    const late: Promise<unknown>[] = [];
    for (let turn = 0; turn < 500; turn += 1) {
      late.push(note(`late ${turn}`).catch(({ code }: { code: string }) => code));
      await new Promise((next) => setImmediate(next));
    }
    expect((await before).positions).toHaveLength(1);
    await closing;
    expect(new Set(await Promise.all(late))).toEqual(new Set(['DATABASE_UNAVAILABLE']));
  });

  test('what a migration read before a later one added a column is read with that column after it', async () => {
    const all = 'SELECT * FROM things';
    const first = {
      id: 1,
      name: 'things',
      statements: ['CREATE TABLE things (a bigint NOT NULL)', 'INSERT INTO things (a) VALUES (1)'],
      backfill: async (tx: Tx): Promise<null> => {
        expect(await tx.all(all)).toEqual([{ a: 1 }]);
        return null;
      },
    };
    const second = { id: 2, name: 'more', statements: ['ALTER TABLE things ADD COLUMN b bigint NOT NULL DEFAULT 2'] };
    const grown = { commands: {}, queries: {}, migrations: [first, second] } as unknown as Registry;
    const engine = await SqliteEngine.open(join(folder(), 'a.db'), grown, NOW);
    expect(await engine.all(all)).toEqual([{ a: 1, b: 2 }]);
    engine.close();
  });

  test('a folder that is not there, and one that may not be written to', async () => {
    await expect(openStore(`sqlite:${join(folder(), 'none', 'a.db')}`, registry)).rejects.toMatchObject({
      code: 'READ_ONLY_FOLDER',
    });
    await expect(openStore(`sqlite:${folder()}`, registry)).rejects.toMatchObject({ code: 'READ_ONLY_FOLDER' });
    if (asRoot) return console.log('Skipped: a read-only folder. Root may write everywhere.');
    const locked = join(folder(), 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    await expect(openStore(`sqlite:${join(locked, 'a.db')}`, registry)).rejects.toMatchObject({
      code: 'READ_ONLY_FOLDER',
    });
  });

  test('a file that is no database, and one cut short', async () => {
    const path = join(folder(), 'a.db');
    writeFileSync(path, 'these are minutes of a meeting, not a database at all. '.repeat(100));
    await expect(openStore(`sqlite:${path}`, registry)).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    expect(readFileSync(path, 'utf8')).toContain('minutes of a meeting');
  });

  test('a full disk refuses what does not fit, keeps what was answered, and goes on once there is room', async () => {
    const small = join(folder(), 'small');
    mkdirSync(small);
    const mounted = asRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'none', small]).status === 0;
    if (!mounted) return console.log('Skipped: a full disk. Needs the right to mount a small file system.');
    try {
      const ballast = join(small, 'ballast');
      const store = await openStore(`sqlite:${join(small, 'a.db')}`, registry);
      await store.execute('createAccount', { account: 'a' }, NOW);
      let answered = 0;
      const name = 'x'.repeat(4000);
      const fill = async (): Promise<void> => {
        for (;;) {
          await store.execute('note', { account: 'a', type: 'n', name }, NOW);
          answered += 1;
        }
      };
      writeFileSync(ballast, Buffer.alloc(1_000_000));
      await expect(fill()).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect(answered).toBeGreaterThan(10);
      writeFileSync(ballast, '');
      await store.execute('note', { account: 'a', type: 'n', name: 'room again' }, NOW);
      const head = await store.read('head', { account: 'a' });
      expect(head.seq).toBe(answered + 1);
      expect(await store.read('verifyWhole', { account: 'a' })).toMatchObject({ ok: true, done: true });
      await store.close();
    } finally {
      spawnSync('umount', ['-l', small]);
    }
  });

  test('a newer schema is left alone', async () => {
    const url = `sqlite:${join(folder(), 'a.db')}`;
    const store = await openStore(url, registry);
    await store.execute(
      'change',
      { sql: "INSERT INTO schema_migrations (id, name, started_at) VALUES (9999, 'later', 0)" },
      NOW,
    );
    await store.close();
    await expect(openStore(url, registry)).rejects.toMatchObject({ code: 'UNSUPPORTED_VERSION' });
  });

  test('an address that is neither engine', async () => {
    await expect(openStore('mysql://x', registry)).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      details: { path: 'db' },
    });
  });

  test('a command that awaits anything but its transaction is refused and changes nothing', async () => {
    const store = await openStore(`sqlite:${join(folder(), 'a.db')}`, registry);
    await store.execute('createAccount', { account: 'a' }, NOW);
    await store.execute('createLicense', { account: 'a', id: 'l', quota: 5 }, NOW);
    const late = store.execute('awaitOutside', { account: 'a', license: 'l', instance: 'i' }, NOW);
    const neighbor = store.execute('claim', { account: 'a', license: 'l', instance: 'n' }, NOW);
    await expect(late).rejects.toMatchObject({ code: 'INTERNAL' });
    expect((await neighbor).outcome).toEqual({ used: 1, again: false });
    await store.execute('note', { account: 'a', type: 'n', name: 'later' }, NOW);
    expect(await store.read('usage', { account: 'a', license: 'l' })).toEqual({ used: 1, seats: 1 });
    await store.close();
    await expect(store.execute('note', { account: 'a', type: 'n', name: 'x' }, NOW)).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    });
  });

  test('a command that fails once it wrote makes its neighbors run again, apart, and those of the next commits once', async () => {
    const engine = await SqliteEngine.open(join(folder(), 'a.db'), { ...registry, migrations: [THINGS] }, NOW);
    let runs = 0;
    const note = { now: NOW, run: (tx: Tx) => ((runs += 1), tx.run('INSERT INTO things (a) VALUES (1)')) };
    const refuse = { now: NOW, run: () => Promise.reject(new Error('refused')) };
    const fail = { now: NOW, run: async (tx: Tx) => (await note.run(tx), refuse.run()) };
    const commit = async (...jobs: (typeof note)[]): Promise<readonly [boolean[], number]> => {
      runs = 0;
      return [(await engine.commit(jobs)).map(({ ok }) => ok), runs];
    };
    expect(await commit(note, refuse, note)).toEqual([[true, false, true], 2]);
    expect(await commit(note, fail, note)).toEqual([[true, false, true], 5]);
    expect(await commit(note, fail, note)).toEqual([[true, false, true], 3]);
    expect(await engine.get('SELECT count(*) AS n FROM things')).toEqual({ n: 6 });
    engine.close();
  });

  test('more calls than may wait are turned away at once', async () => {
    const store = await openStore(`sqlite:${join(folder(), 'a.db')}`, registry, { maxWaiting: 10 });
    await store.execute('createAccount', { account: 'a' }, NOW);
    const calls = await Promise.allSettled(
      Array.from({ length: 30 }, () => store.execute('note', { account: 'a', type: 'n', name: 'x' }, NOW)),
    );
    expect(calls.filter((call) => call.status === 'fulfilled')).toHaveLength(10);
    expect(calls[20]).toMatchObject({ reason: { code: 'OVERLOADED', details: { retryAfterSeconds: 5 } } });
    await store.close();
  });
});
