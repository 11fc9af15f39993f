import type { ByAction, PolicyDefaults, Rule, TemperRule } from '../catalog.js';

/** Rows and switches that the built-in catalogs share: the defaults D-*, and the field rules that grade an answer. */

/** Units: days, but `fingerprintThreshold` (0 to 1). Each is a pick that a vendor or an operator may change (rules 1.6). */
export const policy: PolicyDefaults = {
  graceDays: { subscription: 30, trial: 0, perpetual: 0, rental: 0, pooled: 14 },
  subscriptionTargetHost: 'as_6_1',
  allowGlobalFallback: true,
  lmpLockout: 'read_only',
  fingerprintThreshold: 0.6,
  staleDays: 31,
  warnDays: [30, 14, 7, 3, 1, 0],
  shortageGraceDays: 14,
  parallelDays: 0,
  releaseReuse: 'after_lease',
};

/** The lease gate: before any rule of the profile. */
export const leaseGate: Rule = {
  id: 'D-5',
  kind: 'lease.lapsed',
  code: 'LEASE_EXPIRED',
  forged: 'BAD_SIGNATURE',
  clockRule: 'D-6',
  toleranceHours: 1,
};

const install: readonly Rule[] = [{ id: 'D-7', kind: 'lease.install', code: 'BAD_SIGNATURE' }];

/** Actions of no profile in particular. */
export const common: ByAction<Rule> = {
  'license.install': install,
  'license.renew': install,
  'job.continue': [{ id: 'D-8', kind: 'lease.running-job' }],
  'instance.admit': [{ id: 'D-4', kind: 'instance.admit', overuseTerms: ['subscription'], warning: 'OVER_LICENSED' }],
  'fingerprint.match': [{ id: 'D-9', kind: 'instance.same' }],
  'instance.stale_check': [
    { id: 'F-6', kind: 'instance.standby' },
    { id: 'D-10', kind: 'instance.stale', warning: 'PROPOSE_RELEASE' },
  ],
};

/** Short by what something else changed, where it was covered before. */
export const shortage: TemperRule = { id: 'F-4', kind: 'field.shortage', warning: 'SHORTAGE_GRACE' };

/** Ends within the warning days: of what a license carries. */
export const expiresSoon: TemperRule = { id: 'D-2', kind: 'grade.expires-soon', warning: 'EXPIRES_SOON' };
