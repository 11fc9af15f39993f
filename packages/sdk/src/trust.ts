import { createHash } from 'node:crypto';
import { LeaseholdError, entitlementsDigest, keysOf, verifyKeyset, verifyToken } from '@leasehold/protocol';
import type {
  EntitlementsClaims,
  KeysetClaims,
  LeaseClaims,
  MediaClaims,
  PublicJwk,
  SessionClaims,
  TimeClaims,
  TokenKind,
  Verification,
} from '@leasehold/protocol';
import { ed25519 } from './ed25519.js';

/** A pinned root; its id is the RFC 7638 thumbprint. */
export type Root = PublicJwk & { readonly kid: string };

/** How a token comes to be believed: pinned roots → keyset → the token by its key's window at its `iat`. Whoever holds a
 * token asks here again each time it comes from disk or wire. Getting tokens is somebody else's job. */
export class TrustPath {
  readonly #roots: readonly Root[];
  readonly #product: string;
  #keyset: { readonly token: string; readonly claims: KeysetClaims } | undefined;

  constructor(roots: readonly Root[], product: string) {
    this.#roots = roots;
    this.#product = product;
  }

  /** The highest keyset believed so far. */
  get keyset(): { readonly token: string; readonly claims: KeysetClaims } | undefined {
    return this.#keyset;
  }

  /** The same roots with nothing seen yet: for what brings a keyset of its own, which may be older and still genuine. */
  aside(): TrustPath {
    return new TrustPath(this.#roots, this.#product);
  }

  /** Believes a keyset from now on. Throws WRONG_ROOT, KEYSET_ROLLBACK, TOKEN_*; the former one then stays. */
  async adoptKeyset(token: string): Promise<KeysetClaims> {
    const claims = await verifyKeyset(token, this.#roots, ed25519, this.#keyset?.claims);
    if (this.#keyset !== undefined && claims.iss !== this.#keyset.claims.iss) {
      throw new LeaseholdError('TOKEN_FOREIGN', 'The keyset belongs to another account than the one known here.', {
        path: 'iss',
        remedy: 'Check the address of the authority; to move to another one, deactivate here first.',
      });
    }
    this.#keyset = { token, claims };
    return claims;
  }

  /** A genuine lease of this product that is bound to this device key (RFC 7800). Whether it has ended is not asked. */
  async lease(token: string, deviceKid: string): Promise<LeaseClaims> {
    const lease = await this.#verify('lease', token, { product: this.#product });
    if (lease.cnf.jkt !== deviceKid) {
      throw new LeaseholdError('TOKEN_FOREIGN', 'The lease is bound to the device key of another installation.', {
        path: 'cnf.jkt',
        remedy: 'Activate this installation with its license key; a lease cannot be copied.',
      });
    }
    return lease;
  }

  /** The entitlements that `lease` names by digest. */
  async entitlements(token: string, lease: LeaseClaims): Promise<EntitlementsClaims> {
    const claims = await this.#verify('entitlements', token, { product: this.#product, sub: lease.sub });
    if ((await entitlementsDigest(claims, sha256)) !== lease.entitlements) {
      throw new LeaseholdError('ENTITLEMENTS_INVALID', 'The entitlements are not those that the lease names.', {
        path: 'entitlements',
        remedy: 'Check in once; the authority sends them again.',
      });
    }
    return claims;
  }

  media(token: string): Promise<MediaClaims> {
    return this.#verify('media', token, { product: this.#product });
  }

  session(token: string): Promise<SessionClaims> {
    return this.#verify('session', token, { product: this.#product });
  }

  /** The clock of an authority, which knows of no product. */
  time(token: string): Promise<TimeClaims> {
    return this.#verify('time', token, {});
  }

  async #verify<K extends TokenKind>(kind: K, token: string, more: Verification['expect']) {
    if (this.#keyset === undefined) {
      throw new LeaseholdError('KEY_UNKNOWN', 'There is no keyset to verify with.', {
        remedy: 'Check in once, or give the keyset along with the token.',
      });
    }
    const { claims } = this.#keyset;
    const expect = { iss: claims.iss, ...more };
    return verifyToken<K>(kind, token, { ed25519, keys: keysOf(claims), expect });
  }
}

/** The id of a key: its RFC 7638 thumbprint, by node:crypto. WebCrypto, which the other parties take, costs a start more
 * than the rest of the verification. */
export function keyId({ crv, kty, x }: PublicJwk): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
}

/** The digest of the shared formulas (protocol: Sha256). */
export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
