import type { Judges } from '../kinds.js';
import { allow, refuse, warn, type Question } from '../question.js';
import { pooled } from './cals.js';
import { askedLicense, carrierOf, earliestFreeUpgrade, isOver, poolLicenses } from './stock.js';

interface Code {
  readonly code: string;
}

/** The console of the pools, closed for changes while one pooled license is past its date (LMP-1.7). */
export interface PortalParams {
  'portal.locked': Code;
  /** Who cannot sign in cannot repair: by default only the changes are closed. */
  'portal.sign-in-locked': Code & { readonly warning: string };
  /** The earliest date of any type is what will close it (D-2). */
  'portal.sign-in': object;
  /** Renewing moves a date forward only (F-11). */
  'maintenance.not-later': Code;
  /** Always open, also in the locked state; tells what every key of the type now inherits (F-11). */
  'maintenance.renewed': object;
}

export const portalKinds: Judges<PortalParams> = {
  'portal.locked': (question, row) => (isLocked(question) ? refuse(row, row.code) : undefined),
  'portal.sign-in-locked': (question, row) => {
    if (!isLocked(question)) return undefined;
    return question.policy.lmpLockout === 'literal' ? refuse(row, row.code) : warn(row, [row.warning]);
  },
  'portal.sign-in': (question, row) => {
    const day = earliestFreeUpgrade(poolLicenses(question));
    return allow(row, day === null ? {} : { carriers: [carrierOf(question, day)] });
  },
  'maintenance.not-later': (question, row) =>
    question.text('until') > askedLicense(question).freeUpgradeUntil ? undefined : refuse(row, row.code),
  'maintenance.renewed': (question, row) => {
    const license = askedLicense(question);
    const renewed = { ...license, freeUpgradeUntil: question.text('until') };
    const licenses = poolLicenses(question).map((one) => (one.id === license.id ? renewed : one));
    return allow(row, { value: { freeUpgradeUntil: earliestFreeUpgrade(licenses, license.type) } });
  },
};

function isLocked(question: Question): boolean {
  return pooled(poolLicenses(question)).some((license) => isOver(question, license.freeUpgradeUntil));
}
