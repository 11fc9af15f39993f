import type { Judge } from '../kinds.js';
import type { Day, PoolLicense } from '../model.js';
import { allow, refuse, warn, type Question } from '../question.js';
import { typeTotal } from './cals.js';
import type { PoolParams } from './kinds.js';
import { askedLicense, askedPool, earliestFreeUpgrade, isOver, poolLicenses } from './stock.js';

type PoolJudge<Kind extends keyof PoolParams> = Judge<PoolParams, Kind>;

/** LMP-4.6: what was pooled stays pooled. */
export const alreadyPooled: PoolJudge<'already_pooled'> = (question, row) =>
  askedLicense(question).state === 'pooled' ? refuse(row, 'IRREVERSIBLE') : undefined;

/** LMP-4.6: there is no way back, whatever the license. */
export const irreversible: PoolJudge<'irreversible'> = (question, row) => {
  askedLicense(question);
  return refuse(row, 'IRREVERSIBLE');
};

/** LMP-4.2: only purchased licenses are poolable. */
export const metered: PoolJudge<'metered'> = (question, row) =>
  askedLicense(question).purchase === 'metered' ? refuse(row, 'METERED_NOT_POOLABLE') : undefined;

/** LMP-1.5: its date would end all keys of the type, for good. */
export const conversionTooLate: PoolJudge<'conversion_too_late'> = (question, row) =>
  isOver(question, askedLicense(question).freeUpgradeUntil) ? refuse(row, 'MAINTENANCE_EXPIRED') : undefined;

/** LMP-3.1 */
export const unconfirmed: PoolJudge<'unconfirmed'> = (question, row) =>
  question.request['confirm'] === true ? undefined : refuse(row, 'CONFIRM_IRREVERSIBLE');

/** LMP-3.2: the server that runs on this license loses it; everything else that there is to tell stands beside it (1.8). */
export const conversionOfUsed: PoolJudge<'conversion_of_used'> = (question, row) => {
  const license = askedLicense(question);
  if (!isUsed(question, license)) return undefined;
  return warn(row, ['CREATE_POOL_KEY_WITHIN_14_DAYS', ...dateWarnings(question, license)]);
};

/** LMP-1.5b, D-2: every key of the type inherits the earliest date. */
export const conversionDated: PoolJudge<'conversion_dated'> = (question, row) => {
  const warnings = dateWarnings(question, askedLicense(question));
  return warnings.length === 0 ? undefined : warn(row, warnings);
};

/** LMP-4.11 */
export const typeMixed: PoolJudge<'type_mixed'> = (question, row) => {
  const license = askedLicense(question, 'fromLicense');
  return license.type === askedPool(question).type ? undefined : refuse(row, 'TYPE_MIXED');
};

/** LMP-1.2 */
export const typeTotals: PoolJudge<'type_totals'> = (question, row) => {
  const type = question.text('type') as PoolLicense['type'];
  return allow(row, { value: { cals: typeTotal(poolLicenses(question), type, row.kinds) } });
};

function isUsed(question: Question, license: PoolLicense): boolean {
  if (license.appliedTo !== null && license.appliedTo !== undefined) return true;
  return (question.facts.servers ?? []).some(
    ({ applied }) => applied?.id === license.id && applied.kind !== 'pool_key',
  );
}

function dateWarnings(question: Question, license: PoolLicense): string[] {
  const present = earliestFreeUpgrade(poolLicenses(question), license.type);
  const lowers = present !== null && license.freeUpgradeUntil < present;
  const earliest = present === null || lowers ? license.freeUpgradeUntil : present;
  return [...(lowers ? ['LOWERS_FREE_UPGRADE_UNTIL'] : []), ...(endsSoon(question, earliest) ? ['EXPIRES_SOON'] : [])];
}

/** D-2's window, in calendar days. */
function endsSoon(question: Question, day: Day): boolean {
  return question.clock.calendarDaysLeft(day, question.timeZone) <= Math.max(...question.policy.warnDays);
}
