import type { Judges, Tempers } from '../kinds.js';
import { consoleLocked, maintenanceRenewed, renewalTooEarly, signInLocked, signInOpen } from './console.js';
import {
  alreadyPooled,
  conversionDated,
  conversionOfUsed,
  conversionTooLate,
  irreversible,
  metered,
  typeMixed,
  typeTotals,
  unconfirmed,
} from './convert.js';
import { quotaReached } from './daily-check.js';
import {
  applyOffline,
  keyApplied,
  keyDeactivated,
  keyInUse,
  keyLeaseLive,
  keyOfNothing,
  keyPastMaintenance,
  keyShown,
  keyTakenBack,
  keyTooYoung,
  leaseRunsOut,
  serverTooOld,
} from './keys.js';
import {
  keyBelowUse,
  keyCreated,
  keyOverPool,
  licenseeNamed,
  noPool,
  poolBelowKeys,
  poolOverTotal,
  poolUnnamed,
  quotaMissing,
} from './quotas.js';
import {
  leaseLapsed,
  licenseInUse,
  nothingApplied,
  poolableRuns,
  pooledApplied,
  pooledGrace,
  serverOffline,
  serverOfNothing,
  serverPastMaintenance,
  serverRuns,
} from './servers.js';

type None = Readonly<Record<never, never>>;
/** Days from the last contact with the license server (LMP-4.16). */
interface LeaseDays {
  readonly leaseDays: number;
}
/** Days from today that the console shows (LMP-4.16). */
interface ExpiryDays {
  readonly expiryDays: number;
}

/** Rule kinds of this folder: kind → the parameters its rows hold. */
export interface PoolParams {
  console_locked: None;
  sign_in_locked: None;
  sign_in_open: None;
  renewal_too_early: None;
  maintenance_renewed: None;
  already_pooled: None;
  irreversible: None;
  metered: None;
  conversion_too_late: None;
  unconfirmed: None;
  conversion_of_used: None;
  conversion_dated: None;
  type_mixed: None;
  /** CAL kinds that are named even where there is none. */
  type_totals: { readonly kinds: readonly string[] };
  pool_unnamed: None;
  /** The rule that stands with it when only the other type has CALs. */
  pool_over_total: { readonly mixing: string };
  pool_below_keys: None;
  no_pool: None;
  /** A regular expression for the whole name. */
  licensee_named: { readonly pattern: string };
  quota_missing: None;
  key_over_pool: None;
  key_below_use: None;
  key_created: ExpiryDays;
  key_shown: ExpiryDays;
  key_applied: ExpiryDays;
  apply_offline: None;
  /** Major version. */
  server_too_old: { readonly lowestVersion: number };
  key_in_use: None;
  key_of_nothing: None;
  key_past_maintenance: None;
  /** Days from its creation. */
  key_too_young: { readonly days: number };
  key_lease_live: LeaseDays;
  key_taken_back: LeaseDays;
  key_deactivated: None;
  lease_runs_out: LeaseDays;
  pooled_grace: None;
  poolable_runs: None;
  /** What a server needs that has none: the edition that stands for a pool key. */
  nothing_applied: { readonly edition: string };
  lease_lapsed: LeaseDays;
  server_of_nothing: None;
  server_past_maintenance: None;
  server_offline: LeaseDays;
  server_runs: None;
  pooled_applied: { readonly freshInstall: boolean };
  license_in_use: None;
  /** Time of day on the server's own clock, `HH:MM`. */
  quota_reached: { readonly dailyCheck: string };
}
export interface PoolTemperParams {}

export const poolKinds: Judges<PoolParams> = {
  console_locked: consoleLocked,
  sign_in_locked: signInLocked,
  sign_in_open: signInOpen,
  renewal_too_early: renewalTooEarly,
  maintenance_renewed: maintenanceRenewed,
  already_pooled: alreadyPooled,
  irreversible,
  metered,
  conversion_too_late: conversionTooLate,
  unconfirmed,
  conversion_of_used: conversionOfUsed,
  conversion_dated: conversionDated,
  type_mixed: typeMixed,
  type_totals: typeTotals,
  pool_unnamed: poolUnnamed,
  pool_over_total: poolOverTotal,
  pool_below_keys: poolBelowKeys,
  no_pool: noPool,
  licensee_named: licenseeNamed,
  quota_missing: quotaMissing,
  key_over_pool: keyOverPool,
  key_below_use: keyBelowUse,
  key_created: keyCreated,
  key_shown: keyShown,
  key_applied: keyApplied,
  apply_offline: applyOffline,
  server_too_old: serverTooOld,
  key_in_use: keyInUse,
  key_of_nothing: keyOfNothing,
  key_past_maintenance: keyPastMaintenance,
  key_too_young: keyTooYoung,
  key_lease_live: keyLeaseLive,
  key_taken_back: keyTakenBack,
  key_deactivated: keyDeactivated,
  lease_runs_out: leaseRunsOut,
  pooled_grace: pooledGrace,
  poolable_runs: poolableRuns,
  nothing_applied: nothingApplied,
  lease_lapsed: leaseLapsed,
  server_of_nothing: serverOfNothing,
  server_past_maintenance: serverPastMaintenance,
  server_offline: serverOffline,
  server_runs: serverRuns,
  pooled_applied: pooledApplied,
  license_in_use: licenseInUse,
  quota_reached: quotaReached,
};
export const poolTempers: Tempers<PoolTemperParams> = {};
