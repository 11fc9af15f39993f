import { appendJournal, type Tx } from '../store/index.js';
import { licenseChanged } from './rows.js';
import { freeEnded } from './seats.js';

/** Frees seats that waited for the last lease on them to end, so that counts and lists are right without a claim. Answers
 * how many licenses it freed seats of. */
export async function freeSeats(tx: Tx, account: string, limit: number, now: number): Promise<number> {
  const waiting = await tx.all<{ license_id: string }>(
    `SELECT license_id FROM seats WHERE account = ? AND state = 'waiting' AND reusable_from <= ?
       ORDER BY reusable_from, license_id LIMIT ?`,
    [account, now, limit],
  );
  const licenses = [...new Set(waiting.map((seat) => seat.license_id))].sort();
  for (const license of licenses) {
    const freed = await freeEnded(tx, account, license, now);
    if (freed === 0) continue; // a claim came first
    appendJournal(tx, account, {
      type: 'license.seats_freed',
      subject: { type: 'license', id: license },
      actor: 'system',
      details: { seats: freed },
      rows: [await licenseChanged(tx, account, license, now)],
    });
  }
  return licenses.length;
}
