import { LeaseholdError } from '@leasehold/protocol';
import { appendJournal, unknownAccount, type JournalPayload } from './journal.js';
import type { Reader, Tx } from './tx.js';

interface Checkpoint {
  readonly account: string;
  readonly epoch: number;
  readonly seq: number;
  readonly hash: string;
}

/** The last row that may leave the journal: older than `before`, seen by every receiver of deliveries, and before all that
 * still wait to be sent. The newest stays in any case, for it tells how late it was when the authority last wrote.
 * Undefined: there is none. */
export async function archivable(
  reader: Reader,
  { account, before }: { readonly account: string; readonly before: number },
): Promise<Omit<Checkpoint, 'account'> | undefined> {
  const limits = await reader.get<Record<string, number | null>>(
    `SELECT h.seq - 1 AS newest,
         (SELECT min(j.seq) - 1 FROM journal j WHERE j.account = h.account AND j.at >= ?) AS recent,
         (SELECT min(s.seq) FROM subscriptions s WHERE s.account = h.account AND s.state = 'active') AS seen,
         (SELECT min(d.seq) - 1 FROM deliveries d WHERE d.account = h.account AND d.state = 'waiting') AS unsent
       FROM journal_heads h WHERE h.account = ?`,
    [before, account],
  );
  if (limits === undefined) throw unknownAccount(account);
  const last = Math.min(...Object.values(limits).filter((seq) => seq !== null));
  return reader.get('SELECT epoch, seq, hash FROM journal WHERE account = ? AND seq = ?', [account, last]);
}

/** Keeps a signed head (`token`) of the journal. Rejects with CONFLICT when no such row stands in the journal: a
 * signature is never kept for a history that is not ours. */
export async function putCheckpoint(tx: Tx, input: Checkpoint & { token: string }, now: number): Promise<void> {
  const { account, epoch, seq, hash, token } = input;
  const row = await tx.get('SELECT seq FROM journal WHERE account = ? AND seq = ? AND epoch = ? AND hash = ?', [
    account,
    seq,
    epoch,
    hash,
  ]);
  if (row === undefined) throw new LeaseholdError('CONFLICT', 'The signed head is not a row of this journal.');
  await tx.run(
    `INSERT INTO journal_checkpoints (account, seq, epoch, hash, token, created_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (account, seq) DO NOTHING`,
    [account, seq, epoch, hash, token, now],
  );
}

/** From here on the journal begins behind this checkpoint; its older rows are in an archive and may go. */
export async function markArchived(
  tx: Tx,
  { account, seq }: Pick<Checkpoint, 'account' | 'seq'>,
  now: number,
): Promise<void> {
  const marked = await tx.run(
    'UPDATE journal_checkpoints SET archived_at = coalesce(archived_at, ?) WHERE account = ? AND seq = ?',
    [now, account, seq],
  );
  if (marked === 0) throw new LeaseholdError('NOT_FOUND', 'There is no such checkpoint.', { path: 'seq' });
}

/** Removes up to `limit` of the oldest rows behind an archived checkpoint. Answers how many rows went; 0 = none left. */
export async function dropArchived(tx: Tx, input: { account: string; limit: number }): Promise<number> {
  const { account, limit } = input;
  return tx.run(
    `DELETE FROM journal WHERE account = ?
       AND seq <= (SELECT max(seq) FROM journal_checkpoints WHERE account = ? AND archived_at IS NOT NULL)
       AND seq < (SELECT min(seq) FROM journal WHERE account = ?) + ?`,
    [account, account, account, limit],
  );
}

/** How many rows say something about a subject, and of what type it is. */
export async function linesAbout(
  reader: Reader,
  { account, id }: { readonly account: string; readonly id: string },
): Promise<{ readonly rows: number; readonly type: string } | undefined> {
  const found = await reader.get<{ rows: number; payload: string | null }>(
    'SELECT count(*) AS rows, max(payload) AS payload FROM journal WHERE account = ? AND subject = ? AND payload IS NOT NULL',
    [account, id],
  );
  if (found?.payload == null) return undefined;
  return { rows: found.rows, type: (JSON.parse(found.payload) as JournalPayload).subject.type };
}

/** Erases what the journal says about a subject: payloads go, the chain of their hashes stays whole, and a row says
 * that it was done. Answers how many rows were erased. */
export async function eraseSubject(
  tx: Tx,
  input: { account: string; subject: { type: string; id: string }; actor: string },
  now: number,
): Promise<number> {
  const { account, subject, actor } = input;
  const erased = await tx.run(
    'UPDATE journal SET payload = NULL, erased_at = ? WHERE account = ? AND subject = ? AND payload IS NOT NULL',
    [now, account, subject.id],
  );
  if (erased > 0)
    appendJournal(tx, account, { type: 'journal.erased', subject, actor, details: { rows: erased }, rows: [] });
  return erased;
}
