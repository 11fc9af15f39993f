import type { Message, SessionClaims } from '@leasehold/protocol';
import { catalogs, decide, isAllowed, type Decision } from '@leasehold/terms';
import { accountOf, type Account } from '../accounts/account.js';
import { at } from '../facts.js';
import { assertProduct } from '../instances/activate.js';
import { findMachineLicense, licenseFact, type MachineLicenseRow } from '../licenses/machine-license.js';
import { findMedium } from '../media/rows.js';
import { appendJournal, FENCES_OF_EPOCH, journalHead, type Reader, type Tx } from '../store/index.js';
import { recordRefusals } from '../usage/refusals.js';
import {
  findSession,
  GRANT,
  grantOf,
  holderOf,
  isLive,
  sessionChanged,
  sessionFact,
  type SessionColumns,
} from './session.js';

export interface SessionStart {
  readonly account: string;
  readonly keyHash: string;
  readonly jkt: string;
  readonly freshId: string;
  readonly request: Omit<Message<'SessionStartRequest'>, 'licenseKey'>;
}

export type Started =
  | { readonly kind: 'granted'; readonly claims: SessionClaims }
  | { readonly kind: 'refused'; readonly decision: Decision }
  | { readonly kind: 'unknown_key' };

/** Starts an IT Pro session (AIP-9.4 to AIP-9.7). The license has one seat; whoever takes it raises its fence, and the
 * next is told who holds it. The same device asking again, because a reply was lost or the program was restarted, gets
 * its own session back. */
export async function startSession(tx: Tx, input: SessionStart, now: number): Promise<Started> {
  const license = await itProLicense(tx, input);
  if (license === undefined) return { kind: 'unknown_key' };
  const account = await accountOf(tx, input.account);
  await assertProduct(tx, input.account, input.request.product);
  const live = await liveSession(tx, input.account, license.id, now);
  if (live !== undefined && isOwn(live, input)) return again(tx, input, account, live);
  const decision = await judge(tx, account, license, live, input, now);
  if (!isAllowed(decision)) return refuse(tx, input, decision, live, now);
  const until = await unknownUntil(tx, input.account, now);
  if (until !== undefined) {
    const value = { until: new Date(until).toISOString() };
    return refuse(
      tx,
      input,
      { decision: 'refuse', reason_rule: 'AIP-9.6', code: 'ITPRO_CONCURRENT', value },
      live,
      now,
    );
  }
  const fence = await takeSeat(tx, input, license.id, now);
  if (fence === undefined) {
    const holder = await liveSession(tx, input.account, license.id, now);
    // Its own request, sent again to another node before this one was answered.
    if (holder !== undefined && isOwn(holder, input)) return again(tx, input, account, holder);
    return refuse(tx, input, { decision: 'refuse', reason_rule: 'AIP-9.6', code: 'ITPRO_CONCURRENT' }, holder, now);
  }
  const session = await open(tx, input, license.id, fence, now);
  return { kind: 'granted', claims: await grantOf(tx, account, session) };
}

async function itProLicense(tx: Tx, { account, keyHash }: SessionStart): Promise<MachineLicenseRow | undefined> {
  const entry = await tx.get<{ target: string }>(
    "SELECT target FROM directory WHERE hash = ? AND account = ? AND kind = 'machine_license'",
    [keyHash, account],
  );
  const license = entry === undefined ? undefined : await findMachineLicense(tx, account, entry.target);
  return license?.edition === catalogs.aip.editions?.technician ? license : undefined;
}

