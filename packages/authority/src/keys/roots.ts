import { randomBytes } from 'node:crypto';
import {
  KEYSET_WARN_DAYS,
  LeaseholdError,
  signToken,
  verifyKeyset,
  type GrantClaims,
  type KeysetClaims,
  type PublicJwk,
} from '@leasehold/protocol';
import { ed25519, newKeyPair, signerOf, type PrivateJwk } from './ed25519.js';

const DAY_SECONDS = 86_400;

/** A vendor's root key pair. Keep it offline: it signs keysets, and extension notes on the day an authority
 * is gone, and nothing else (design section 3). */
export function createRoot(): Promise<PrivateJwk> {
  return newKeyPair();
}

/** What a keyset is to say. Times are epoch milliseconds. */
export interface KeysetOrder {
  readonly account: string;
  /** Rises when an authority was restored from a backup. */
  readonly epoch: number;
  /** Rises with every keyset of an epoch; holders refuse an older one. */
  readonly version: number;
  /** Public signing keys, each with the window in which it may sign; `until` absent: as long as the keyset. */
  readonly keys: readonly {
    readonly jwk: PublicJwk & { readonly kid: string };
    readonly until?: number;
    /** What it signed from then on is refused: it leaked. */
    readonly revokedAt?: number;
  }[];
  /** Days until the keyset ends; 400 by default. */
  readonly days?: number;
}

/** Signs a keyset with a root. Windows have no beginning: what a key signed under a former keyset, an agent's entitlements
 * of years ago among it, is judged by the newest keyset and stays genuine. */
export async function signKeyset(root: PrivateJwk, order: KeysetOrder, now: number): Promise<string> {
  if (order.keys.length === 0) throw new LeaseholdError('INPUT_INVALID', 'A keyset lists at least one key.');
  const iat = Math.floor(now / 1000);
  const exp = iat + (order.days ?? 400) * DAY_SECONDS;
  const keys = order.keys.map(({ jwk, until, revokedAt }) => ({
    kid: jwk.kid,
    x: jwk.x,
    nbf: 0,
    exp: until === undefined ? exp : Math.floor(until / 1000),
    ...(revokedAt === undefined ? {} : { revokedAt: Math.floor(revokedAt / 1000) }),
  }));
  const { account, epoch, version } = order;
  return signToken('keyset', { iss: account, epoch, version, iat, exp, keys }, signerOf(root));
}

/** The word of a root for the one after it: installations that pin the former take it as a file and believe both. */
export async function signSuccessor(root: PrivateJwk, next: PublicJwk, now: number): Promise<string> {
  return signToken('successor', { x: next.x, iat: Math.floor(now / 1000) }, signerOf(root));
}

/** What an extension note is to say. Times are epoch milliseconds. */
export interface ExtensionOrder {
  readonly account: string;
  readonly product: string;
  /** Leases that had ended before stay ended: the day on which the authority fell silent. */
  readonly from: number;
  readonly until: number;
}

/** Signs an extension note: the leases of a product that cannot be renewed any more run until its end. */
export async function signExtensionNote(root: PrivateJwk, order: ExtensionOrder, now: number): Promise<string> {
  const { account: iss, product } = order;
  const [iat, from, until] = [now, order.from, order.until].map((at) => Math.floor(at / 1000)) as [
    number,
    number,
    number,
  ];
  if (!(until > from && until > iat)) {
    throw new LeaseholdError('INPUT_INVALID', 'An extension note ends after it begins, and after today.', {
      path: 'until',
    });
  }
  return signToken('extension', { iss, product, iat, from, until }, signerOf(root));
}

/** A root's word that whoever brings it to the authority is an owner: `days` is how long his token will be valid. */
export function signRecovery(
  root: PrivateJwk,
  { account, name, days }: { readonly account: string; readonly name: string; readonly days: number },
  now: number,
): Promise<string> {
  const jti = randomBytes(16).toString('base64url');
  return signToken('recover', { iss: account, name, days, iat: Math.floor(now / 1000), jti }, signerOf(root));
}

/** Licenses that the root grants to an authority which somebody else runs, to be brought in before `until`. */
export function signGrant(
  root: PrivateJwk,
  { account, product, until, licenses, poolLicenses }: GrantOrder,
  now: number,
): Promise<string> {
  const jti = randomBytes(16).toString('base64url');
  const [iat, exp] = [now, until].map((at) => Math.floor(at / 1000)) as [number, number];
  return signToken('grant', { iss: account, product, jti, iat, exp, licenses, poolLicenses }, signerOf(root));
}
export interface GrantOrder extends Required<Pick<GrantClaims, 'licenses' | 'poolLicenses'>> {
  readonly account: string;
  readonly product: string;
  /** Epoch ms. */
  readonly until: number;
}

export interface KeysetStatus {
  readonly keyset: KeysetClaims;
  /** Whole days until its end; negative once it is over. */
  readonly daysLeft: number;
  readonly state: 'valid' | 'ends_soon' | 'ended';
}

/** Verifies a keyset under its roots and says how long it lasts. Throws what `verifyKeyset` throws. */
export async function keysetStatus(
  token: string,
  roots: readonly (PublicJwk & { readonly kid: string })[],
  now: number,
): Promise<KeysetStatus> {
  const keyset = await verifyKeyset(token, roots, ed25519);
  const daysLeft = Math.floor((keyset.exp - now / 1000) / DAY_SECONDS);
  if (keyset.exp * 1000 <= now) return { keyset, daysLeft, state: 'ended' };
  return { keyset, daysLeft, state: daysLeft <= KEYSET_WARN_DAYS ? 'ends_soon' : 'valid' };
}
