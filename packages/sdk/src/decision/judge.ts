import { TermsError, isAllowed, readRequest } from '@leasehold/terms';
import type { Decision, Handle, Request } from '@leasehold/terms';
import { decide } from '@leasehold/terms/engine';
import type { SubLeaseClaims } from '@leasehold/protocol';
import { factsAt, iso, resolveSelf } from './facts.js';
import type { Moment, Rights } from './facts.js';
import type { Denial } from '../lease/license-document.js';

/** All that an answer rests on. Replaced whole when something changes, never edited. */
export interface Standing {
  /** Absent: nothing is held that could be verified. */
  readonly rights?: Rights;
  readonly denial?: Denial;
  /** Since when the hardware is not the one the lease names; epoch milliseconds. */
  readonly machineChangedAt?: number;
  /** Until when an installation that was never activated backs up all the same; epoch milliseconds. */
  readonly firstRunUntil?: number;
  /** Code of what took the rights away, or of why there are none yet. */
  readonly missing: string;
}

/** What no shortage, lapse, damage or denial ever closes: D-1 restores, D-7 the way out, D-8 a job that runs. */
const ALWAYS_OPEN = new Set(['restore', 'license.install', 'license.renew', 'job.continue']);
/** Questions: they start nothing, and the rules themselves say what a lapsed lease means to them. */
const QUESTIONS = new Set(['coverage.check', 'server.status', 'fingerprint.match', 'instance.stale_check']);
const SHORTAGE_GRACE_DAYS = 14;
const OVER_QUOTA = 'OVER_QUOTA';
const DAY = 86_400_000;

/** One answer, from memory alone. Never throws: whatever breaks in here, a restore is open, and a backup goes on while
 * the last lease lives (D-13) and not a moment longer. */
export function judge(standing: Standing, request: Request, moment: Moment): Decision {
  try {
    const action: unknown = request.action;
    if (action === 'restore') return judgeRestore(standing, request, moment);
    const { rights, denial } = standing;
    const open = ALWAYS_OPEN.has(String(action));
    if (rights === undefined)
      return open
        ? { decision: 'allow', reason_rule: openRule(String(action)) }
        : nothingHeld(standing, request, moment);
    const bridge = bridgeOver(standing, moment);
    if (denial !== undefined && bridge === undefined && !open) return denial.decision;
    const decision = judgeByRules(rights, request, moment);
    if (open || !isAllowed(decision) || startsNothing(request)) return decision;
    return isLapsed(rights, moment) ? LAPSED : bridged(onThisMachine(standing, decision, moment), bridge);
  } catch (defect) {
    return failSafe(standing, moment, defect);
  }
}

/** D-1 as the last word: whatever the rules or the damage say, this is allowed. */
function judgeRestore({ rights, denial }: Standing, request: Request, moment: Moment): Decision {
  const open: Decision = { decision: 'warn', reason_rule: 'D-1', warnings: ['RESTORE_ONLY'] };
  if (rights === undefined || denial !== undefined) return open;
  try {
    const decision = judgeByRules(rights, request, moment);
    return isAllowed(decision) ? decision : open;
  } catch {
    return open;
  }
}

/** By the compiled table; with a clock that lies behind, by the facts of that moment (D-6). */
function judgeByRules(rights: Rights, request: Request, moment: Moment): Decision {
  try {
    if (moment.behind === undefined) return handleOf(rights, request).decide(moment.now);
    return decide(
      factsAt(rights, moment),
      readRequest(rights.facts, resolveSelf(request, rights.self)),
      rights.rulebook,
    );
  } catch (error) {
    if (!(error instanceof TermsError) || !error.path.startsWith('when')) throw error;
    return noQuestion(error);
  }
}

/** The question itself is wrong, or about something no license names: that is no defect to be bridged. */
export function noQuestion({ code, path, message }: TermsError): Decision {
  return { decision: 'refuse', reason_rule: 'D-11', code, value: { path, message } };
}

/** A server asks the same about thousands of guests, day after day; more than this many starts over. */
const MAX_HANDLES = 20_000;

function handleOf({ table, handles, self }: Rights, request: Request): Handle {
  const text = textOf(request);
  let handle = handles.get(text);
  if (handle === undefined) {
    handle = table.bind(readRequest(table.state.ledger, resolveSelf(request, self)));
    if (handles.size >= MAX_HANDLES) handles.clear();
    handles.set(text, handle);
  }
  return handle;
}

