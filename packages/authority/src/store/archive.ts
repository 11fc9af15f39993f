import { createReadStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { LeaseholdError } from '@leasehold/protocol';
import type { JournalRow } from './journal.js';
import type { registry } from './maintenance.js';
import type { Store } from './store.js';
import { JOURNAL_START, verifyRows, type VerifiedUpTo } from './verify-journal.js';

const SLICE = 1_000;

/** Moves the journal's rows up to its present head into a file: one JSON row a line, verified on their way. `seal`
 * signs the head (protocol's HeadClaims without `iat`); the checkpoint stays in the database and the rest of the chain
 * follows from it. The file is on disk before the first row goes; a kill on the way leaves rows that the next run
 * removes. Answers how many rows moved; rejects with STATE_DAMAGED when the journal does not hold. */
export async function archiveJournal(
  store: Store<typeof registry>,
  account: string,
  file: string,
  seal: (head: { readonly epoch: number; readonly seq: number; readonly hash: string }) => Promise<string>,
  now: number,
): Promise<number> {
  const head = await store.read('head', { account });
  const from = await store.read('journalStart', { account });
  if (head.seq === from.seq) return 0;
  const token = await seal({ epoch: head.epoch, seq: head.seq, hash: head.hash });
  await store.execute('putCheckpoint', { ...head, token }, now);
  const rows = await writeRows(store, account, from, head, file);
  await store.execute('markArchived', { account, seq: head.seq }, now);
  while ((await store.execute('dropArchived', { account, limit: SLICE }, now)).outcome > 0) continue;
  return rows;
}

async function writeRows(
  store: Store<typeof registry>,
  account: string,
  from: VerifiedUpTo,
  head: VerifiedUpTo,
  file: string,
): Promise<number> {
  const partial = await open(`${file}.partial`, 'wx', 0o600);
  try {
    let at = from;
    while (at.seq < head.seq) {
      const { rows } = await store.read('journalPage', { account, after: at.seq, limit: SLICE });
      const kept = rows.filter((row) => row.seq <= head.seq);
      const verdict = await verifyRows(kept, at);
      if (!verdict.ok || kept.length === 0) throw damaged(verdict.ok ? at.seq + 1 : verdict.seq);
      at = verdict.upTo;
      await partial.write(kept.map((row) => `${JSON.stringify(row)}\n`).join(''));
    }
    if (at.hash !== head.hash) throw damaged(at.seq);
    await partial.sync();
  } finally {
    await partial.close();
  }
  await rename(`${file}.partial`, file);
  return head.seq - from.seq;
}

/** Verifies archive files in their order, from the first row of the account to the last one of the last file. */
export async function verifyArchives(files: readonly string[]): Promise<VerifiedUpTo> {
  let at = JOURNAL_START;
  for (const file of files)
    for await (const line of createInterface({ input: createReadStream(file, 'utf8') })) {
      const verdict = await verifyRows([JSON.parse(line) as JournalRow], at);
      if (!verdict.ok) throw damaged(verdict.seq);
      at = verdict.upTo;
    }
  return at;
}

function damaged(seq: number): LeaseholdError {
  return new LeaseholdError('STATE_DAMAGED', `The journal does not hold at row ${seq}.`, {
    remedy: 'Run leasehold audit verify, and compare with the last backup or archive.',
  });
}
