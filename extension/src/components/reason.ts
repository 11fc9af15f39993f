import type { LeaseholdError } from '@leasehold/protocol';
import { en, explain, ja, type Explanation } from '@leasehold/terms';
import type { Said } from '../feed/feed-status.js';
import type { Decision } from '../model/rows.js';
import { language } from '../texts/language.js';
import type { ProblemWords } from './problem.js';

/** A decision that was made here, by the same rules. */
type Judged = Parameters<typeof explain>[0];

/** A decision in the words of the rules: the same sentence that authority and agents say. */
export function reasonOf(decision: Decision | Judged): Explanation {
  return explain(decision as Judged, language.value === 'ja' ? ja : en);
}

/** The refusal by rule inside a problem, if that is what stopped a call. */
export function refusalIn(problem: LeaseholdError | Said): ProblemWords | undefined {
  const decision = 'details' in problem ? problem.details.decision : undefined;
  if (!isDecision(decision)) return undefined;
  const { sentence, cure, rule } = reasonOf(decision);
  return { title: sentence, next: `${cure} (${rule})`.trim() };
}

function isDecision(value: unknown): value is Decision {
  const { decision, reason_rule: rule } = (value ?? {}) as Partial<Decision>;
  return typeof decision === 'string' && typeof rule === 'string';
}
