import { LeaseholdError, verifyToken, type GrantClaims } from '@leasehold/protocol';
import { rootLookup } from '../accounts/recover.js';
import { ed25519 } from '../keys/ed25519.js';
import type { RootJwk } from '../keys/key-files.js';

/** The licenses that the vendor's root granted to this account for this product, brought in time.
 * @throws LeaseholdError WRONG_ROOT, TOKEN_* */
export async function readGrant(
  token: string,
  roots: readonly RootJwk[],
  { account, product }: { readonly account: string; readonly product: string },
  now: number,
): Promise<GrantClaims> {
  const expect = { iss: account, product };
  const claims = await verifyToken('grant', token, { ed25519, keys: rootLookup(roots), expect });
  if (claims.exp * 1000 > now) return claims;
  throw new LeaseholdError('TOKEN_EXPIRED', 'The grant was to be imported before now.', {
    path: 'body.grant',
    remedy: 'Ask the vendor to sign it again; what was imported before stays.',
  });
}
