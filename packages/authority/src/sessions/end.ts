import { LeaseholdError } from '@leasehold/protocol';
import { appendJournal, type Tx } from '../store/index.js';
import { heldSession, type Holding } from './beat.js';
import { isFinishing, sessionChanged } from './session.js';

/** Ends a session for its own device: the seat is free at once. Ending twice is ending. */
export async function endSession(tx: Tx, input: Holding, now: number): Promise<{ readonly endedAt: number }> {
  const session = await heldSession(tx, input);
  if (session.voucher !== null) {
    throw new LeaseholdError('CONFLICT', 'A voucher cannot be given back: it runs until its end, wherever it lies.', {
      path: 'session',
    });
  }
  if (session.ended_at !== null && !isFinishing(session)) return { endedAt: session.ended_at };
  await tx.run("UPDATE sessions SET ended_at = ?, end_reason = 'ended' WHERE account = ? AND id = ?", [
    now,
    input.account,
    session.id,
  ]);
  await tx.run(
    'UPDATE technician_seats SET session_id = NULL, busy_until = ? WHERE account = ? AND license_id = ? AND session_id = ?',
    [now, input.account, session.license_id, session.id],
  );
  appendJournal(tx, input.account, {
    type: 'session.ended',
    subject: { type: 'session', id: session.id },
    actor: `device:${input.jkt}`,
    details: { license: session.license_id },
    rows: [await sessionChanged(tx, input.account, session.id, now)],
  });
  return { endedAt: now };
}
