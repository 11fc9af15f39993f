import type { LeaseholdError } from '@leasehold/protocol';
import type { Decision } from '@leasehold/terms';

const DENIALS = new Set(['LICENSE_REVOKED', 'NOT_ACTIVATED', 'REFUSED']);

/** An explicit no of the authority; every other answer leaves the lease alone. */
export function isDenial({ code }: LeaseholdError): boolean {
  return DENIALS.has(code);
}

/** The refusal by rule that came with the answer, or one that names its code. */
export function decisionOf({ code, details }: LeaseholdError): Decision {
  const { decision } = details as { readonly decision?: Partial<Decision> };
  if (decision?.decision === 'needs' || decision?.decision === 'refuse') return decision as Decision;
  return { decision: 'refuse', reason_rule: details.rule ?? 'D-5', code };
}
