import { appendJournal, type Tx } from '../store/index.js';
import { sessionChanged, type SessionColumns } from './session.js';

/** Tells whoever holds the license to finish: nothing new starts there from its next beat on. His grant cannot be called
 * back, so the seat is free when that ends (design section 4, IT Pro). */
export async function takeOver(
  tx: Tx,
  live: SessionColumns,
  by: { readonly name: string; readonly jkt: string; readonly machine: string },
  now: number,
): Promise<void> {
  const taken = await tx.run(
    `UPDATE sessions SET ended_at = ?, end_reason = 'taken_over', taken_by = ?
       WHERE account = ? AND id = ? AND ended_at IS NULL`,
    [now, by.name, live.account, live.id],
  );
  if (taken === 0) return;
  appendJournal(tx, live.account, {
    type: 'session.taken_over',
    subject: { type: 'session', id: live.id },
    actor: `device:${by.jkt}`,
    details: { license: live.license_id, by: by.name, machine: by.machine },
    rows: [await sessionChanged(tx, live.account, live.id, now)],
  });
}
