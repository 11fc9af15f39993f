import type { Decision } from '../decision.js';

/** Licenses that a provider, or a reseller below it, gives to a company below itself. `from` null: the global pool. */
export interface GrantAsk {
  readonly type: string;
  readonly quantity: number;
  readonly from: string | null;
  /** Does the company that is to get them stand below the one that gives? */
  readonly below: boolean;
  /** Valid licenses of the type that the giver owns and nobody uses. */
  readonly free: number;
}

/** Nobody gives what he does not own, or to whom he does not serve: licenses of a company are for that company alone
 * (MSP-4), those of the global pool for any (MSP-3). */
export function judgeGrant({ type, quantity, from, below, free }: GrantAsk): Decision {
  if (!below) return { decision: 'refuse', reason_rule: 'MSP-4', code: 'COMPANY_MISMATCH' };
  const rule = from === null ? 'MSP-3' : 'MSP-4';
  const missing = quantity - free;
  if (missing <= 0) return { decision: 'allow', reason_rule: rule, value: { left: free - quantity } };
  const bindTo = from === null ? 'company:any' : `company:${from}`;
  return { decision: 'needs', reason_rule: rule, needs: [{ edition: type, term: 'any', count: missing, bindTo }] };
}

/** What was given comes back as far as nobody uses it and it was not given on; what is used is released first (MSP-2). */
export function judgeTakeBack({ quantity, unused }: { readonly quantity: number; readonly unused: number }): Decision {
  if (quantity <= unused) return { decision: 'allow', reason_rule: 'MSP-2', value: { left: unused - quantity } };
  return { decision: 'refuse', reason_rule: 'MSP-2', code: 'ALREADY_ASSIGNED', value: { unused } };
}
