import { DAY, instant } from '../dates.js';
import type { Judge } from '../kinds.js';
import type { PoolKey } from '../model.js';
import { allow, refuse, warn, type Question } from '../question.js';
import type { PoolParams } from './kinds.js';
import { askedKey, askedServer, inheritedDay, isOver, lastContact } from './stock.js';

type PoolJudge<Kind extends keyof PoolParams> = Judge<PoolParams, Kind>;

/** LMP-4.14: a key is applied and renewed against the license server only, never by a file. */
export const applyOffline: PoolJudge<'apply_offline'> = (question, row) =>
  askedServer(question).online === false ? refuse(row, 'ONLINE_REQUIRED') : undefined;

/** LMP-4.8; a version that cannot be read is not the one that is needed. */
export const serverTooOld: PoolJudge<'server_too_old'> = (question, row) => {
  const major = Number(/^v?(\d+)/i.exec(askedServer(question).version)?.[1] ?? Number.NaN);
  return major >= row.lowestVersion ? undefined : refuse(row, 'SERVER_TOO_OLD');
};

/** LMP-P1: one key, one machine; applying it again to the same one changes nothing. */
export const keyInUse: PoolJudge<'key_in_use'> = (question, row) => {
  const key = askedKey(question);
  const elsewhere = key.status === 'in_use' && key.serverId !== askedServer(question).id;
  return elsewhere ? refuse(row, 'KEY_IN_USE') : undefined;
};

/** LMP-3.9 */
export const keyApplied: PoolJudge<'key_applied'> = (question, row) => {
  const expiryDate = question.clock.dayAhead(row.expiryDays, question.timeZone);
  return allow(row, { value: { status: 'in_use', expiryDate } });
};

/** LMP-4.16, 4.17: the date shown is always so many days from today, whenever the server last checked in. */
export const keyShown: PoolJudge<'key_shown'> = (question, row) => {
  const key = askedKey(question);
  const value = {
    status: key.status,
    expiryDate: question.clock.dayAhead(row.expiryDays, question.timeZone),
    freeUpgradeUntil: inheritedDay(question, key),
  };
  return allow(row, { value });
};

/** LMP-1.6 for a key that is to be applied. */
export const keyPastMaintenance: PoolJudge<'key_past_maintenance'> = (question, row) => {
  const day = inheritedDay(question, askedKey(question));
  return day !== null && isOver(question, day) ? refuse(row, 'MAINTENANCE_EXPIRED') : undefined;
};

/** LMP-4.9: nothing pooled carries this key. */
export const keyOfNothing: PoolJudge<'key_of_nothing'> = (question, row) =>
  inheritedDay(question, askedKey(question)) === null ? refuse(row, 'NO_POOLED_LICENSE') : undefined;

/** LMP-4.13: a key in use that is younger than this. */
export const keyTooYoung: PoolJudge<'key_too_young'> = (question, row) => {
  const key = askedKey(question);
  if (key.status === 'not_in_use') return undefined;
  return question.clock.reached(instant(key.createdAt) + row.days * DAY)
    ? undefined
    : refuse(row, 'KEY_IN_USE_14_DAYS');
};

/** LMP-4.13, A-25: while its server may still run on it, its CALs could be spent twice. */
export const keyLeaseLive: PoolJudge<'key_lease_live'> = (question, row) => {
  const key = askedKey(question);
  return isLeaseLive(question, key, row.leaseDays) ? refuse(row, 'KEY_LEASE_LIVE') : undefined;
};

/** LMP-4.13: only the server itself gives a key back at once; taken back from elsewhere it may still run there. */
export const keyTakenBack: PoolJudge<'key_taken_back'> = (question, row) => {
  const by = question.request['by'] ?? 'server';
  return by !== 'server' && isLeaseLive(question, askedKey(question), row.leaseDays)
    ? refuse(row, 'KEY_LEASE_LIVE')
    : undefined;
};

/** LMP-4.13 */
export const keyDeactivated: PoolJudge<'key_deactivated'> = (question, row) => {
  askedKey(question);
  return allow(row, { value: { status: 'not_in_use' } });
};

/** F-12: its server runs on until the lease ends, then the key can be deleted. */
export const leaseRunsOut: PoolJudge<'lease_runs_out'> = (question, row) => {
  const key = askedKey(question);
  if (key.status === 'not_in_use') return undefined;
  const endsAt = new Date(leaseEnd(question, key, row.leaseDays)).toISOString();
  return warn(row, ['LEASE_ENDS'], { value: { endsAt } });
};

function isLeaseLive(question: Question, key: PoolKey, leaseDays: number): boolean {
  return key.status === 'in_use' && !question.clock.reached(leaseEnd(question, key, leaseDays));
}

/** Counted from the last contact (rules 1.8); a key in use that was never in touch counts from its creation. */
function leaseEnd(question: Question, key: PoolKey, leaseDays: number): number {
  return (lastContact(question, key) ?? instant(key.createdAt)) + leaseDays * DAY;
}
