import { createHash, randomUUID } from 'node:crypto';
import { journalText, LeaseholdError, type JournalLink, type Message, type Sha256 } from '@leasehold/protocol';
import { digestOf } from '../keys/ed25519.js';
import { fitting } from './by-bytes.js';
import type { Projection } from './registry.js';
import {
  RunAgain,
  type ChangedRow,
  type JournalEntry,
  type Position,
  type Reader,
  type SqlParams,
  type Tx,
} from './tx.js';

/** A journal row as it is stored. `payload` is null once erased: the chain holds its hash alone. */
export interface JournalRow {
  readonly account: string;
  readonly seq: number;
  readonly epoch: number;
  readonly at: number;
  readonly type: string;
  readonly subject: string;
  readonly actor: string;
  readonly company_id: string | null;
  readonly payload: string | null;
  readonly erased_at: number | null;
  readonly payload_hash: string;
  readonly prev_hash: string;
  readonly hash: string;
}

/** What the text of a payload says: the message of the feed, and a salt that keeps an erased name from being found again
 * by hashing guesses. */
export type JournalPayload = Message<'JournalPayload'> & { readonly companyId: string | null; readonly salt: string };

export const sha256: Sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());

/** Writes a line into the account's journal, in the same transaction as the change. The number is not given here: it
 * is taken from the account's head after the command's last statement, so that numbers stand in commit order without
 * a gap, and the head is locked for no longer than that. Callable anywhere in a command, more than once. */
export function appendJournal(tx: Tx, account: string, entry: JournalEntry): void {
  tx.tail.journal.push({ account, entry });
}

/** Makes the command repeat, on an engine with concurrent transactions, if the account's journal moved between this
 * call and the commit. For commands whose decision rests on rows that they do not themselves guard by a conditional
 * UPDATE or a unique key: everything that changes rights is journaled, so an unmoved journal means unmoved rights. */
export async function serialize(tx: Tx, account: string): Promise<void> {
  const head = await journalHead(tx, account);
  tx.tail.unmoved.set(account, head.seq);
}

/** Where the account's journal stands. Rejects with NOT_FOUND for an unknown account. */
export async function journalHead(reader: Reader, account: string): Promise<Position & { readonly hash: string }> {
  const head = await reader.get<Head>('SELECT epoch, seq, hash FROM journal_heads WHERE account = ?', [account]);
  if (head === undefined) throw unknownAccount(account);
  return { account, ...head };
}

/** Rows of the journal, oldest first. `more`: others may follow. */
export interface JournalSlice {
  readonly rows: readonly JournalRow[];
  readonly more: boolean;
}

/** Rows after a sequence number: the feed, the webhooks and the audit read the journal by this. */
export async function journalAfter(reader: Reader, account: string, seq: number, limit: number): Promise<JournalSlice> {
  return journalSlice(reader, 'account = ? AND seq > ?', [account, seq], limit);
}

/** At most `limit` of the rows that meet a condition, and one of them at least, however long it is. Nobody holds more of the
 * journal in memory than this. */
export async function journalSlice(
  reader: Reader,
  condition: string,
  params: SqlParams,
  limit: number,
): Promise<JournalSlice> {
  const sizes = await reader.all<{ size: number }>(
    `SELECT coalesce(octet_length(payload), 0) AS size FROM journal WHERE ${condition} ORDER BY seq LIMIT ?`,
    [...params, limit],
  );
  const count = fitting(sizes);
  const rows =
    count === 0
      ? []
      : await reader.all<JournalRow>(`SELECT * FROM journal WHERE ${condition} ORDER BY seq LIMIT ?`, [
          ...params,
          count,
        ]);
  return { rows, more: rows.length === limit || rows.length < sizes.length };
}

/** The chained part of a row, in the form that everyone hashes (protocol/journal.ts). */
export function linkOf(row: Omit<JournalRow, 'hash'>): JournalLink {
  const { account, epoch, seq, at, type, actor } = row;
  return { account, epoch, seq, at, type, actor, payloadHash: row.payload_hash, prev: row.prev_hash };
}

