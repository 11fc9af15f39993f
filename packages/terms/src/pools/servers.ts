import { DAY, endOfDay, instant } from '../dates.js';
import type { Judge } from '../kinds.js';
import { allow, need, needs, refuse, warn, type Question } from '../question.js';
import type { PoolParams } from './kinds.js';
import { askedLicense, askedServer, carrierOf, inheritedDay, isOver, keyOn, lastContact, licenseOn } from './stock.js';

type PoolJudge<Kind extends keyof PoolParams> = Judge<PoolParams, Kind>;

/** LMP-4.5: the server goes on for a while with the license that was pooled under it (A-24: to the very instant). */
export const pooledGrace: PoolJudge<'pooled_grace'> = (question, row) => {
  const license = licenseOn(question, askedServer(question));
  if (license?.state !== 'pooled') return undefined;
  const { pooledAt } = license;
  if (pooledAt === null || pooledAt === undefined) return refuse(row, 'STOPPED_POOLED');
  const ends = instant(pooledAt) + question.policy.graceDays.pooled * DAY;
  if (question.clock.reached(ends)) return refuse(row, 'STOPPED_POOLED');
  return warn(row, ['POOLED_GRACE'], { value: { daysLeft: question.clock.daysLeft(ends) } });
};

/** LMP-4.1: a license that was never pooled runs its server by itself. */
export const poolableRuns: PoolJudge<'poolable_runs'> = (question, row) =>
  licenseOn(question, askedServer(question)) === undefined ? undefined : allow(row);

/** LMP-3.9: nothing that the license server knows is applied. */
export const nothingApplied: PoolJudge<'nothing_applied'> = (question, row) => {
  const server = askedServer(question);
  return keyOn(question, server) === undefined ? needs(row, [need(row.edition, `server:${server.id}`)]) : undefined;
};

/** LMP-4.16: on the server a key lives from its last check. */
export const leaseLapsed: PoolJudge<'lease_lapsed'> = (question, row) => {
  const key = keyOn(question, askedServer(question));
  if (key === undefined) return undefined;
  const contact = lastContact(question, key);
  const live = contact !== null && !question.clock.reached(contact + row.leaseDays * DAY);
  return live ? undefined : refuse(row, 'LEASE_EXPIRED');
};

/** LMP-4.9: nothing pooled carries the key any more. */
export const serverOfNothing: PoolJudge<'server_of_nothing'> = (question, row) =>
  runningDay(question) === null ? refuse(row, 'NO_POOLED_LICENSE') : undefined;

/** LMP-1.6 for a key that runs. */
export const serverPastMaintenance: PoolJudge<'server_past_maintenance'> = (question, row) => {
  const day = runningDay(question);
  return day !== null && isOver(question, day) ? refuse(row, 'MAINTENANCE_EXPIRED') : undefined;
};

/** LMP-4.14: offline it goes on inside its lease, which ends with the Free Upgrade Until day at the latest (rules 1.7). */
export const serverOffline: PoolJudge<'server_offline'> = (question, row) => {
  const server = askedServer(question);
  const key = keyOn(question, server);
  const contact = key === undefined ? null : lastContact(question, key);
  const day = runningDay(question);
  if (server.online !== false || contact === null || day === null) return undefined;
  const ends = Math.min(contact + row.leaseDays * DAY, endOfDay(day, question.timeZone));
  return warn(row, ['OFFLINE'], { value: { daysLeft: question.clock.daysLeft(ends) } });
};

/** LMP-1.6: it continues with valid maintenance. */
export const serverRuns: PoolJudge<'server_runs'> = (question, row) => {
  const day = runningDay(question);
  return day === null ? undefined : allow(row, { carriers: [carrierOf(question, day)] });
};

/** LMP-4.4, 4.3: a new installation is told so at once, an existing one as well; it may only go on with what it has. */
export const pooledApplied: PoolJudge<'pooled_applied'> = (question, row) => {
  const fresh = askedServer(question).freshInstall === true;
  const refused = askedLicense(question).state === 'pooled' && fresh === row.freshInstall;
  return refused ? refuse(row, 'POOLED_NOT_APPLICABLE') : undefined;
};

/** LMP-P1 for a license that is applied by itself: one license, one machine. */
export const licenseInUse: PoolJudge<'license_in_use'> = (question, row) => {
  const { appliedTo } = askedLicense(question);
  const elsewhere = appliedTo !== null && appliedTo !== undefined && appliedTo !== askedServer(question).id;
  return elsewhere ? refuse(row, 'KEY_IN_USE') : undefined;
};

/** The inherited date of the key that runs on the asked server. */
function runningDay(question: Question): string | null {
  const key = keyOn(question, askedServer(question));
  return key === undefined ? null : inheritedDay(question, key);
}
