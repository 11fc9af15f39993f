import { LeaseholdError, verifyToken, type KeyLookup, type RecoverClaims } from '@leasehold/protocol';
import { ed25519 } from '../keys/ed25519.js';
import type { RootJwk } from '../keys/key-files.js';
import type { Tx } from '../store/index.js';
import { createToken, type TokenInput } from './tokens.js';

/** How long the word of a root can be carried to its authority, and how far clocks may differ, seconds. */
const CARRIED = 86_400;
const TOLERANCE = 600;

/** The word of a pinned root for this account, brought in time. Throws WRONG_ROOT, TOKEN_*. */
export async function readRecovery(
  token: string,
  roots: readonly RootJwk[],
  account: string,
  now: number,
): Promise<RecoverClaims> {
  const claims = await verifyToken('recover', token, {
    ed25519,
    keys: rootLookup(roots),
    expect: { iss: account },
  });
  const age = now / 1000 - claims.iat;
  if (age > CARRIED || age < -TOLERANCE) {
    throw new LeaseholdError('TOKEN_EXPIRED', 'The word of a root is good for a day.', {
      path: 'body.request',
      remedy: 'Sign it again: leasehold authority recover.',
    });
  }
  return claims;
}

/** Only a pinned root's word counts. */
export function rootLookup(roots: readonly RootJwk[]): KeyLookup {
  return (kid) => {
    const root = roots.find((one) => one.kid === kid);
    if (root !== undefined) return root;
    throw new LeaseholdError('WRONG_ROOT', 'This was not signed by the root key of this authority.');
  };
}

/** The owner's token that a root asked for. Its id comes from the word, so that the same word makes one token. */
export async function recoverOwner(tx: Tx, input: TokenInput, now: number): Promise<void> {
  const used = await tx.get('SELECT id FROM access_tokens WHERE account = ? AND id = ?', [input.account, input.id]);
  if (used !== undefined) {
    throw new LeaseholdError('EXCHANGE_USED', 'This word of the root was used before.', {
      path: 'body.request',
      remedy: 'Sign it again: leasehold authority recover.',
    });
  }
  await createToken(tx, input, now);
}
