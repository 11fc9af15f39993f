import type { Message, SessionClaims } from '@leasehold/protocol';
import type { ItProSession } from '@leasehold/terms';
import type { Account } from '../accounts/account.js';
import { journalHead, type ChangedRow, type Reader } from '../store/index.js';

/** A technician's session: columns of `sessions`. */
export interface SessionColumns {
  readonly account: string;
  readonly id: string;
  readonly license_id: string;
  readonly technician: string;
  readonly technician_name: string | null;
  readonly media_id: string;
  readonly machine_id: string;
  readonly fencing: number;
  readonly started_at: number;
  /** The end of the last grant, ms. */
  readonly lease_expires_at: number;
  readonly ended_at: number | null;
  readonly end_reason: 'ended' | 'stopped' | 'taken_over' | 'lapsed' | null;
  readonly nonce: string;
  readonly jkt: string;
  /** Checked out for work without a network: its code waits, or was fetched. */
  readonly voucher: 'waiting' | 'fetched' | null;
  readonly code_hash: string | null;
  /** Who took it over. */
  readonly taken_by: string | null;
  /** What it was started for, and on which system; null: before this was kept. */
  readonly operation: Message<'SessionStartRequest'>['operation'] | null;
  readonly machine_os: Message<'SessionStartRequest'>['machineOs'] | null;
}

/** A grant keeps the seat for 5 minutes, ms: a stick that was pulled out frees it soon. */
export const GRANT = 300_000;
/** Its holder may use all of it but this, ms: the node that gives the seat to the next may have a clock that is ahead. */
const APART = 60_000;

export async function findSession(reader: Reader, account: string, id: string): Promise<SessionColumns | undefined> {
  return reader.get<SessionColumns>('SELECT * FROM sessions WHERE account = ? AND id = ?', [account, id]);
}

/** Does a grant of it still run? Whoever stopped a session cannot call its grant back: until that ends it is finishing. */
export function isLive(session: SessionColumns, now: number): boolean {
  return session.lease_expires_at > now && (session.ended_at === null || isFinishing(session));
}

/** Told to end, by an admin or by the next technician, while its grant runs on. */
export function isFinishing({ end_reason: reason }: SessionColumns): boolean {
  return reason === 'stopped' || reason === 'taken_over';
}

export function statusOf(session: SessionColumns, now: number): Message<'SessionRow'>['status'] {
  if (isFinishing(session) && session.lease_expires_at > now) return 'finishing';
  if (session.ended_at !== null) return session.end_reason === 'lapsed' ? 'lapsed' : 'ended';
  return session.lease_expires_at > now ? 'live' : 'lapsed';
}

export function sessionRow(session: SessionColumns, now: number): Message<'SessionRow'> {
  return {
    id: session.id,
    license: session.license_id,
    technician: session.technician,
    technicianName: session.technician_name,
    media: session.media_id,
    machine: session.machine_id,
    startedAt: iso(session.started_at),
    until: iso(session.lease_expires_at),
    endedAt: session.ended_at === null ? null : iso(session.ended_at),
    status: statusOf(session, now),
    voucher: session.voucher,
    takenBy: session.taken_by,
  };
}

export async function sessionChanged(reader: Reader, account: string, id: string, now: number): Promise<ChangedRow> {
  const row = await findSession(reader, account, id);
  return { table: 'session', id, row: row === undefined ? null : sessionRow(row, now) };
}

/** Who stands in the way: told to the next who asks. */
export function holderOf(session: SessionColumns): Message<'SessionHolder'> {
  return {
    session: session.id,
    technician: session.technician,
    technicianName: session.technician_name,
    media: session.media_id,
    machine: session.machine_id,
    startedAt: iso(session.started_at),
    until: iso(session.lease_expires_at),
  };
}

export function sessionFact(session: SessionColumns, now: number): ItProSession {
  return {
    id: session.id,
    license: session.license_id,
    technician: session.technician,
    media: session.media_id,
    machine: session.machine_id,
    startedAt: iso(session.started_at),
    endedAt: isLive(session, now) ? null : iso(session.ended_at ?? session.lease_expires_at),
    leaseExpiresAt: iso(session.lease_expires_at),
  };
}

/** What every token of a session says, a grant and a voucher alike: whose it is, for what, and until when. */
export async function sessionClaims(
  reader: Reader,
  account: Account,
  session: SessionColumns,
): Promise<Omit<SessionClaims, 'startedAt' | 'iat'>> {
  const { epoch } = await journalHead(reader, account.account);
  return {
    iss: account.account,
    product: account.product,
    epoch,
    session: session.id,
    license: session.license_id,
    technician: session.technician,
    media: session.media_id,
    machine: session.machine_id,
    fence: session.fencing,
    exp: Math.floor(session.lease_expires_at / 1000),
  };
}

/** What the holder's grant says. Its `iat` is the instant of the last renewal, so that a repeated request is answered with
 * the same token. */
export async function grantOf(reader: Reader, account: Account, session: SessionColumns): Promise<SessionClaims> {
  return {
    ...(await sessionClaims(reader, account, session)),
    exp: Math.floor((session.lease_expires_at - APART) / 1000),
    startedAt: Math.floor(session.started_at / 1000),
    iat: Math.floor((session.lease_expires_at - GRANT) / 1000),
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