/** The engines' last step before a commit: brings derived tables up to date (`project`), then numbers, chains and
 * writes what `appendJournal` gathered. Accounts go in the order of their ids, so that two commands which touch the same
 * two never wait for each other in a circle. */
export async function writeTail(tx: Tx, project: Projection | undefined, now: number): Promise<Position[]> {
  const accounts = new Set([...tx.tail.journal.map((line) => line.account), ...tx.tail.unmoved.keys()]);
  const positions: Position[] = [];
  for (const account of [...accounts].sort()) {
    const entries = tx.tail.journal.filter((line) => line.account === account).map((line) => line.entry);
    await project?.(
      tx,
      account,
      entries.flatMap((entry) => entry.rows.filter((row) => row.sameIndex !== true)),
      now,
    );
    const head = await takeHead(tx, account);
    let { seq, hash } = head;
    for (const entry of entries) {
      seq += 1;
      const row = chainRow(account, { epoch: head.epoch, seq, hash }, entry, now);
      await insertRow(tx, row);
      hash = row.hash;
    }
    if (entries.length === 0) continue;
    await tx.run('UPDATE journal_heads SET seq = ?, hash = ? WHERE account = ?', [seq, hash, account]);
    positions.push({ account, epoch: head.epoch, seq });
  }
  return positions;
}

interface Head {
  readonly epoch: number;
  readonly seq: number;
  readonly hash: string;
}

/** The head of the journal, from which this transaction counts on and which is its own until the commit: by an UPDATE that
 * changes nothing, because no engine lacks that lock. */
async function takeHead(tx: Tx, account: string): Promise<Head> {
  const head = tx.alone
    ? await journalHead(tx, account)
    : await tx.get<Head>('UPDATE journal_heads SET seq = seq WHERE account = ? RETURNING epoch, seq, hash', [account]);
  if (head === undefined) throw unknownAccount(account);
  const expected = tx.tail.unmoved.get(account);
  if (expected !== undefined && expected !== head.seq) throw new RunAgain();
  return head;
}

/** `place` gives the row its epoch and number, and the hash that it follows. */
function chainRow(account: string, place: Head, entry: JournalEntry, now: number): JournalRow {
  const { type, subject, actor, companyId = companyOf(entry.rows), details, rows } = entry;
  const salt = randomUUID(); // 122 random bits, drawn in batches by Node
  const shown = rows.map(({ table, id, row: after }) => ({ table, id, row: after }));
  const content = { subject, companyId, details, rows: shown, salt };
  const payload = JSON.stringify(content);
  const row = {
    account,
    seq: place.seq,
    epoch: place.epoch,
    at: now,
    type,
    subject: subject.id,
    actor,
    company_id: companyId,
    payload,
    erased_at: null,
    payload_hash: digestOf(payload),
    prev_hash: place.hash,
  };
  return { hash: digestOf(journalText(linkOf(row))), ...row };
}

/** The company whose people may see a line: that to which all of its rows belong. What is nobody's is the operator's own, and
 * told to none of them, but for his license on a machine of theirs. */
function companyOf(rows: readonly ChangedRow[]): string | null {
  const carries = rows.some(({ table, row }) => table === 'machine' && ownerOf(row) !== null);
  const theirs = rows.filter(
    ({ table, row }) => row !== null && !(carries && table === 'license' && ownerOf(row) === null),
  );
  const [first = null, ...others] = new Set(theirs.map(({ row }) => ownerOf(row)));
  return others.length === 0 ? first : null;
}

function ownerOf(row: { readonly companyId?: string | null } | null): string | null {
  return row?.companyId ?? null;
}

async function insertRow(tx: Tx, row: JournalRow): Promise<void> {
  await tx.run(
    `INSERT INTO journal (account, seq, epoch, at, type, subject, actor, company_id, payload, payload_hash, prev_hash,
       hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      row.account,
      row.seq,
      row.epoch,
      row.at,
      row.type,
      row.subject,
      row.actor,
      row.company_id,
      row.payload,
      row.payload_hash,
      row.prev_hash,
      row.hash,
    ],
  );
}

export function unknownAccount(account: string): LeaseholdError {
  return new LeaseholdError('NOT_FOUND', `There is no account ${account}.`, { path: 'account' });
}
