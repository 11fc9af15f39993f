import type { Catalog, Note, PolicyDefaults, Rule, TemperRule } from '../catalog.js';

/** Rows and switches that the built-in catalogs share: the defaults D-*, and the field rules that grade an answer. */

export const sources: Catalog['sources'] = {
  coverage: 'ActiveImage Protector Use Case',
  instances: 'Manage Licenses',
  pools: 'License Management Portal Overview',
  defaults: 'Defaults',
  field: 'Field rules',
  public: 'Public pages of the products',
};

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
};

/** The lease gate: before any rule of the profile. */
export const leaseGate: Rule = {
  id: 'D-5',
  kind: 'lease.lapsed',
  on: ['backup'],
  cite: { source: 'defaults', section: 'D-5' },
  code: 'LEASE_EXPIRED',
  forged: 'BAD_SIGNATURE',
  clockRule: 'D-6',
  toleranceHours: 1,
};

/** Actions of no profile in particular. */
export const common: readonly Rule[] = [
  {
    id: 'D-7',
    kind: 'lease.install',
    on: ['license.install', 'license.renew'],
    cite: { source: 'defaults', section: 'D-7' },
    code: 'BAD_SIGNATURE',
  },
  { id: 'D-8', kind: 'lease.running-job', on: ['job.continue'], cite: { source: 'defaults', section: 'D-8' } },
  {
    id: 'D-4',
    kind: 'instance.admit',
    on: ['instance.admit'],
    cite: { source: 'defaults', section: 'D-4' },
    overuseTerms: ['subscription'],
    warning: 'OVER_LICENSED',
  },
  { id: 'D-9', kind: 'instance.same', on: ['fingerprint.match'], cite: { source: 'defaults', section: 'D-9' } },
  { id: 'F-6', kind: 'instance.standby', on: ['instance.stale_check'], cite: { source: 'field', section: 'F-6' } },
  {
    id: 'D-10',
    kind: 'instance.stale',
    on: ['instance.stale_check'],
    cite: { source: 'defaults', section: 'D-10' },
    warning: 'PROPOSE_RELEASE',
  },
];

/** Kept by the clock of every question, by every explanation, and by whoever runs the jobs. */
export const notes: readonly Note[] = [
  { id: 'D-6', cite: { source: 'defaults', section: 'D-6' } },
  { id: 'D-11', cite: { source: 'defaults', section: 'D-11' } },
  { id: 'D-12', cite: { source: 'defaults', section: 'D-12' } },
];

/** Ends within the warning days. `on` is the profile's own: only what a license carries is graded. */
export function expiresSoon(on: readonly string[]): TemperRule {
  return {
    id: 'D-2',
    kind: 'grade.expires-soon',
    on,
    cite: { source: 'defaults', section: 'D-2' },
    warning: 'EXPIRES_SOON',
  };
}
