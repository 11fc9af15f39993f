import type { Judge } from '../kinds.js';
import { allow, refuse, warn, type Question } from '../question.js';
import { pooled } from './cals.js';
import type { PoolParams } from './kinds.js';
import { askedLicense, carrierOf, earliestFreeUpgrade, isOver, poolLicenses } from './stock.js';

type PoolJudge<Kind extends keyof PoolParams> = Judge<PoolParams, Kind>;

/** LMP-1.7: one pooled license past its date closes the console for changes. */
export const consoleLocked: PoolJudge<'console_locked'> = (question, row) =>
  isLocked(question) ? refuse(row, 'PORTAL_LOCKED') : undefined;

/** LMP-1.7, A-20: who cannot sign in cannot repair, so that by default only the changes are closed. */
export const signInLocked: PoolJudge<'sign_in_locked'> = (question, row) => {
  if (!isLocked(question)) return undefined;
  const literal = question.policy.lmpLockout === 'literal';
  return literal ? refuse(row, 'PORTAL_LOCKED') : warn(row, ['READ_ONLY_UNTIL_RENEWED']);
};

/** LMP-1.7: open; the earliest date of any type is what will close it (D-2). */
export const signInOpen: PoolJudge<'sign_in_open'> = (question, row) => {
  const day = earliestFreeUpgrade(poolLicenses(question));
  return allow(row, day === null ? {} : { carriers: [carrierOf(question, day)] });
};

/** F-11: renewing moves a date forward only. */
export const renewalTooEarly: PoolJudge<'renewal_too_early'> = (question, row) =>
  question.text('until') > askedLicense(question).freeUpgradeUntil ? undefined : refuse(row, 'DATE_NOT_LATER');

/** F-11: always open, also in the locked state; tells what every key of the type now inherits. */
export const maintenanceRenewed: PoolJudge<'maintenance_renewed'> = (question, row) => {
  const license = askedLicense(question);
  const renewed = { ...license, freeUpgradeUntil: question.text('until') };
  const licenses = poolLicenses(question).map((one) => (one.id === license.id ? renewed : one));
  return allow(row, { value: { freeUpgradeUntil: earliestFreeUpgrade(licenses, license.type) } });
};

function isLocked(question: Question): boolean {
  return pooled(poolLicenses(question)).some((license) => isOver(question, license.freeUpgradeUntil));
}
