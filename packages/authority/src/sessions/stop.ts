import { LeaseholdError } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { appendJournal } from '../store/index.js';
import { findSession, isLive, sessionChanged } from './session.js';

/** Ends a session for its holder. The holder's grant cannot be called back: the seat stays busy until it ends, and the
 * session is shown as finishing (design section 4, IT Pro). */
export const sessionStop: Change<{ readonly session: string }, null, { readonly id: string }> = {
  async judge(reader, { account }, { session: id }, now) {
    const session = await findSession(reader, account, id);
    if (session === undefined) throw new LeaseholdError('NOT_FOUND', 'There is no such session.', { path: 'session' });
    if (!isLive(session, now) || session.ended_at !== null) {
      throw new LeaseholdError('CONFLICT', 'The session has ended already.', { path: 'session' });
    }
    return { decision: BY_ROLE, plan: null };
  },
  async apply(tx, { account, actor }, { session: id }, _plan, now) {
    await tx.run("UPDATE sessions SET ended_at = ?, end_reason = 'stopped' WHERE account = ? AND id = ?", [
      now,
      account,
      id,
    ]);
    // A voucher that nobody fetched is nowhere: its seat is free at once.
    await tx.run(
      `UPDATE technician_seats SET session_id = NULL, busy_until = ? WHERE account = ? AND session_id IN
         (SELECT id FROM sessions WHERE account = ? AND id = ? AND voucher = 'waiting')`,
      [now, account, account, id],
    );
    await tx.run("UPDATE sessions SET lease_expires_at = ? WHERE account = ? AND id = ? AND voucher = 'waiting'", [
      now,
      account,
      id,
    ]);
    appendJournal(tx, account, {
      type: 'session.stopped',
      subject: { type: 'session', id },
      actor,
      details: {},
      rows: [await sessionChanged(tx, account, id, now)],
    });
    return { id };
  },
};
