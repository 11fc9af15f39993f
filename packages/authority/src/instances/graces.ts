import type { Term } from '@leasehold/terms';
import type { Account } from '../accounts/account.js';

const DAY = 86_400_000;

/** How long a machine goes on, ms: `shortage` after something else took its cover (F-4), `renewal` after the end of its
 * subscription (D-3). As the account's policy says, else its catalog. */
export function gracesOf({ policy, catalogs }: Account): { readonly shortage: number; readonly renewal: number } {
  return {
    shortage: (policy.shortageGraceDays ?? catalogs.aip.policy.shortageGraceDays) * DAY,
    renewal: afterEnd({ policy, catalogs }, 'subscription'),
  };
}

/** How long what a license of machines or hosts covers goes on after its end (D-3), ms. */
export function afterEnd({ policy, catalogs }: Pick<Account, 'policy' | 'catalogs'>, term: Term): number {
  return (policy.graceDays?.[term] ?? catalogs.aip.policy.graceDays[term]) * DAY;
}
