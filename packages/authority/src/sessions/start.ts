import type { Message, SessionClaims } from '@leasehold/protocol';
import { isAllowed, type Decision } from '@leasehold/terms';
import { accountOf, type Account } from '../accounts/account.js';
import { assertProduct } from '../instances/activate.js';
import { findMachineLicense, type MachineLicenseRow } from '../licenses/machine-license.js';
import { findMedium } from '../media/rows.js';
import type { Reader, Tx } from '../store/index.js';
import { recordRefusals } from '../usage/refusals.js';
import { judgeWork, withCause } from './judge.js';
import { checkPin } from './pin.js';
import { keepTechnicianSeat, liveSession, openSession, takeTechnicianSeat } from './seat.js';
import { GRANT, grantOf, holderOf, type SessionColumns } from './session.js';
import { takeOver } from './take-over.js';

export interface SessionStart {
  readonly account: string;
  readonly keyHash: string;
  readonly jkt: string;
  readonly freshId: string;
  /** Hash of the PIN that was given. */
  readonly pinHash: string | null;
  readonly request: Omit<Message<'SessionStartRequest'>, 'licenseKey' | 'pin'>;
}

export type Started =
  | { readonly kind: 'granted'; readonly claims: SessionClaims }
  | { readonly kind: 'refused'; readonly decision: Decision }
  | { readonly kind: 'unknown_key' };

/** Starts an IT Pro session (AIP-9.4 to AIP-9.7). The license has one seat; whoever takes it raises its fence, and the
 * next is told who holds it. The same device asking again, because a reply was lost or the program was restarted, gets
 * its own session back, if the rules allow what it is to do now. */
export async function startSession(tx: Tx, input: SessionStart, now: number): Promise<Started> {
  const license = await itProLicense(tx, input);
  if (license === undefined) return { kind: 'unknown_key' };
  const account = await accountOf(tx, input.account);
  await assertProduct(tx, input.account, input.request.product);
  const live = await liveSession(tx, input.account, license.id, now);
  const decision = await judgeWork(tx, account, { ...input.request, license, live }, now);
  if (live !== undefined && isOwn(live, input) && isAllowed(decision)) return again(tx, input, account, live, now);
  const refused = await refusedBy(tx, input, decision, live, now);
  if (refused !== undefined) return refuse(tx, input, refused, { license, live }, now);
  const place = { account: input.account, license: license.id, session: input.freshId };
  const fence = await takeTechnicianSeat(tx, place, now + GRANT, now);
  if (fence === undefined) {
    const holder = await liveSession(tx, input.account, license.id, now);
    // Its own request, sent again to another node before this one was answered.
    if (holder !== undefined && isOwn(holder, input)) return again(tx, input, account, holder, now);
    const taken: Decision = { decision: 'refuse', reason_rule: 'AIP-9.6', code: 'ITPRO_CONCURRENT' };
    return refuse(tx, input, taken, { license, live: holder }, now);
  }
  const session = await openSession(tx, columnsOf(input, license.id, fence, now), `device:${input.jkt}`, now);
  return { kind: 'granted', claims: await grantOf(tx, account, session) };
}

/** Why nothing starts, or undefined: the rules, the technician's PIN, or a time of which nothing is known. Only who has
 * proved himself hears who holds the license, and may take it over. */
async function refusedBy(
  tx: Tx,
  input: SessionStart,
  decision: Decision,
  live: SessionColumns | undefined,
  now: number,
): Promise<Decision | undefined> {
  if (decision.code === 'ITPRO_NOT_HOLDER') return decision;
  const unproved = await unprovedBy(tx, input, now);
  if (unproved !== undefined) return unproved;
  if (!isAllowed(decision)) {
    if (decision.code === 'ITPRO_CONCURRENT' && live !== undefined) await askToFinish(tx, input, live, now);
    return decision;
  }
  const until = await unknownUntil(tx, input.account, now);
  if (until === undefined) return undefined;
  const value = { until: new Date(until).toISOString() };
  return { decision: 'refuse', reason_rule: 'AIP-9.6', code: 'ITPRO_CONCURRENT', value };
}

