import { timingSafeEqual } from 'node:crypto';
import { LeaseholdError } from '@leasehold/protocol';
import type { Decision } from '@leasehold/terms';
import { hostUnder } from '../hosts/under.js';
import { giveBackLicense } from '../instances/deactivate.js';
import type { Entitled } from '../instances/entitled.js';
import { findInstance, type InstanceRow } from '../instances/instance.js';
import type { SeatUnit } from '../licenses/machine-license.js';
import { reuseOf } from '../licenses/reuse.js';
import { RunAgain } from '../store/tx.js';
import type { Reader, Tx } from '../store/index.js';
import { findEnrollmentKey, statusOf, type EnrollmentKey } from './row.js';
import { anyIn, freeIn, placeIn, seatedIn, type Stocked } from './stock.js';

/** Licenses of one type that are tried for one machine; others may take them at the same time. */
const TRIED = 16;
/** All that a key can name: of several types, of which one may fit. */
const NAMED = 50;

type Entitle = (entry: Stocked, draft: InstanceRow) => Promise<Entitled>;

/** Gives a machine a seat of what the key draws from, decided like every activation. A machine that holds such a seat
 * already keeps it, which is no further use of the key, also once that has ended; only a revoked key does nothing. Where the
 * license itself has ended and another one of the key runs, it gets that in its place. Throws ENROLLMENT_ENDED. */
export async function enroll(tx: Tx, id: string, draft: InstanceRow, now: number, entitle: Entitle): Promise<Entitled> {
  const key = (await findEnrollmentKey(tx, draft.account, id))!;
  if (key.revoked_at !== null) throw ended(key, now);
  const ours = { ...draft, company_id: key.company_id ?? draft.company_id };
  const held = heldBy(draft);
  const place = held === undefined ? undefined : await placeIn(tx, key, held, now);
  const isOver = place === 'stands' && (await mayDraw(tx, key, draft.id, now));
  if (place !== undefined && !isOver) return withCompany(await entitle(held!, ours), ours);
  const drawn = isOver ? await drawInstead(tx, key, ours, now, entitle) : await draw(tx, key, ours, now, entitle);
  if (drawn === undefined) return withCompany(await entitle(held!, ours), ours);
  if (drawn.ok) await countUse(tx, key, draft.id, now);
  return withCompany(drawn, ours);
}

/** May this machine draw once more? It is no further use of the key where it drew before. */
async function mayDraw(reader: Reader, key: EnrollmentKey, instance: string, now: number): Promise<boolean> {
  const status = statusOf(key, now);
  return status === 'usable' || (status === 'used_up' && (await hasEnrolled(reader, key.account, key.id, instance)));
}

/** A license that runs in the place of the one that has ended, whose seat is given back: the lease on that cannot be called
 * back (design section 3, Release). Undefined where none is free. */
async function drawInstead(
  tx: Tx,
  key: EnrollmentKey,
  draft: InstanceRow,
  now: number,
  entitle: Entitle,
): Promise<Entitled | undefined> {
  const { drawn } = await tryFree(tx, key, draft, now, { entitle, endedToo: false });
  if (drawn === undefined) return undefined;
  const before = (await findInstance(tx, key.account, draft.id))!;
  const { reusableFrom } = await reuseOf(tx, key.account, before.lease_expires_at, now);
  const next = drawn.columns.entitlement_id!;
  // Before it is judged again: what covers it then is the new one.
  const given = await giveBackLicense(tx, before, next, reusableFrom, now);
  return { ...drawn, rows: async () => [...given, ...(await drawn.rows())] };
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
  const { drawn, refused, misfit } = await tryFree(tx, key, draft, now, { entitle, endedToo: true });
  if (drawn !== undefined) return drawn;
  if (refused !== undefined) return refused;
  if (misfit !== undefined) throw misfit;
  const any = await anyIn(tx, key);
  return any === undefined ? nothingThere(key, draft) : entitle(any, draft);
}

interface Tried {
  readonly drawn?: Extract<Entitled, { ok: true }>;
  /** Why the first that was refused is none for this machine. */
  readonly refused?: Entitled;
  readonly misfit?: LeaseholdError;
}

/** Tries what has a seat free, the one before all on which the machine, or its host, has its seat already (AIP-6.1). */
async function tryFree(
  tx: Tx,
  key: EnrollmentKey,
  draft: InstanceRow,
  now: number,
  { entitle, endedToo }: { readonly entitle: Entitle; readonly endedToo: boolean },
): Promise<Tried> {
  const tryable = (): Promise<Stocked[]> =>
    freeIn(tx, key, now, { limit: key.licenses === null ? TRIED : NAMED, endedToo });
  const free = await tryable();
  let refused: Entitled | undefined;
  let misfit: LeaseholdError | undefined;
  for (const entry of [...(await seatedIn(tx, key, unitsOf(draft), now)), ...free]) {
    const entitled = await entitle(entry, draft).catch(ofNoMachine);
    if (LeaseholdError.is(entitled)) misfit ??= entitled;
    else if (entitled.ok) return { drawn: entitled };
    else refused ??= entitled;
  }
  // Others were quicker with every one that was free when we looked.
  const isStale = async (): Promise<boolean> =>
    (await tryable()).some(({ target }, index) => free[index]?.target !== target);
  if (free.length > 0 && (await isStale())) throw new RunAgain();
  return { ...(refused && { refused }), ...(misfit && { misfit }) };
}

function unitsOf(draft: InstanceRow): SeatUnit[] {
  const host = hostUnder(draft);
  return [`machine:${draft.id}`, ...(host === undefined ? [] : [`host:${host}` as const])];
}

/** A license of a technician, or of a cluster group that this machine is not in: another may fit. */
function ofNoMachine(cause: unknown): LeaseholdError {
  if (LeaseholdError.is(cause) && cause.code === 'INPUT_INVALID') return cause;
  throw cause;
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