/** A value that is no JSON (a circle, a bigint) is a mistake of the caller and no defect of ours. */
function textOf(request: Request): string {
  try {
    return JSON.stringify(request);
  } catch (cause) {
    throw new TermsError('INPUT_INVALID', 'when', `is no JSON: ${String(cause)}`);
  }
}

/** Offline the machine is compared with the one the lease names: another one keeps going for the shortage grace (F-4). */
function onThisMachine({ machineChangedAt, rights }: Standing, decision: Decision, moment: Moment): Decision {
  if (machineChangedAt === undefined) return decision;
  const until = machineChangedAt + shortageGrace(rights);
  if (moment.now >= until) return { decision: 'refuse', reason_rule: 'D-9', code: 'MACHINE_CHANGED' };
  const daysLeft = Math.ceil((until - moment.now) / DAY);
  return {
    ...decision,
    decision: 'warn',
    reason_rule: 'D-9',
    also: ['F-4'],
    warnings: ['MACHINE_CHANGED'],
    value: { daysLeft },
    until: iso(until),
  };
}

/** A client of a relay whose number lies beyond a Key Quota that was lowered (LMP-3.10): it was covered until then, so that it
 * goes on with the sub-lease it holds for the shortage grace (F-4). Undefined: no such denial, or the grace is over. */
export function bridgeOver({ denial, rights }: Standing, { now }: Moment): Decision | undefined {
  if (denial?.decision.code !== OVER_QUOTA || rights === undefined || !('slot' in rights.lease)) return undefined;
  const until = Math.min(denial.at + shortageGrace(rights), rights.endsAt);
  if (now >= until) return undefined;
  const { slot } = rights.lease as SubLeaseClaims;
  return {
    decision: 'warn',
    reason_rule: 'F-4',
    also: [denial.decision.reason_rule],
    warnings: ['SHORTAGE_GRACE'],
    needs: [{ edition: slot.kind, term: 'any', count: 1, bindTo: `server:${rights.self.id}` }],
    value: { daysLeft: Math.ceil((until - now) / DAY) },
    until: iso(until),
  };
}

function bridged(decision: Decision, bridge: Decision | undefined): Decision {
  return isAllowed(decision) && bridge !== undefined ? bridge : decision;
}

function shortageGrace(rights: Rights | undefined): number {
  return (rights?.facts.policy?.shortageGraceDays ?? SHORTAGE_GRACE_DAYS) * DAY;
}

/** A question, or a recovery from a boot medium, which has its own doubts (F-10) and is no backup. */
function startsNothing({ action, purpose }: Request): boolean {
  return QUESTIONS.has(action) || (action === 'be_media.use' && purpose !== 'cold_backup');
}

/** D-5 stands before the rules of every profile: what they allow still needs a lease that lives. */
const LAPSED: Decision = { decision: 'refuse', reason_rule: 'D-5', code: 'LEASE_EXPIRED' };

function isLapsed({ endsAt }: Rights, { now }: Moment): boolean {
  return now >= endsAt;
}

/** Backups alone ride on the grace of a first run. */
function nothingHeld({ missing, firstRunUntil = 0 }: Standing, { action }: Request, { now }: Moment): Decision {
  if (action === 'backup' && now < firstRunUntil) {
    const daysLeft = Math.ceil((firstRunUntil - now) / DAY);
    return {
      decision: 'warn',
      reason_rule: 'D-5',
      warnings: ['FIRST_RUN'],
      value: { daysLeft },
      until: iso(firstRunUntil),
    };
  }
  return { decision: 'refuse', reason_rule: 'D-5', code: missing };
}

/** A defect of ours is no lapse of the customer: inside the last lease it is a warning. */
function failSafe({ rights, denial }: Standing, moment: Moment, defect: unknown): Decision {
  const alive = rights !== undefined && denial === undefined && !isLapsed(rights, moment);
  const value = { defect: defect instanceof Error ? defect.message : String(defect) };
  if (alive) return { decision: 'warn', reason_rule: 'D-13', warnings: ['SDK_ERROR'], value };
  return { decision: 'refuse', reason_rule: 'D-13', code: 'SDK_ERROR', value };
}

function openRule(action: string): string {
  return action === 'job.continue' ? 'D-8' : 'D-7';
}
