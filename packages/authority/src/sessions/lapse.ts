import { appendJournal, type Tx } from '../store/index.js';
import { sessionChanged } from './session.js';

/** Ends sessions whose last grant has run out, so that every page sees the seat free. The session keeps the seat until
 * somebody takes it: a beat that comes late goes on with it. Answers how many it ended. */
export async function lapseSessions(tx: Tx, account: string, limit: number, now: number): Promise<number> {
  const lapsed = await tx.all<{ id: string; license_id: string }>(
    `SELECT s.id, s.license_id FROM technician_seats t JOIN sessions s ON s.account = t.account AND s.id = t.session_id
       WHERE t.account = ? AND t.busy_until <= ? AND s.ended_at IS NULL ORDER BY s.id LIMIT ?`,
    [account, now, limit],
  );
  for (const { id, license_id: license } of lapsed) {
    const ended = await tx.run(
      `UPDATE sessions SET ended_at = lease_expires_at, end_reason = 'lapsed'
         WHERE account = ? AND id = ? AND ended_at IS NULL AND lease_expires_at <= ?`,
      [account, id, now],
    );
    if (ended === 0) continue; // a beat came first
    appendJournal(tx, account, {
      type: 'session.lapsed',
      subject: { type: 'session', id },
      actor: 'system',
      details: { license },
      rows: [await sessionChanged(tx, account, id, now)],
    });
  }
  return lapsed.length;
}
