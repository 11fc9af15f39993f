import type { Account } from '../accounts/account.js';

const DAY = 86_400_000;

/** How long a machine goes on, ms: `shortage` after something else took its cover (F-4), `renewal` after the end of its
 * subscription (D-3). As the account's policy says, else its catalog. */
export function gracesOf({ policy, catalogs }: Account): { readonly shortage: number; readonly renewal: number } {
  const defaults = catalogs.aip.policy;
  return {
    shortage: (policy.shortageGraceDays ?? defaults.shortageGraceDays) * DAY,
    renewal: (policy.graceDays?.subscription ?? defaults.graceDays.subscription) * DAY,
  };
}