async function liveSession(
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

function isOwn(live: SessionColumns, { jkt, request }: SessionStart): boolean {
  return (
    live.ended_at === null && live.jkt === jkt && live.machine_id === request.machine && live.media_id === request.media
  );
}

/** After a restore from a backup a session may run that the database does not know: until its last grant must have ended,
 * the seat counts as taken. Undefined: there is none such. */
async function unknownUntil(reader: Reader, account: string, now: number): Promise<number | undefined> {
  const restored = await reader.get<{ at: number }>(
    `SELECT at FROM journal WHERE account = ? AND subject = ? AND type = 'authority.restored' ORDER BY seq DESC LIMIT 1`,
    [account, account],
  );
  return restored === undefined || restored.at + GRANT <= now ? undefined : restored.at + GRANT;
}

/** Answers with the session that the device holds. A write, so that this answer too waits for a synchronous replica. */
async function again(tx: Tx, { request }: SessionStart, account: Account, live: SessionColumns): Promise<Started> {
  await tx.run('UPDATE sessions SET nonce = ? WHERE account = ? AND id = ?', [request.nonce, live.account, live.id]);
  return { kind: 'granted', claims: await grantOf(tx, account, live) };
}

async function judge(
  reader: Reader,
  account: Account,
  license: MachineLicenseRow,
  live: SessionColumns | undefined,
  { request }: SessionStart,
  now: number,
): Promise<Decision> {
  const { technician, media: mediaId, machine, machineOs, operation } = request;
  const medium = await findMedium(reader, account.account, mediaId);
  const stamp = medium === undefined ? 'missing' : medium.valid_until > now ? 'valid' : 'expired';
  const bound = license.bound_id === null ? null : ({ type: 'technician', id: license.bound_id } as const);
  const facts = at(
    {
      profile: 'aip',
      machines: [{ id: machine, kind: 'physical', os: machineOs }],
      licenses: [{ ...licenseFact(license, bound), id: license.id }],
      media: [{ id: mediaId, base: medium?.base ?? 'linux', stamp }],
      sessions: live === undefined ? [] : [sessionFact(live, now)],
      policy: account.policy,
      account: { timeZone: account.timeZone },
    },
    now,
  );
  const action = 'itpro.session.start';
  return decide(facts, { action, license: license.id, technician, media: mediaId, machine, operation });
}

/** A refusal is kept with who stood in the way. */
async function refuse(
  tx: Tx,
  { account, jkt, request }: SessionStart,
  found: Decision,
  live: SessionColumns | undefined,
  now: number,
): Promise<Started> {
  const inTheWay = found.code === 'ITPRO_CONCURRENT' && live !== undefined;
  const decision = inTheWay ? { ...found, value: { ...found.value, holder: holderOf(live) } } : found;
  const refused = { id: request.nonce, at: now, machine: request.machine, action: 'itpro.session.start', decision };
  await recordRefusals(tx, account, `device:${jkt}`, [refused], now);
  return { kind: 'refused', decision };
}

/** Answers the new fence, or undefined when another session took the seat in between. */
async function takeSeat(tx: Tx, input: SessionStart, license: string, now: number): Promise<number | undefined> {
  const { account, freshId } = input;
  const { epoch } = await journalHead(tx, account);
  await tx.run(
    `INSERT INTO technician_seats (account, license_id, session_id, fencing, busy_until) VALUES (?, ?, NULL, ?, 0)
       ON CONFLICT (account, license_id) DO NOTHING`,
    [account, license, (epoch - 1) * FENCES_OF_EPOCH],
  );
  await tx.run(
    `UPDATE sessions SET ended_at = lease_expires_at, end_reason = 'lapsed'
       WHERE account = ? AND license_id = ? AND ended_at IS NULL AND lease_expires_at <= ?`,
    [account, license, now],
  );
  const seat = await tx.get<{ fencing: number }>(
    `UPDATE technician_seats SET session_id = ?, fencing = fencing + 1, busy_until = ?
       WHERE account = ? AND license_id = ? AND (session_id IS NULL OR busy_until <= ?) RETURNING fencing`,
    [freshId, now + GRANT, account, license, now],
  );
  return seat?.fencing;
}

async function open(tx: Tx, input: SessionStart, license: string, fence: number, now: number): Promise<SessionColumns> {
  const { account, freshId: id, jkt, request } = input;
  await tx.run(
    `INSERT INTO sessions (account, id, license_id, technician, technician_name, media_id, machine_id, fencing, started_at,
       lease_expires_at, nonce, jkt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      account,
      id,
      license,
      request.technician,
      request.technicianName ?? null,
      request.media,
      request.machine,
      fence,
      now,
      now + GRANT,
      request.nonce,
      jkt,
    ],
  );
  appendJournal(tx, account, {
    type: 'session.started',
    subject: { type: 'session', id },
    actor: `device:${jkt}`,
    details: { license, technician: request.technician, media: request.media, machine: request.machine },
    rows: [await sessionChanged(tx, account, id, now)],
  });
  return (await findSession(tx, account, id))!;
}
