import { LeaseholdError } from '@leasehold/protocol';
import { appendJournal } from './journal.js';
import type { Tx } from './tx.js';

interface Checkpoint {
  readonly account: string;
  readonly epoch: number;
  readonly seq: number;
  readonly hash: string;
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
