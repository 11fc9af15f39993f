import type { ExtensionClaims, KeysetClaims } from './messages/types.js';
import { LeaseholdError } from './problems.js';
import { readJwk } from './seal.js';
import type { Ed25519Verifier, PublicJwk } from './seal.js';
import { type KeyLookup, type Verification, verifyToken } from './tokens.js';

/** How long before its end everyone warns of a keyset, in days. */
export const KEYSET_WARN_DAYS = 90;

type PinnedRoot = PublicJwk & { readonly kid: string };

/** Verifies a keyset under the pinned roots and refuses one older than the highest seen before (KEYSET_ROLLBACK). Its
 * own end is not judged here: an expired keyset stops new leases, never one that is held. */
export async function verifyKeyset(
  token: string,
  roots: readonly PinnedRoot[],
  ed25519: Ed25519Verifier,
  highest?: { readonly epoch: number; readonly version: number },
): Promise<KeysetClaims> {
  const keyset = await verifyToken('keyset', token, { ed25519, keys: pinned(roots, 'keyset') });
  if (new Set(keyset.keys.map((key) => key.kid)).size !== keyset.keys.length) {
    throw new LeaseholdError('TOKEN_CLAIMS', 'The keyset lists one key id twice, so its keys are ambiguous.');
  }
  if (highest !== undefined && isOlder(keyset, highest)) {
    throw new LeaseholdError('KEYSET_ROLLBACK', 'The keyset is older than one that was already seen.', {
      remedy: 'Ask the operator for the newest keyset; an old copy may have been restored.',
    });
  }
  return keyset;
}

/** Verifies an extension note, which a root signs itself: it is for the day when no keyset can be had any more. */
export async function verifyExtensionNote(
  token: string,
  roots: readonly PinnedRoot[],
  ed25519: Ed25519Verifier,
  expect: NonNullable<Verification['expect']>,
): Promise<ExtensionClaims> {
  const note = await verifyToken('extension', token, { ed25519, keys: pinned(roots, 'extension note'), expect });
  if (note.until > note.from) return note;
  throw new LeaseholdError('TOKEN_CLAIMS', 'The extension note ends before it begins.', { path: 'until' });
}

/** Verifies the word of a pinned root for the one after it, and answers that one. */
export async function verifySuccessor(
  token: string,
  roots: readonly PinnedRoot[],
  ed25519: Ed25519Verifier,
): Promise<PublicJwk> {
  const { x } = await verifyToken('successor', token, { ed25519, keys: pinned(roots, 'successor') });
  return readJwk({ kty: 'OKP', crv: 'Ed25519', x });
}

function pinned(roots: readonly PinnedRoot[], what: string): KeyLookup {
  return (kid) => {
    const root = roots.find((candidate) => candidate.kid === kid);
    if (root !== undefined) return root;
    throw new LeaseholdError('WRONG_ROOT', `The ${what} is signed by a root that is not pinned here.`, {
      remedy: 'Compare the root fingerprint with the one your vendor publishes; never accept a new one unseen.',
    });
  };
}

/** Epochs count before versions. */
function isOlder(keyset: KeysetClaims, highest: { readonly epoch: number; readonly version: number }): boolean {
  if (keyset.epoch !== highest.epoch) return keyset.epoch < highest.epoch;
  return keyset.version < highest.version;
}

/** Looks signing keys up by window: a token is judged by its key's window at the instant it was issued. */
export function keysOf(keyset: KeysetClaims): KeyLookup {
  return (kid, issuedAt) => {
    const key = keyset.keys.find((candidate) => candidate.kid === kid);
    if (key === undefined) {
      throw new LeaseholdError('KEY_UNKNOWN', 'The token is signed by a key that the keyset does not list.', {
        remedy: 'Fetch the keyset again; the signing key may be newer.',
      });
    }
    if (issuedAt < key.nbf || issuedAt >= key.exp || (key.revokedAt !== undefined && issuedAt >= key.revokedAt)) {
      throw new LeaseholdError('TOKEN_SIGNATURE', 'The signing key was not valid when the token was issued.');
    }
    return { kty: 'OKP', crv: 'Ed25519', x: key.x, kid };
  };
}
