import type { Iso, Term } from './model.js';

/** allow; warn = allowed, must be shown; needs = refused now, the listed licenses cure it; refuse = buying cures nothing. */
export type Verdict = 'allow' | 'warn' | 'needs' | 'refuse';

/** One license that is missing. `bindTo` is `machine:srv1`, `host:esx2`, `cluster_group:cg1`, `company:x` … */
export interface Need {
  readonly edition: string;
  readonly term: Term | 'any';
  readonly count: number;
  readonly bindTo: string;
}

/** The one shape of every answer. `reason_rule` is the rule that decided, `also` those that stood with it (rules 1.8). */
export interface Decision {
  readonly decision: Verdict;
  readonly reason_rule: string;
  readonly code?: string | undefined;
  readonly also?: readonly string[] | undefined;
  readonly needs?: readonly Need[] | undefined;
  readonly warnings?: readonly string[] | undefined;
  readonly obligations?: readonly string[] | undefined;
  readonly value?: Readonly<Record<string, unknown>> | undefined;
  /** When time alone ends this answer: a term, a grace, a lease runs out; a session lapses (D-11). */
  readonly until?: Iso | undefined;
}

/** May the action go on? */
export function isAllowed(decision: Decision): boolean {
  return decision.decision === 'allow' || decision.decision === 'warn';
}
