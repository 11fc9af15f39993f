import type { Decision } from '../decision.js';

/** What a decision has to say, one key a cause: `AIP-0.1 needs`, `D-5 refuse LEASE_EXPIRED`; of several warnings one each.
 * An authority may know the cause better than the rules have codes for (`value.cause`). */
export function causesOf(decision: Decision): readonly string[] {
  const { reason_rule: rule, decision: verdict } = decision;
  if (verdict === 'warn') return (decision.warnings ?? []).map((warning) => `${rule} warn ${warning}`);
  const cause = decision.value?.['cause'] ?? (verdict === 'refuse' ? (decision.code ?? '') : undefined);
  return [`${rule} ${verdict}${typeof cause === 'string' ? ` ${cause}` : ''}`];
}
