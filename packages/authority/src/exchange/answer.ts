import type { ExchangeRequestClaims } from '@leasehold/protocol';
import type { Decision } from '@leasehold/terms';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { activate, refusedActivation, type Activation } from '../instances/activate.js';
import { checkIn, type CheckedIn, type CheckIn } from '../instances/check-in.js';
import { deactivate, type Deactivation } from '../instances/deactivate.js';
import { findInstance, updateInstance } from '../instances/instance.js';
import { headLease, type Issued } from '../instances/lease.js';
import { unknownLicenseKey } from '../serving/guess-limit.js';
import { refusal } from '../serving/refusal.js';
import { appendJournal, type Reader, type Tx } from '../store/index.js';
import { alreadyAnswered, answeredBefore, noteAnswer } from './answered.js';

const DAY = 86_400_000;

/** The request of a file as the command of the call that it stands in for. */
export type Carried =
  | { readonly call: 'activate'; readonly input: Activation }
  | { readonly call: 'checkIn'; readonly input: CheckIn }
  | { readonly call: 'deactivate'; readonly input: Deactivation };

export interface ExchangeInput {
  /** SHA-256 of the request's token. */
  readonly digest: string;
  readonly carried: Carried;
  readonly leaseDays: number;
}

export interface Exchanged {
  readonly id: string;
  readonly call: ExchangeRequestClaims['call'];
  /** Absent when a seat was given back. */
  readonly issued?: Issued;
  readonly verdict: CheckedIn['verdict'];
  readonly notices: readonly string[];
  readonly usageSeen: CheckedIn['usageSeen'];
}

interface Plan {
  /** The answer that it got before, which is given again and done no second time. */
  readonly before: Exchanged | null;
}

/** Answers a machine without a network: the call that its file carries, the note of the answer and the longer lease are one
 * transaction. A second file of the same request gets its answer again, as long as that stands; a new request continues the
 * same chain. */
export const exchange: Change<ExchangeInput, Plan, Exchanged> = {
  async judge(reader, { account }, { digest, carried }, now) {
    const before = await answeredBefore(reader, account, digest, now);
    if (before === 'too_late') throw alreadyAnswered();
    if (before === null && (await isForPoolKey(reader, account, carried))) throw refusal(POOL_KEY);
    return { decision: BY_ROLE, plan: { before } };
  },
  async apply(tx, { account, actor }, { digest, carried, leaseDays }, { before }, now) {
    if (before !== null) return before;
    const done = await carryOut(tx, carried, now);
    const { issued } = done;
    const answer =
      issued === undefined ? done : { ...done, issued: await prolong(tx, account, issued, now, leaseDays) };
    await noteAnswer(tx, account, digest, answer, now);
    appendJournal(tx, account, {
      type: 'exchange.answered',
      subject: { type: 'machine', id: done.id },
      actor,
      details: { call: carried.call, leaseDays },
      rows: [],
    });
    return answer;
  },
};

/** Pool keys are never applied or renewed by files (LMP-4.14). */
const POOL_KEY: Decision = { decision: 'refuse', reason_rule: 'LMP-4.14', code: 'ONLINE_REQUIRED' };

async function isForPoolKey(reader: Reader, account: string, carried: Carried): Promise<boolean> {
  if (carried.call === 'activate') {
    const key = await reader.get<{ kind: string }>('SELECT kind FROM directory WHERE hash = ? AND account = ?', [
      carried.input.keyHash,
      account,
    ]);
    return key?.kind === 'pool_key';
  }
  const row = await findInstance(reader, account, carried.input.request.instance);
  return row?.entitlement_kind === 'pool_key';
}

async function carryOut(tx: Tx, carried: Carried, now: number): Promise<Exchanged> {
  const { call } = carried;
  if (call === 'deactivate') {
    const { id } = await deactivate(tx, carried.input, now);
    return { id, call, verdict: 'same', notices: [], usageSeen: null };
  }
  if (call === 'checkIn') {
    const { issued, verdict, usageSeen } = await checkIn(tx, carried.input, now);
    return { id: issued.lease.sub, call, issued, verdict, notices: [], usageSeen };
  }
  const answer = await activate(tx, carried.input, now);
  if (answer.kind === 'unknown_key') throw unknownLicenseKey();
  if (answer.kind === 'refused') throw refusedActivation(answer);
  const { issued, verdict, notices } = answer;
  return { id: issued.lease.sub, call, issued, verdict, notices, usageSeen: null };
}

/** The lease as long as an exchange lasts, from this answer on. A machine that asks again for what was answered never got
 * it, perhaps for months; of that lease it would have what is left. */
async function prolong(tx: Tx, account: string, issued: Issued, now: number, leaseDays: number): Promise<Issued> {
  const row = await findInstance(tx, account, issued.lease.sub);
  if (row === undefined) return issued;
  const moved = await updateInstance(tx, row, { lease_issued_at: now, lease_expires_at: now + leaseDays * DAY });
  return headLease(tx, moved);
}
