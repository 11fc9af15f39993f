import type { Decision } from '../decision.js';
import { causesOf } from './causes.js';

/** How far a warning has come. Kept by whoever tells people, and replaced with every decision, told or not. */
export interface WarningLevel {
  readonly cause: string;
  /** The step of the warning days that it has reached; null: no step yet, or a warning without days. */
  readonly days: number | null;
}

/** The level of a decision, in the steps of a policy (`warnDays`: 30, 14, 7, 3, 1, 0); null where there is nothing to tell. */
export function warningLevel(decision: Decision, warnDays: readonly number[]): WarningLevel | null {
  if (decision.decision === 'allow') return null;
  const daysLeft = decision.value?.['daysLeft'];
  const reached = typeof daysLeft === 'number' ? warnDays.filter((step) => step >= daysLeft) : [];
  return { cause: causesOf(decision).join(', '), days: reached.length === 0 ? null : Math.min(...reached) };
}

/** Is a level to be told, after the one that was last seen? Once for each level, not on every job (D-2): a new cause is,
 * and a step nearer to the stop; more time than before is no news. */
export function isNews(now: WarningLevel | null, last: WarningLevel | null): boolean {
  if (now === null) return false;
  if (last === null || now.cause !== last.cause) return true;
  return (now.days ?? Number.POSITIVE_INFINITY) < (last.days ?? Number.POSITIVE_INFINITY);
}
