import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { LeaseholdError } from '@leasehold/protocol';
import type { JournalRow } from './journal.js';
import type { registry } from './maintenance.js';
import { assertFree, syncFolder } from './new-file.js';
import type { Store } from './store.js';
import { JOURNAL_START, verifyRows, type VerifiedUpTo } from './verify-journal.js';

const SLICE = 1_000;

/** A row of the journal, and all before it. */
type UpTo = { readonly epoch: number; readonly seq: number; readonly hash: string };

export interface ArchiveOrder {
  readonly account: string;
  /** File that receives the rows; there is none of that name. */
  readonly file: string;
  /** Rows from this instant on stay, epoch ms. */
  readonly before: number;
  /** Signs the last row that goes (protocol's HeadClaims without `iss` and `iat`). */
  readonly seal: (upTo: UpTo) => Promise<string>;
}

/** Moves what is old of the journal into a file: one JSON row a line, verified on their way. What somebody still has to be
 * told of stays. The signed checkpoint stays in the database, and the rest of the chain follows from it. The file is on disk
 * before the first row goes; a kill on the way leaves rows that the next run removes. Answers how many rows moved. Rejects with
 * CONFLICT where the file exists, STATE_DAMAGED when the journal does not hold. */
export async function archiveJournal(
  store: Store<typeof registry>,
  { account, file, before, seal }: ArchiveOrder,
  now: number,
): Promise<number> {
  const from = await store.read('journalStart', { account });
  const upTo = await store.read('archivable', { account, before });
  let moved = 0;
  if (upTo !== undefined && upTo.seq > from.seq) {
    assertFree(file);
    const { epoch, seq, hash } = upTo;
    await store.execute('putCheckpoint', { account, ...upTo, token: await seal({ epoch, seq, hash }) }, now);
    moved = await writeRows(store, account, from, upTo, file);
    await store.execute('markArchived', { account, seq }, now);
  }
  while ((await store.execute('dropArchived', { account, limit: SLICE }, now)).outcome > 0) continue;
  return moved;
}

/** Writes the rows into a file, whole or not at all: it is on disk, under its name, when this is over. */
async function writeRows(
  store: Store<typeof registry>,
  account: string,
  from: VerifiedUpTo,
  upTo: VerifiedUpTo,
  file: string,
): Promise<number> {
  const partial = `${file}.partial`;
  try {
    await writePartial(store, account, from, upTo, partial);
    await rename(partial, file);
    await syncFolder(file);
  } catch (thrown) {
    await rm(partial, { force: true });
    throw thrown;
  }
  return upTo.seq - from.seq;
}

async function writePartial(
  store: Store<typeof registry>,
  account: string,
  from: VerifiedUpTo,
  upTo: VerifiedUpTo,
  partial: string,
): Promise<void> {
  const written = await open(partial, 'w', 0o600);
  try {
    let at = from;
    while (at.seq < upTo.seq) {
      const { rows } = await store.read('journalPage', { account, after: at.seq, limit: SLICE });
      const kept = rows.filter((row) => row.seq <= upTo.seq);
      const verdict = await verifyRows(kept, at);
      if (!verdict.ok || kept.length === 0) throw damaged(verdict.ok ? at.seq + 1 : verdict.seq);
      at = verdict.upTo;
      await written.write(kept.map((row) => `${JSON.stringify(row)}\n`).join(''));
    }
    if (at.hash !== upTo.hash) throw damaged(at.seq);
    await written.sync();
  } finally {
    await written.close();
  }
}

export interface ArchivesVerified {
  readonly account: string;
  /** Rows in the archives: the journal in the database goes on behind them. */
  readonly rows: number;
}

/** Verifies archive files in their order, from the first row of an account, and that the journal in the database goes on
 * where they end. Rejects with STATE_DAMAGED. */
export async function verifyArchives(
  store: Store<typeof registry>,
  files: readonly string[],
): Promise<ArchivesVerified> {
  let at = JOURNAL_START;
  let account = '';
  for (const file of files)
    for await (const row of rowsOf(file, at.seq)) {
      const verdict = await verifyRows([row], at);
      if (!verdict.ok) throw damaged(verdict.seq);
      at = verdict.upTo;
      account = row.account;
    }
  // A file without a row proves nothing.
  if (at.seq === 0) throw damaged(1);
  const start = await store.read('journalStart', { account });
  if (start.seq === at.seq && start.hash === at.hash) return { account, rows: at.seq };
  throw new LeaseholdError('STATE_DAMAGED', `The archives end with row ${at.seq}, and the journal goes on elsewhere.`, {
    path: 'archive',
    remedy: 'Name all archives of one account, the oldest first.',
  });
}

async function* rowsOf(file: string, above: number): AsyncGenerator<JournalRow> {
  let seq = above;
  try {
    for await (const line of createInterface({ input: createReadStream(file, 'utf8') })) {
      const row = JSON.parse(line) as JournalRow;
      ({ seq } = row);
      yield row;
    }
  } catch (cause) {
    if (cause instanceof SyntaxError) throw damaged(seq + 1);
    throw new LeaseholdError('INPUT_INVALID', `${file} cannot be read.`, {
      path: 'archive',
      remedy: 'Name a file that leasehold journal archive has written.',
      cause,
    });
  }
}

function damaged(seq: number): LeaseholdError {
  return new LeaseholdError('STATE_DAMAGED', `The journal does not hold at row ${seq}.`, {
    remedy: 'Run leasehold audit verify, and compare with the last backup or archive.',
  });
}
