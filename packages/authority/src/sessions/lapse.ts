import { appendJournal, type Tx } from '../store/index.js';
import { GRANT, sessionChanged } from './session.js';

/** Ends sessions whose last grant has run out, so that every page sees the seat free. The session keeps the seat until
 * somebody takes it: a beat that comes late goes on with it. Answers how many it ended. */
export async function lapseSessions(tx: Tx, account: string, limit: number, now: number): Promise<number> {
  await shortenGrants(tx, account, now);
  const lapsed = await tx.all<{ id: string; license_id: string }>(
    `SELECT s.id, s.license_id FROM technician_seats t JOIN sessions s ON s.account = t.account AND s.id = t.session_id
       WHERE t.account = ? AND t.busy_until <= ? AND s.ended_at IS NULL ORDER BY s.id LIMIT ?`,
    [account, now, limit],
  );
  for (const { id, license_id: license } of lapsed) await lapse(tx, { account, id, license }, now);
  return lapsed.length;
}

/** Ends a session whose last grant has run out, and tells every page. */
export async function lapse(
  tx: Tx,
  { account, id, license }: { readonly account: string; readonly id: string; readonly license: string },
  now: number,
): Promise<void> {
  const ended = await tx.run(
    `UPDATE sessions SET ended_at = lease_expires_at, end_reason = 'lapsed'
       WHERE account = ? AND id = ? AND ended_at IS NULL AND lease_expires_at <= ?`,
    [account, id, now],
  );
  if (ended === 0) return; // a beat came first
  appendJournal(tx, account, {
    type: 'session.lapsed',
    subject: { type: 'session', id },
    actor: 'system',
    details: { license },
    rows: [await sessionChanged(tx, account, id, now)],
  });
}

/** A grant that reaches further than any was given while the clock stood ahead. Its holder counts its length alone (design
 * section 4, IT Pro), so that it ends as one that is given now, and does not keep the license for as long. */
async function shortenGrants(tx: Tx, account: string, now: number): Promise<void> {
  const until = now + GRANT;
  const seats = await tx.all<{ session_id: string }>(
    `UPDATE technician_seats SET busy_until = ? WHERE account = ? AND busy_until > ?
       AND session_id IN (SELECT id FROM sessions WHERE account = ? AND voucher IS NULL) RETURNING session_id`,
    [until, account, until + GRANT, account],
  );
  for (const { session_id: id } of seats)
    await tx.run('UPDATE sessions SET lease_expires_at = ? WHERE account = ? AND id = ?', [until, account, id]);
}
