import { LeaseholdError, type ProblemCode } from '@leasehold/protocol';
import { en, explain, type Decision } from '@leasehold/terms';

/** A refusal by rule as a problem. The decision travels whole, so that every end says the same sentence of it, each in its
 * own language; the sentence here is for those who read only that. */
export function refusal(decision: Decision, code: ProblemCode = 'REFUSED'): LeaseholdError {
  const { sentence, cure } = explain(decision, en);
  return new LeaseholdError(code, sentence, {
    rule: decision.reason_rule,
    ...(cure === '' ? {} : { remedy: cure }),
    ...(decision.code === undefined ? {} : { reason: decision.code }),
    decision,
  });
}
