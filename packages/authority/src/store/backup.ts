import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { LeaseholdError } from '@leasehold/protocol';
import { auditJournals, type AccountAudit } from './audit.js';
import { registry } from './maintenance.js';
import { assertFree, syncFolder } from './new-file.js';
import { openStore, type Store } from './store.js';

/** What a verified copy holds. */
export interface BackupReport {
  readonly file: string;
  readonly accounts: readonly AccountAudit[];
}

/** Copies the database of a running server (SQLite) into one file and verifies the copy: pages, indexes and every
 * journal. The server goes on; what was committed when the copy began is in it. Rejects with CONFLICT when `file` is
 * there already, STATE_DAMAGED when the copy does not hold. */
export async function backUp(store: Store, file: string, now: number): Promise<BackupReport> {
  if (store.engine !== 'sqlite')
    throw new LeaseholdError('OPTIONS_INVALID', 'PostgreSQL is backed up with its own tools.', {
      remedy:
        'Use pg_basebackup or pg_dump. After a restore serve it with the same --data: a new epoch begins by itself.',
    });
  assertFree(file);
  const partial = `${file}.partial`;
  const accounts = await within(partial, async () => {
    await store.withStillFile((database) => copyDatabaseFiles(database, partial));
    return verifyFile(partial, now);
  });
  await rename(partial, file);
  await syncFolder(file);
  return { file, accounts };
}

/** Brings a backup back as the database `target`, verified first, and begins a new epoch in every account, above
 * `above`: the highest epoch that the keyring knows outside the database. Rejects with CONFLICT when `target`, or the log of
 * a database that was moved away without it, is there already, STATE_DAMAGED when the backup does not hold, or holds
 * nothing. */
export async function restoreBackup(
  file: string,
  target: string,
  above: Readonly<Record<string, number>>,
  actor: string,
  now: number,
): Promise<BackupReport> {
  if (!existsSync(file))
    throw new LeaseholdError('NOT_FOUND', `There is no backup ${file}.`, { path: 'from', remedy: 'Check the path.' });
  assertFree(target);
  // A crash left it of the database before: SQLite would write what is in it over the one that comes back.
  assertFree(`${target}-wal`, 'It belongs to the database that was there: move it to where that one is now.');
  const partial = `${target}.partial`;
  const accounts = await within(partial, async () => {
    await copyDatabaseFiles(file, partial);
    const held = await verifyFile(partial, now).catch((thrown: unknown) => {
      const isDamaged = LeaseholdError.is(thrown) && thrown.code === 'STATE_DAMAGED';
      throw isDamaged ? badBackup(file, thrown.message, thrown) : thrown;
    });
    // A disk that was full leaves an empty file, in which nothing is wrong.
    if (held.length === 0) throw badBackup(file, 'It holds no account.');
    const store = await openStore(`sqlite:${partial}`, registry, { now });
    for (const { account } of held)
      await store.execute('raiseEpoch', { account, above: above[account] ?? 0, actor }, now);
    await store.close();
    return held;
  });
  await rename(partial, target);
  await syncFolder(target);
  return { file: target, accounts };
}

function badBackup(file: string, why: string, cause?: unknown): LeaseholdError {
  return new LeaseholdError('STATE_DAMAGED', `The backup ${file} cannot be brought back. ${why}`, {
    path: 'from',
    remedy: 'Take an earlier backup; nothing was changed.',
    cause,
  });
}

/** Makes a copy under a name of its own, where neither what an earlier one left nor what fails now stays behind. */
async function within<Made>(partial: string, make: () => Promise<Made>): Promise<Made> {
  await removeDatabase(partial);
  try {
    return await make();
  } catch (thrown) {
    await removeDatabase(partial);
    throw thrown;
  }
}

async function verifyFile(file: string, now: number): Promise<AccountAudit[]> {
  const store = await openStore(`sqlite:${file}`, registry, { now });
  try {
    const problems = (await store.read('integrity', undefined)).filter((line) => line !== 'ok');
    const accounts = await auditJournals(store);
    const broken = accounts.find((one) => !one.ok);
    if (problems.length === 0 && broken === undefined) return accounts;
    throw new LeaseholdError('STATE_DAMAGED', `The copy does not hold: ${problems[0] ?? journalFault(broken!)}.`, {
      remedy: 'Keep the last good backup, and look at the disk.',
    });
  } finally {
    // Closing folds the write-ahead log into the file: the copy is one file from here on.
    await store.close();
  }
}

function journalFault({ account, seq, fault }: AccountAudit): string {
  return `journal of ${account}, row ${seq}, ${fault}`;
}

/** Copies the file and its write-ahead log, the file first, and syncs them. In a process of its own: closing any handle
 * of the database in the server's process would drop the POSIX locks that keep others out (sqlite.org/howtocorrupt.html
 * section 2.2). */
async function copyDatabaseFiles(from: string, to: string): Promise<void> {
  const child = spawn(process.execPath, ['-e', COPY, from, to], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status === 0) return;
  const code = /ENOSPC|EDQUOT/.test(errors) ? 'DISK_FULL' : 'STATE_UNAVAILABLE';
  const [, why = 'the copying process failed'] = /Error: (E[A-Z]+: .*)/.exec(errors) ?? [];
  throw new LeaseholdError(code, `The database could not be copied: ${why}.`, {
    remedy: 'Check the folder of the copy, its permissions and its free space; nothing was changed.',
    cause: errors,
  });
}

const COPY = `const fs = require('node:fs');
  const [from, to] = process.argv.slice(-2);
  for (const end of ['', '-wal']) {
    if (end !== '' && !fs.existsSync(from + end)) continue;
    fs.copyFileSync(from + end, to + end, fs.constants.COPYFILE_EXCL);
    fs.chmodSync(to + end, 0o600);
    const file = fs.openSync(to + end, 'r+');
    fs.fsyncSync(file);
    fs.closeSync(file);
  }`;

async function removeDatabase(file: string): Promise<void> {
  for (const end of ['', '-wal', '-shm']) await rm(`${file}${end}`, { force: true });
}
