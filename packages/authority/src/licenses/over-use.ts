import { decide, isAllowed, type Decision } from '@leasehold/terms';
import type { Account } from '../accounts/account.js';
import { at } from '../facts.js';
import type { Tx } from '../store/index.js';
import type { MachineLicenseRow, SeatUnit } from './machine-license.js';
import { takeSeat } from './seats.js';

/** A seat above the quota, where the account's policy grants over-use to this term (D-4): first in, first served, and
 * whoever holds one keeps it. Answers undefined where it grants none, or none that is left. */
export async function takeBeyond(
  tx: Tx,
  { account, policy, catalogs }: Account,
  license: MachineLicenseRow,
  unit: SeatUnit,
  now: number,
): Promise<Decision | undefined> {
  const { id, term, quota, used } = license;
  const facts = { profile: 'generic', policy, entitlement: { term, licensed: quota } } as const;
  const request = { action: 'instance.admit', ordinal: Math.max(used, quota) + 1 };
  const decision = decide(at(facts, now), request, catalogs.generic);
  const max = Number(decision.value?.['max'] ?? quota);
  if (!isAllowed(decision)) return undefined;
  const taken = await takeSeat(tx, account, id, unit, now, max - quota);
  return taken === undefined ? undefined : decision;
}
