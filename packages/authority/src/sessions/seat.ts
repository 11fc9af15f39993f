import { appendJournal, FENCES_OF_EPOCH, journalHead, type Reader, type Tx } from '../store/index.js';
import { lapse } from './lapse.js';
import { findSession, GRANT, isLive, sessionChanged, type SessionColumns } from './session.js';

/** Takes the one seat of a technician's license until an instant. Answers the new fence, or undefined when another session
 * has it. */
export async function takeTechnicianSeat(
  tx: Tx,
  { account, license, session }: { readonly account: string; readonly license: string; readonly session: string },
  until: number,
  now: number,
): Promise<number | undefined> {
  const { epoch } = await journalHead(tx, account);
  await tx.run(
    `INSERT INTO technician_seats (account, license_id, session_id, fencing, busy_until) VALUES (?, ?, NULL, ?, 0)
       ON CONFLICT (account, license_id) DO NOTHING`,
    [account, license, (epoch - 1) * FENCES_OF_EPOCH],
  );
  const over = await tx.all<{ id: string }>(
    'SELECT id FROM sessions WHERE account = ? AND license_id = ? AND ended_at IS NULL AND lease_expires_at <= ? ORDER BY id',
    [account, license, now],
  );
  for (const { id } of over) await lapse(tx, { account, id, license }, now);
  const seat = await tx.get<{ fencing: number }>(
    `UPDATE technician_seats SET session_id = ?, fencing = fencing + 1, busy_until = ?
       WHERE account = ? AND license_id = ? AND (session_id IS NULL OR busy_until <= ?) RETURNING fencing`,
    [session, until, account, license, now],
  );
  return seat?.fencing;
}

/** Renews the grant of a session, as long as the seat is still its own: the session as it is then, or undefined. */
export async function keepTechnicianSeat(
  tx: Tx,
  { account, id, license_id: license }: SessionColumns,
  now: number,
): Promise<SessionColumns | undefined> {
  const seat = await tx.get<{ fencing: number }>(
    `UPDATE technician_seats SET fencing = fencing + 1, busy_until = ?
       WHERE account = ? AND license_id = ? AND session_id = ? RETURNING fencing`,
    [now + GRANT, account, license, id],
  );
  if (seat === undefined) return undefined;
  await tx.run(
    `UPDATE sessions SET fencing = ?, lease_expires_at = ?, ended_at = NULL, end_reason = NULL
       WHERE account = ? AND id = ?`,
    [seat.fencing, now + GRANT, account, id],
  );
  return findSession(tx, account, id);
}

/** The session whose grant still runs on a license. */
export async function liveSession(
  reader: Reader,
  account: string,
  license: string,
  now: number,
): Promise<SessionColumns | undefined> {
  const seat = await reader.get<{ session_id: string | null }>(
    'SELECT session_id FROM technician_seats WHERE account = ? AND license_id = ?',
    [account, license],
  );
  const session = seat?.session_id == null ? undefined : await findSession(reader, account, seat.session_id);
  return session !== undefined && isLive(session, now) ? session : undefined;
}

/** Writes a session down that has taken the seat, and journals it. */
export async function openSession(
  tx: Tx,
  session: SessionColumns,
  actor: string,
  now: number,
): Promise<SessionColumns> {
  const names = Object.keys(session);
  await tx.run(
    `INSERT INTO sessions (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    Object.values<string | number | null>({ ...session }),
  );
  const { account, id, license_id: license, technician, media_id: media, machine_id: machine } = session;
  appendJournal(tx, account, {
    type: 'session.started',
    subject: { type: 'session', id },
    actor,
    details: { license, technician, media, machine, voucher: session.voucher !== null },
    rows: [await sessionChanged(tx, account, id, now)],
  });
  return session;
}
