import type { ReplyOf } from '@leasehold/protocol';
import { LeaseholdError } from '@leasehold/protocol';
import type { Installation } from '../machine/installation.js';

/** Believes the time that an authority signed for `nonce`, down to the pinned roots, and heals the machine's clock by it.
 * Answers epoch milliseconds; throws TOKEN_* and WRONG_ROOT like any other token. */
export async function believeSignedTime(
  { trust, clock }: Installation,
  { time, keyset }: ReplyOf<'time'>,
  nonce: string,
): Promise<number> {
  await trust.adoptKeyset(keyset);
  const claims = await trust.time(time);
  if (claims.nonce !== nonce) {
    throw new LeaseholdError('TOKEN_FOREIGN', 'The signed time answers another question than ours.', { path: 'nonce' });
  }
  clock.learn(claims.iat * 1000);
  return claims.iat * 1000;
}
