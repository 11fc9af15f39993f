import { accountOf } from '../accounts/account.js';
import type { Reader } from '../store/index.js';

/** What becomes of a seat whose holder's last lease cannot be called back. Epoch ms; null: there is none. */
export interface Reuse {
  /** It waits until then; null: it is free at once. */
  readonly reusableFrom: number | null;
  /** It is free, and its former holder runs on to then: an overlap that a policy grants. */
  readonly overlapUntil: number | null;
}

/** A seat is free once the lease of its holder has ended. The one exception is the policy `releaseReuse: 'at_once'`, as the
 * console of the second source has it (MSP-2), which is journaled as an overlap (design section 3, Release). */
export async function reuseOf(reader: Reader, account: string, leaseEnds: number | null, now: number): Promise<Reuse> {
  if (leaseEnds === null || leaseEnds <= now) return { reusableFrom: null, overlapUntil: null };
  const { policy, catalogs: own } = await accountOf(reader, account);
  const atOnce = (policy.releaseReuse ?? own.aip.policy.releaseReuse) === 'at_once';
  return atOnce ? { reusableFrom: null, overlapUntil: leaseEnds } : { reusableFrom: leaseEnds, overlapUntil: null };
}

/** For the journal and the decision: the instants that there are. */
export function toldOf({ reusableFrom, overlapUntil }: Reuse): Readonly<Record<string, string | null>> {
  return {
    reusableFrom: reusableFrom === null ? null : new Date(reusableFrom).toISOString(),
    ...(overlapUntil === null ? {} : { overlapUntil: new Date(overlapUntil).toISOString() }),
  };
}
