import { LeaseholdError, type SessionClaims } from '@leasehold/protocol';
import { accountOf } from '../accounts/account.js';
import { refusal } from '../serving/refusal.js';
import { appendJournal, type Reader, type Tx } from '../store/index.js';
import { assertGoesOn } from './judge.js';
import { keepTechnicianSeat } from './seat.js';
import { findSession, grantOf, holderOf, sessionChanged, type SessionColumns } from './session.js';

export interface Holding {
  readonly account: string;
  readonly jkt: string;
  readonly session: string;
}

/** Renews the grant, as long as the seat is still this session's. A grant that has lapsed is renewed too if nobody took
 * the seat since: a network that was gone for ten minutes ends no recovery. A refusal ends the session with its grant, and a
 * license that is valid again lets it go on (D-12). */
export async function beatSession(tx: Tx, input: Holding, now: number): Promise<SessionClaims> {
  const session = await heldSession(tx, input);
  if (session.end_reason === 'taken_over') throw refusal(takenOver(session));
  if (session.end_reason === 'ended' || session.end_reason === 'stopped' || session.voucher !== null) {
    throw refusal({ decision: 'refuse', reason_rule: 'AIP-9.6', code: 'ITPRO_ENDED' });
  }
  const account = await accountOf(tx, input.account);
  await assertGoesOn(tx, account, session, now);
  const kept = await keepTechnicianSeat(tx, session, now);
  if (kept === undefined) throw refusal(await concurrent(tx, session));
  if (session.end_reason === 'lapsed') await journalReturn(tx, input, session, now);
  return grantOf(tx, account, kept);
}

/** Every page was told that it had lapsed. */
async function journalReturn(tx: Tx, { account, jkt }: Holding, session: SessionColumns, now: number): Promise<void> {
  appendJournal(tx, account, {
    type: 'session.resumed',
    subject: { type: 'session', id: session.id },
    actor: `device:${jkt}`,
    details: { license: session.license_id },
    rows: [await sessionChanged(tx, account, session.id, now)],
  });
}

/** The session, for the device that started it. */
export async function heldSession(reader: Reader, { account, jkt, session: id }: Holding): Promise<SessionColumns> {
  const session = await findSession(reader, account, id);
  if (session === undefined) throw new LeaseholdError('NOT_FOUND', 'There is no such session.', { path: 'session' });
  if (session.jkt === jkt) return session;
  throw new LeaseholdError('FORBIDDEN', 'The session belongs to another device.', { path: 'session' });
}

function takenOver({ taken_by: by }: SessionColumns): Parameters<typeof refusal>[0] {
  return { decision: 'refuse', reason_rule: 'AIP-9.6', code: 'ITPRO_TAKEN_OVER', value: { by } };
}

async function concurrent(reader: Reader, session: SessionColumns): Promise<Parameters<typeof refusal>[0]> {
  const seat = await reader.get<{ session_id: string | null }>(
    'SELECT session_id FROM technician_seats WHERE account = ? AND license_id = ?',
    [session.account, session.license_id],
  );
  const holder = seat?.session_id == null ? undefined : await findSession(reader, session.account, seat.session_id);
  return {
    decision: 'refuse',
    reason_rule: 'AIP-9.6',
    code: 'ITPRO_CONCURRENT',
    ...(holder === undefined ? {} : { value: { holder: holderOf(holder) } }),
  };
}