async function askToFinish(tx: Tx, { request, jkt }: SessionStart, live: SessionColumns, now: number): Promise<void> {
  if (request.takeOver !== true) return;
  const { technician, technicianName = technician, machine } = request;
  await takeOver(tx, live, { name: technicianName, machine, jkt }, now);
}

async function itProLicense(tx: Tx, { account, keyHash }: SessionStart): Promise<MachineLicenseRow | undefined> {
  const entry = await tx.get<{ target: string }>(
    "SELECT target FROM directory WHERE hash = ? AND account = ? AND kind = 'machine_license'",
    [keyHash, account],
  );
  const license = entry === undefined ? undefined : await findMachineLicense(tx, account, entry.target);
  const { catalogs } = await accountOf(tx, account);
  return license?.edition === catalogs.aip.editions?.technician ? license : undefined;
}

/** Why the technician is not believed, or undefined (AIP-9.7). */
async function unprovedBy(
  tx: Tx,
  { account, pinHash, request }: SessionStart,
  now: number,
): Promise<Decision | undefined> {
  const medium = await findMedium(tx, account, request.media);
  return checkPin(tx, account, medium, { technician: request.technician, pinHash }, now);
}

function columnsOf(input: SessionStart, license: string, fencing: number, now: number): SessionColumns {
  const { account, freshId: id, jkt, request } = input;
  return {
    account,
    id,
    license_id: license,
    technician: request.technician,
    technician_name: request.technicianName ?? null,
    media_id: request.media,
    machine_id: request.machine,
    fencing,
    started_at: now,
    lease_expires_at: now + GRANT,
    ended_at: null,
    end_reason: null,
    nonce: request.nonce,
    jkt,
    voucher: null,
    code_hash: null,
    taken_by: null,
    operation: request.operation,
    machine_os: request.machineOs,
  };
}

function isOwn(live: SessionColumns, { jkt, request }: SessionStart): boolean {
  const isHere = live.machine_id === request.machine && live.media_id === request.media;
  return live.ended_at === null && live.voucher === null && live.jkt === jkt && isHere;
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

/** Answers with the session that the device holds: the same grant where the reply was lost, else a new one, because a program
 * that was restarted counts from when it asks. A write, so that this answer too waits for a synchronous replica. */
async function again(
  tx: Tx,
  { request: { nonce, operation, machineOs } }: SessionStart,
  account: Account,
  live: SessionColumns,
  now: number,
): Promise<Started> {
  await tx.run('UPDATE sessions SET nonce = ?, operation = ?, machine_os = ? WHERE account = ? AND id = ?', [
    nonce,
    operation,
    machineOs,
    live.account,
    live.id,
  ]);
  const kept = nonce === live.nonce ? live : await keepTechnicianSeat(tx, live, now);
  return { kind: 'granted', claims: await grantOf(tx, account, kept ?? live) };
}

/** A refusal is kept with its cause and with who stood in the way. */
async function refuse(
  tx: Tx,
  { account, jkt, request }: SessionStart,
  found: Decision,
  { license, live }: { readonly license: MachineLicenseRow; readonly live: SessionColumns | undefined },
  now: number,
): Promise<Started> {
  const told = withCause(found, { license, live, media: request.media }, now);
  const isInTheWay = found.code === 'ITPRO_CONCURRENT' && live !== undefined;
  const decision = isInTheWay ? { ...told, value: { ...told.value, holder: holderOf(live) } } : told;
  const refused = { id: request.nonce, at: now, machine: request.machine, action: 'itpro.session.start', decision };
  await recordRefusals(tx, account, `device:${jkt}`, [refused], now);
  return { kind: 'refused', decision };
}
