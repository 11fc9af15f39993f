import { journalHash, payloadHash } from '@leasehold/protocol';
import { journalAfter, journalHead, linkOf, sha256, type JournalPayload, type JournalRow } from './journal.js';
import type { Reader } from './tx.js';

/** Where a verification stands: the last row that held. A run over a long journal goes from one to the next. */
export interface VerifiedUpTo {
  readonly seq: number;
  readonly hash: string;
  readonly epoch: number;
}

export type JournalFault =
  | 'edited' // the row's own content does not give its hash
  | 'broken' // it does not follow from the row before: one was removed, inserted or reordered
  | 'payload_edited' // the payload, or a column taken from it, does not give the hash that the chain holds
  | 'payload_missing' // the payload is gone and was not erased by the rules
  | 'head_differs'; // the last row is not the one that the account's head names

export type JournalVerdict =
  | { readonly ok: true; readonly rows: number; readonly upTo: VerifiedUpTo; readonly done: boolean }
  | { readonly ok: false; readonly seq: number; readonly fault: JournalFault };

/** Where a whole chain begins: before row 1. */
export const JOURNAL_START: VerifiedUpTo = { seq: 0, hash: '', epoch: 0 };

/** Where the chain of an account begins in this database: at the checkpoint behind which its rows were archived. */
export async function journalStart(reader: Reader, { account }: { account: string }): Promise<VerifiedUpTo> {
  const checkpoint = await reader.get<VerifiedUpTo>(
    `SELECT seq, hash, epoch FROM journal_checkpoints WHERE account = ? AND archived_at IS NOT NULL
       ORDER BY seq DESC LIMIT 1`,
    [account],
  );
  return checkpoint ?? JOURNAL_START;
}

/** Verifies the next slice of an account's journal after `from`, at most `limit` rows; `done` once it met the head.
 * Any row edited, removed, inserted or reordered since is found, up to the head; that the head itself is genuine is
 * what signed checkpoints are for. */
export async function verifyJournal(
  reader: Reader,
  account: string,
  from: VerifiedUpTo = JOURNAL_START,
  limit = 1000,
): Promise<JournalVerdict> {
  const head = await journalHead(reader, account);
  const { rows, more } = await journalAfter(reader, account, from.seq, limit);
  const verdict = await verifyRows(rows, from);
  if (!verdict.ok) return verdict;
  const last = verdict.upTo;
  const done = !more;
  if (last.seq > head.seq || (done && (last.seq !== head.seq || last.hash !== head.hash)))
    return { ok: false, seq: last.seq, fault: 'head_differs' };
  return { ok: true, rows: rows.length, upTo: last, done };
}

/** Verifies rows that follow `from` one after the other, wherever they were read: from the database or an archive. */
export async function verifyRows(
  rows: readonly JournalRow[],
  from: VerifiedUpTo,
): Promise<{ readonly ok: true; readonly upTo: VerifiedUpTo } | Extract<JournalVerdict, { ok: false }>> {
  let last = from;
  for (const row of rows) {
    const fault = await faultOf(row, last);
    if (fault !== undefined) return { ok: false, seq: row.seq, fault };
    last = { seq: row.seq, hash: row.hash, epoch: row.epoch };
  }
  return { ok: true, upTo: last };
}

async function faultOf(row: JournalRow, last: VerifiedUpTo): Promise<JournalFault | undefined> {
  if (row.seq !== last.seq + 1 || row.prev_hash !== last.hash || row.epoch < last.epoch) return 'broken';
  if ((await journalHash(linkOf(row), sha256)) !== row.hash) return 'edited';
  if (row.payload === null) return row.erased_at === null ? 'payload_missing' : undefined;
  if ((await payloadHash(row.payload, sha256)) !== row.payload_hash) return 'payload_edited';
  const { subject, companyId } = JSON.parse(row.payload) as JournalPayload;
  return subject.id === row.subject && companyId === row.company_id ? undefined : 'payload_edited';
}
