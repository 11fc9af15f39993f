import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  archiveJournal,
  auditJournals,
  backUp,
  copyDatabase,
  maintenanceRegistry,
  openStore,
  restoreBackup,
  verifyArchives,
  type Store,
} from '../../../packages/authority/src/store/index.js';
import { engines } from '../../support/store-engines.js';
import { registry } from '../../support/store-registry.js';

const NOW = Date.UTC(2026, 5, 15);
const folder = (): string => mkdtempSync(join(tmpdir(), 'leasehold-maintenance-'));
const seal = async (head: object): Promise<string> => createHash('sha256').update(JSON.stringify(head)).digest('hex');

/** Two accounts with licenses, seats and journals. */
async function fill(store: Store<typeof registry>, seats = 30): Promise<void> {
  for (const account of ['a', 'b']) {
    await store.execute('createAccount', { account }, NOW);
    await store.execute('createLicense', { account, id: 'license', quota: 100 }, NOW);
    await Promise.all(
      Array.from({ length: seats }, (_, index) =>
        store.execute('claim', { account, license: 'license', instance: `i${index} “ü” 日本` }, NOW),
      ),
    );
  }
}
async function filled(url: string): Promise<string> {
  const store = await openStore(url, registry);
  await fill(store);
  await store.close();
  return url;
}
async function withStore<T>(url: string, work: (store: Store<typeof maintenanceRegistry>) => Promise<T>): Promise<T> {
  const store = await openStore(url, maintenanceRegistry);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
const pairs = engines.flatMap((from) => engines.map((to) => ({ from, to, name: `${from.name} to ${to.name}` })));

describe.each(pairs)('a database copied from $name', ({ from, to }) => {
  test('has every row, and its journals verify', async () => {
    const source = await filled(await from.url());
    const target = await to.url();
    const report = await copyDatabase(source, target, NOW);
    expect(report.rows).toBeGreaterThan(2 * 30 * 2);
    await withStore(target, async (store) => {
      expect(await auditJournals(store)).toEqual([
        { account: 'a', rows: 30, ok: true },
        { account: 'b', rows: 30, ok: true },
      ]);
    });
    const copy = await openStore(target, registry);
    expect(await copy.read('usage', { account: 'b', license: 'license' })).toEqual({ used: 30, seats: 30 });
    await copy.close();
  });

  test('is read by its bytes where rows are long: of the journal and of any table at most 2 MB at once', async () => {
    const source = await filled(await from.url());
    const long = 'ü'.repeat(750_000);
    const store = await openStore(source, registry);
    await store.execute('change', { sql: 'UPDATE journal SET payload = ? WHERE seq <= 4', params: [long] }, NOW);
    await store.execute('change', { sql: 'UPDATE accounts SET policy = ?', params: [long] }, NOW);
    await store.close();
    const pages: Record<string, number[]> = {};
    const seen: Record<string, number> = {};
    await copyDatabase(source, await to.url(), NOW, ({ step, table, rows }) => {
      const name = `${step} ${table}`;
      (pages[name] ??= []).push(rows - (seen[name] ?? 0));
      seen[name] = rows;
    });
    // Of each account four long rows, and with the last of them the 26 short ones behind it.
    const journal = [1, 1, 1, 27, 1, 1, 1, 27];
    expect(pages).toMatchObject({ 'copy journal': journal, 'verify journal': journal });
    expect(pages).toMatchObject({ 'copy accounts': [1, 1], 'copy seats': [60] });
  });

  test('is nobody’s to serve until it is whole and compared: accounts come last', async () => {
    const source = await filled(await from.url());
    const target = await to.url();
    const brokenOff = copyDatabase(source, target, NOW, ({ step, table }) => {
      if (step === 'verify' && table === 'seats') throw new Error('the terminal was closed');
    });
    await expect(brokenOff).rejects.toThrow('the terminal was closed');
    await withStore(target, async (store) => {
      expect(await store.read('countRows', { table: 'seats' })).toBe(60);
      expect(await store.read('countRows', { table: 'accounts' })).toBe(0);
    });
    await expect(copyDatabase(source, target, NOW)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('is refused where rows are already', async () => {
    const source = await filled(await from.url());
    const target = await filled(await to.url());
    await expect(copyDatabase(source, target, NOW)).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { path: 'to' },
    });
  });
});

describe.each(engines)('the journal kept on $name', (engine) => {
  test('the audit names the account, the row and the fault', async () => {
    const url = await filled(await engine.url());
    const store = await openStore(url, registry);
    await store.execute('change', { sql: "UPDATE journal SET at = 0 WHERE account = 'b' AND seq = 7" }, NOW);
    await store.close();
    await withStore(url, async (opened) => {
      expect(await auditJournals(opened)).toEqual([
        { account: 'a', rows: 30, ok: true },
        { account: 'b', rows: 0, ok: false, seq: 7, fault: 'edited' },
      ]);
    });
  });

  const archive = (store: Store<typeof maintenanceRegistry>, file: string, before: number) =>
    archiveJournal(store, { account: 'a', file, before, seal }, NOW);

  test('old rows are archived behind a signed head; what is left follows from it, what left verifies by itself', async () => {
    const url = await filled(await engine.url());
    const files = [join(folder(), 'first.jsonl'), join(folder(), 'second.jsonl')] as const;
    await withStore(url, async (store) => {
      expect(await archive(store, files[0], NOW)).toBe(0);
      // The newest one stays in any case.
      expect(await archive(store, files[0], NOW + 1)).toBe(29);
      expect(await archive(store, files[0], NOW + 1)).toBe(0);
      expect(await store.read('countRows', { table: 'journal' })).toBe(31);
    });
    const server = await openStore(url, registry);
    for (let index = 0; index < 6; index += 1)
      await server.execute('note', { account: 'a', type: 'n', name: `${index}` }, NOW + index);
    expect(await server.read('journal', { account: 'a', after: 30 })).toHaveLength(6);
    await server.close();
    await withStore(url, async (store) => {
      expect(await auditJournals(store)).toMatchObject([
        { account: 'a', rows: 7, ok: true },
        { account: 'b', rows: 30, ok: true },
      ]);
      await expect(archive(store, files[0], NOW + 3)).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await archive(store, files[1], NOW + 3)).toBe(4);
      expect(await verifyArchives(store, files)).toEqual({ account: 'a', rows: 33 });
      await expect(verifyArchives(store, [files[0]])).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    });
    const lines = readFileSync(files[0], 'utf8').split('\n');
    writeFileSync(files[0], [...lines.slice(0, 9), ...lines.slice(10)].join('\n'));
    await withStore(url, async (store) => {
      await expect(verifyArchives(store, files)).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    });
  });

  test('what somebody still has to be told of stays', async () => {
    const url = await filled(await engine.url());
    const store = await openStore(url, registry);
    const subscribe = (id: string, seq: number) =>
      store.execute(
        'change',
        {
          sql: `INSERT INTO subscriptions (account, id, kind, name, target, events, state, seq, created_at)
            VALUES ('a', ?, 'webhook', 'hook', 'https://hook.example', '["*"]', 'active', ?, 0)`,
          params: [id, seq],
        },
        NOW,
      );
    await subscribe('s1', 12);
    await store.close();
    await withStore(url, async (opened) => {
      expect(await archive(opened, join(folder(), 'a.jsonl'), NOW + 1)).toBe(12);
      expect(await archive(opened, join(folder(), 'b.jsonl'), NOW + 1)).toBe(0);
    });
  });

  test('a journal that does not hold is not archived', async () => {
    const url = await filled(await engine.url());
    const store = await openStore(url, registry);
    await store.execute('change', { sql: "DELETE FROM journal WHERE account = 'a' AND seq = 7" }, NOW);
    await store.close();
    await withStore(url, async (opened) => {
      const file = join(folder(), 'a.jsonl');
      await expect(archive(opened, file, NOW + 1)).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
      expect(await opened.read('countRows', { table: 'journal' })).toBe(59);
    });
  });

  test('what the journal says of a person is erased and the chain stays whole', async () => {
    const url = await filled(await engine.url());
    const store = await openStore(url, registry);
    await store.execute('note', { account: 'a', type: 'n', name: 'jane' }, NOW);
    await store.close();
    await withStore(url, async (opened) => {
      const id = 'subject-jane';
      const about = await opened.read('linesAbout', { account: 'a', id });
      expect(about).toMatchObject({ rows: 1 });
      const subject = { type: about!.type, id };
      const erased = await opened.execute('eraseSubject', { account: 'a', subject, actor: 'admin:1' }, NOW);
      expect(erased.outcome).toBe(1);
      expect(await opened.read('linesAbout', { account: 'a', id: 'nobody' })).toBeUndefined();
      const { rows } = await opened.read('journalPage', { account: 'a', after: 30, limit: 10 });
      expect(rows.map((row) => [row.type, row.payload === null, row.erased_at])).toEqual([
        ['n', true, NOW],
        ['journal.erased', false, null],
      ]);
      expect(await auditJournals(opened)).toMatchObject([{ rows: 32, ok: true }, { ok: true }]);
    });
  });
});

describe('a backup of SQLite', () => {
  test(
    'is taken while the server writes, holds what was acknowledged before it began, and comes back in a new epoch',
    {
      timeout: 120_000,
    },
    async () => {
      const here = folder();
      const store = await openStore(`sqlite:${join(here, 'a.db')}`, registry);
      await fill(store);
      await store.execute('createLicense', { account: 'a', id: 'busy', quota: 1_000_000 }, NOW);
      const load = { on: true, written: 0 };
      const writers = Array.from({ length: 16 }, async (_, lane) => {
        for (let n = 0; load.on; n += 1) {
          await store.execute('claim', { account: 'a', license: 'busy', instance: `w${lane}-${n}` }, NOW);
          load.written += 1;
        }
      });
      while (load.written < 500) await store.read('head', { account: 'a' });
      const before = await store.read('head', { account: 'a' });
      const backup = join(here, 'backup.db');
      const report = await backUp(store, backup, NOW);
      const during = await store.read('head', { account: 'a' });
      load.on = false;
      await Promise.all(writers);
      expect(report.accounts.map((one) => [one.account, one.ok])).toEqual([
        ['a', true],
        ['b', true],
      ]);
      expect(report.accounts[0]!.rows).toBeGreaterThanOrEqual(before.seq);
      expect(during.seq).toBeGreaterThan(before.seq);
      await expect(backUp(store, backup, NOW)).rejects.toMatchObject({ code: 'CONFLICT' });
      await store.close();

      const target = join(here, 'restored.db');
      await restoreBackup(backup, target, { a: 7 }, 'admin:1', NOW);
      await withStore(`sqlite:${target}`, async (restored) => {
        const a = await restored.read('head', { account: 'a' });
        const b = await restored.read('head', { account: 'b' });
        expect([a.epoch, b.epoch]).toEqual([8, 2]);
        expect(a.seq).toBe(report.accounts[0]!.rows + 1);
        expect(await auditJournals(restored)).toMatchObject([{ ok: true }, { ok: true }]);
      });
      await expect(restoreBackup(backup, target, {}, 'admin:1', NOW)).rejects.toMatchObject({ code: 'CONFLICT' });
    },
  );

  test('comes back only once the log that a crash left beside the old database is away with it', async () => {
    const here = folder();
    const store = await openStore(`sqlite:${join(here, 'a.db')}`, registry);
    await fill(store);
    const [backup, target] = [join(here, 'backup.db'), join(here, 'restored.db')];
    await backUp(store, backup, NOW);
    for (let n = 0; n < 50; n += 1)
      await store.execute('claim', { account: 'a', license: 'license', instance: `late ${n}` }, NOW);
    // As a process that was killed leaves it, and whoever moves the database alone.
    copyFileSync(join(here, 'a.db-wal'), `${target}-wal`);
    await store.close();
    await expect(restoreBackup(backup, target, {}, 'admin:1', NOW)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('restored.db-wal') as string,
    });
    rmSync(`${target}-wal`);
    await restoreBackup(backup, target, {}, 'admin:1', NOW);
    await withStore(`sqlite:${target}`, async (restored) => {
      expect(await auditJournals(restored)).toMatchObject([{ rows: 31, ok: true }, { ok: true }]);
    });
  });

  test('a damaged backup is not brought back', async () => {
    const here = folder();
    const url = `sqlite:${join(here, 'a.db')}`;
    const store = await openStore(await filled(url), registry);
    const backup = join(here, 'backup.db');
    await backUp(store, backup, NOW);
    await store.close();
    const bytes = readFileSync(backup);
    // Everywhere: the first place may be a freed page that nobody reads.
    for (let at = bytes.indexOf('seat.taken'); at >= 0; at = bytes.indexOf('seat.taken')) bytes.write('seat.tAken', at);
    writeFileSync(backup, bytes);
    await expect(restoreBackup(backup, join(here, 'b.db'), {}, 'x', NOW)).rejects.toMatchObject({
      code: 'STATE_DAMAGED',
    });
  });
});
