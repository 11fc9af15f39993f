import { timingSafeEqual } from 'node:crypto';
import { LeaseholdError } from '@leasehold/protocol';
import type { Decision } from '@leasehold/terms';
import type { Entitled } from '../instances/entitled.js';
import type { InstanceRow } from '../instances/instance.js';
import { RunAgain } from '../store/tx.js';
import type { Reader, Tx } from '../store/index.js';
import { findEnrollmentKey, statusOf, type EnrollmentKey } from './row.js';
import { anyIn, freeIn, isIn, type Stocked } from './stock.js';

/** Licenses of one type that are tried for one machine; others may take them at the same time. */
const TRIED = 16;
/** All that a key can name: of several types, of which one may fit. */
const NAMED = 50;

type Entitle = (entry: Stocked, draft: InstanceRow) => Promise<Entitled>;

/** Gives a machine a seat of what the key draws from, decided like every activation. A machine that holds such a seat
 * already keeps it, which is no further use of the key, also once that has ended; only a revoked key does nothing. Throws
 * ENROLLMENT_ENDED. */
export async function enroll(tx: Tx, id: string, draft: InstanceRow, now: number, entitle: Entitle): Promise<Entitled> {
  const key = (await findEnrollmentKey(tx, draft.account, id))!;
  if (key.revoked_at !== null) throw ended(key, now);
  const ours = { ...draft, company_id: key.company_id ?? draft.company_id };
  const held = heldBy(draft);
  if (held !== undefined && (await isIn(tx, key, held))) return withCompany(await entitle(held, ours), ours);
  const drawn = await draw(tx, key, ours, now, entitle);
  if (drawn.ok) await countUse(tx, key, draft.id, now);
  return withCompany(drawn, ours);
}

/** Does the hash of what was shown belong to this key? Its entry in the directory was found by it; compared once more in
 * constant time, like an access token. */
export async function isEnrollmentKey(reader: Reader, account: string, id: string, hash: string): Promise<boolean> {
  const key = await findEnrollmentKey(reader, account, id);
  return key !== undefined && timingSafeEqual(Buffer.from(key.hash), Buffer.from(hash));
}

/** Did this machine enroll by this key before? */
export async function hasEnrolled(reader: Reader, account: string, key: string, instance: string): Promise<boolean> {
  const row = await reader.get('SELECT key_id FROM enrollments WHERE account = ? AND key_id = ? AND instance_id = ?', [
    account,
    key,
    instance,
  ]);
  return row !== undefined;
}

function heldBy({ state, entitlement_kind: kind, entitlement_id: target }: InstanceRow): Stocked | undefined {
  return state === 'active' && kind !== null && target !== null ? { kind, target } : undefined;
}

async function draw(tx: Tx, key: EnrollmentKey, draft: InstanceRow, now: number, entitle: Entitle): Promise<Entitled> {
  if (statusOf(key, now) === 'expired') throw ended(key, now);
  const free = await tryable(tx, key, now);
  let refused: Entitled | undefined;
  let misfit: LeaseholdError | undefined;
  for (const entry of free) {
    const entitled = await entitle(entry, draft).catch(ofNoMachine);
    if (LeaseholdError.is(entitled)) misfit ??= entitled;
    else if (entitled.ok) return entitled;
    else refused ??= entitled;
  }
  // Others were quicker with every one that was free when we looked.
  if (free.length > 0 && (await isStale(tx, key, free, now))) throw new RunAgain();
  if (refused !== undefined) return refused;
  if (misfit !== undefined) throw misfit;
  const any = await anyIn(tx, key);
  return any === undefined ? nothingThere(key, draft) : entitle(any, draft);
}

/** A license of a technician, or of a cluster group that this machine is not in: another may fit. */
function ofNoMachine(cause: unknown): LeaseholdError {
  if (LeaseholdError.is(cause) && cause.code === 'INPUT_INVALID') return cause;
  throw cause;
}

function tryable(tx: Tx, key: EnrollmentKey, now: number): Promise<Stocked[]> {
  return freeIn(tx, key, now, key.licenses === null ? TRIED : NAMED);
}

async function isStale(tx: Tx, key: EnrollmentKey, seen: readonly Stocked[], now: number): Promise<boolean> {
  const again = await tryable(tx, key, now);
  return again.some(({ target }, index) => seen[index]?.target !== target);
}

/** Each machine counts once; of two that want the last use at once, one gets it. */
async function countUse(tx: Tx, key: EnrollmentKey, instance: string, now: number): Promise<void> {
  const { account, id } = key;
  const added = await tx.run(
    `INSERT INTO enrollments (account, key_id, instance_id, enrolled_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (account, key_id, instance_id) DO NOTHING`,
    [account, id, instance, now],
  );
  const counted = await tx.run(
    `UPDATE enrollment_keys SET used = used + ?, last_used_at = ?
       WHERE account = ? AND id = ? AND revoked_at IS NULL AND used + ? <= max_uses`,
    [added, now, account, id, added],
  );
  if (counted === 0) throw ended((await findEnrollmentKey(tx, account, id))!, now);
}

function withCompany(entitled: Entitled, { company_id: own }: InstanceRow): Entitled {
  if (!entitled.ok) return entitled;
  return { ...entitled, columns: { ...entitled.columns, company_id: entitled.columns.company_id ?? own } };
}

/** No license of the range is there at all. */
function nothingThere({ profile, type }: EnrollmentKey, { id }: InstanceRow): Entitled {
  const rule = profile === 'msp' ? 'MSP-1' : 'AIP-0.1';
  const needs = [{ edition: type ?? 'server', term: 'any', count: 1, bindTo: `machine:${id}` }] as const;
  const decision: Decision = { decision: 'needs', reason_rule: rule, code: 'SEATS_EXHAUSTED', needs };
  return { ok: false, decision, code: 'SEATS_EXHAUSTED', reusableFrom: null };
}

const ENDS = {
  revoked: 'was revoked',
  expired: 'has ended',
  used_up: 'has been used by as many machines as it was made for',
} as const;

function ended(key: EnrollmentKey, now: number): LeaseholdError {
  const status = statusOf(key, now);
  const reason = status === 'usable' ? 'used_up' : status;
  return new LeaseholdError('ENROLLMENT_ENDED', `This enrollment key ${ENDS[reason]}.`, {
    path: 'licenseKey',
    reason,
    remedy: 'Ask the administrator of the account for another enrollment key. Machines that enrolled by it go on.',
  });
}
