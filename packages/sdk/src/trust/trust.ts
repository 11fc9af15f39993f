import { hash } from 'node:crypto';
import {
  LeaseholdError,
  entitlementsDigest,
  keysOf,
  verifyKeyset,
  verifySuccessor,
  verifyToken,
} from '@leasehold/protocol';
import type {
  EntitlementsClaims,
  ExchangeResponseClaims,
  KeysetClaims,
  LeaseClaims,
  MediaClaims,
  PublicJwk,
  SessionClaims,
  SubLeaseClaims,
  TimeClaims,
  TokenKind,
  Verification,
  VoucherClaims,
} from '@leasehold/protocol';
import { ed25519 } from './ed25519.js';

/** A pinned root; its id is the RFC 7638 thumbprint. */
export type Root = PublicJwk & { readonly kid: string };

/** Entitlements that a keyset has proved, and their digest. */
interface Entitled {
  readonly token: string;
  readonly keyset: string | undefined;
  readonly claims: EntitlementsClaims;
  readonly digest: string;
}

/** How a token comes to be believed: pinned roots → keyset → the token by its key's window at its `iat`. Whoever holds a
 * token asks here again each time it comes from disk or wire. Getting tokens is somebody else's job. */
export class TrustPath {
  #roots: readonly Root[];
  readonly #product: string;
  #keyset: { readonly token: string; readonly claims: KeysetClaims } | undefined;
  #entitled: Entitled | undefined;

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

  /** The pinned roots, and those that they named after them. */
  get roots(): readonly Root[] {
    return this.#roots;
  }

  /** Believes the root that one of ours names as the one after it. Throws WRONG_ROOT, TOKEN_*. */
  async adoptSuccessor(token: string): Promise<void> {
    const next = await verifySuccessor(token, this.#roots, ed25519);
    const kid = keyId(next);
    if (this.#roots.every((root) => root.kid !== kid)) this.#roots = [...this.#roots, { ...next, kid }];
  }

  /** Believes a keyset from now on. Throws WRONG_ROOT, KEYSET_ROLLBACK, TOKEN_*; the former one then stays. */
  async adoptKeyset(token: string): Promise<KeysetClaims> {
    // The very one that was verified: an authority may send it with each reply.
    if (this.#keyset?.token === token) return this.#keyset.claims;
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

  /** A genuine lease of this product that is bound to this device key (RFC 7800); with `relay`, a sub-lease of it.
   * Whether it has ended is not asked. */
  async lease(token: string, deviceKid: string, relay?: RelayVoucher): Promise<LeaseClaims | SubLeaseClaims> {
    const product = this.#product;
    const lease =
      relay === undefined ? await this.#verify('lease', token, { product }) : await this.#subLease(token, relay);
    if (lease.cnf.jkt !== deviceKid) {
      throw new LeaseholdError('TOKEN_FOREIGN', 'The lease is bound to the device key of another installation.', {
        path: 'cnf.jkt',
        remedy: 'Activate this installation with its license key; a lease cannot be copied.',
      });
    }
    return lease;
  }

  /** The entitlements that `lease` names by digest. */
  async entitlements(token: string, lease: LeaseClaims | SubLeaseClaims): Promise<EntitlementsClaims> {
    const sub = 'relay' in lease ? lease.relay.instance : lease.sub;
    const { claims, digest } = await this.#readEntitlements(token, sub);
    if (digest !== lease.entitlements) {
      throw new LeaseholdError('ENTITLEMENTS_INVALID', 'The entitlements are not those that the lease names.', {
        path: 'entitlements',
        remedy: 'Check in once; the authority sends them again.',
      });
    }
    if ('slot' in lease) assertWithinQuota(lease, claims);
    return claims;
  }

  /** The very text that this keyset has proved need not be proved again: no check-in changes it but one that brings news,
   * and it may have megabytes. */
  async #readEntitlements(token: string, sub: string): Promise<Entitled> {
    const known = this.#entitled;
    const keyset = this.#keyset?.token;
    if (known?.token === token && known.keyset === keyset && known.claims.sub === sub) return known;
    const claims = await this.#verify('entitlements', token, { product: this.#product, sub });
    const digest = await entitlementsDigest(claims, sha256);
    return (this.#entitled = { token, keyset, claims, digest });
  }

  media(token: string): Promise<MediaClaims> {
    return this.#verify('media', token, { product: this.#product });
  }

  session(token: string): Promise<SessionClaims> {
    return this.#verify('session', token, { product: this.#product });
  }

  /** The answer to a request file. */
  response(token: string): Promise<ExchangeResponseClaims> {
    return this.#verify('response', token, { product: this.#product });
  }

  voucher(token: string): Promise<VoucherClaims> {
    return this.#verify('voucher', token, { product: this.#product });
  }

  /** The clock of an authority, which knows of no product. */
  time(token: string): Promise<TimeClaims> {
    return this.#verify('time', token, {});
  }

  /** Pinned root → keyset → the relay's lease → its device key → the sub-lease, which never outlives what it rests on. */
  async #subLease(token: string, relay: RelayVoucher): Promise<SubLeaseClaims> {
    const held = await this.#verify('lease', relay.lease, { product: this.#product });
    const key: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x: relay.x };
    if (keyId(key) !== held.cnf.jkt) throw foreignRelay('The key of the relay is not the one its lease is bound to.');
    const expect = { iss: held.iss, product: held.product };
    const lease = await verifyToken('subLease', token, { ed25519, keys: () => key, expect });
    if (lease.relay.lease !== held.jti || lease.relay.instance !== held.sub || lease.entitlements !== held.entitlements)
      throw foreignRelay('The sub-lease rests on another lease than the one that came with it.');
    if (lease.iat < held.iat || lease.exp > held.exp)
      throw foreignRelay('The sub-lease does not lie within the time of the lease that it rests on.');
    return lease;
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

/** What a relay shows with a sub-lease: its own lease, and the device key that lease is bound to and that signed. */
export interface RelayVoucher {
  readonly lease: string;
  readonly x: string;
}

function foreignRelay(sentence: string): LeaseholdError {
  return new LeaseholdError('TOKEN_FOREIGN', sentence, { path: 'relay', remedy: 'Check in again with the relay.' });
}

/** A relay cannot give more than its Pool Key holds: slot k of quota n is refused where k > n (LMP-2.4, LMP-3.10). */
function assertWithinQuota({ slot }: SubLeaseClaims, { facts }: EntitlementsClaims): void {
  const [key] = (facts['keys'] ?? []) as readonly { readonly quota?: Readonly<Record<string, number>> }[];
  const quota = key?.quota?.[slot.kind] ?? 0;
  if (slot.n <= quota) return;
  throw new LeaseholdError('SEATS_EXHAUSTED', `This is client ${slot.n} of ${quota} that the Pool Key licenses.`, {
    path: 'slot.n',
    rule: 'LMP-2.4',
    remedy: 'Raise the quota of the Pool Key, or take another client off the relay. Restores stay open.',
  });
}

/** The id of a key: its RFC 7638 thumbprint, by node:crypto. WebCrypto, which the other parties take, costs a start more
 * than the rest of the verification. */
export function keyId({ crv, kty, x }: PublicJwk): string {
  return hash('sha256', JSON.stringify({ crv, kty, x }), 'base64url');
}

/** The digest of the shared formulas (protocol: Sha256). */
export function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}
