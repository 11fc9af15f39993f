import { isAllowed } from '@leasehold/terms';
import type { Decision, Need } from '@leasehold/terms';
import { explainDecision } from './explanation.js';
import type { Explanation, Language } from './explanation.js';

/** What `authorize` answers. A value, never an exception: the one shape for yes, yes-but, not-yet and no. */
export interface Answer {
  readonly allowed: boolean;
  readonly decision: Decision['decision'];
  /** The rule that decided, and those that stood with it. */
  readonly reason_rule: string;
  readonly also: readonly string[];
  readonly code?: string;
  /** Licenses that would cure it. */
  readonly needs: readonly Need[];
  readonly warnings: readonly string[];
  /** What the caller takes on by going ahead. */
  readonly obligations: readonly string[];
  readonly value?: Decision['value'];
  /** True once for each warning level: then tell the admin. */
  readonly notify: boolean;
  /** The same in words: what is so, by which rule, what to do. */
  explain(language?: Language): Explanation;
}

/** `because`: the problem behind a decision that no rule of the profile made. */
export function answerOf(
  decision: Decision,
  notify: boolean,
  because?: { readonly code: string; readonly message: string; readonly remedy: string },
): Answer {
  const { also = [], needs = [], warnings = [], obligations = [], code, value } = decision;
  return {
    allowed: isAllowed(decision),
    decision: decision.decision,
    reason_rule: decision.reason_rule,
    also,
    needs,
    warnings,
    obligations,
    ...(code === undefined ? {} : { code }),
    ...(value === undefined ? {} : { value }),
    notify,
    explain: (language = 'en') => explainDecision(decision, language, because),
  };
}
