import { createHash, createPrivateKey, createPublicKey, hash, randomBytes, sign, verify } from 'node:crypto';
import {
  thumbprint,
  toBase64Url,
  type Ed25519Verifier,
  type PublicJwk,
  type Sha256,
  type Signer,
} from '@leasehold/protocol';
import { LRUCache } from 'lru-cache';

/** A key pair as it lies in a file: JWK of RFC 8037 with its private member. Never leaves the process. */
export interface PrivateJwk extends PublicJwk {
  readonly kid: string;
  /** 32 bytes, base64url. */
  readonly d: string;
}

export const sha256: Sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());

/** base64url SHA-256 of a text or of bytes: what a secret is kept as, what a proof says of a body. */
export function digestOf(value: string | Uint8Array): string {
  return hash('sha256', value, 'base64url');
}

/** RFC 7638 thumbprint of a key that was read: at once, where the one of protocol waits for WebCrypto's threads. Every
 * request of a device asks for it. */
export function thumbprintOf({ crv, kty, x }: PublicJwk): string {
  return digestOf(JSON.stringify({ crv, kty, x }));
}

/** Keys of devices that call again and again, like a technician's session: building a key object costs as much as the check
 * itself. Those of the daily check come back too late for any cache, and 10,000 of them held 20 MB. */
const publicKeys = new LRUCache<string, ReturnType<typeof createPublicKey>>({ max: 1_000 });

/** The Ed25519 of Node under protocol's seal. */
export const ed25519: Ed25519Verifier = {
  verify: (message, signature, raw) => {
    const x = toBase64Url(raw);
    let key = publicKeys.get(x);
    if (key === undefined) {
      key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
      publicKeys.set(x, key);
    }
    return verify(null, message, key, signature);
  },
};

/** What stands in PKCS #8 before the 32 bytes of an Ed25519 key (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A fresh key pair; its id is its thumbprint (RFC 7638). The private half is 32 random bytes (RFC 8032 section 5.1.5): a
 * key that Node generates is locked while it is exported, and a garbage collection in that moment waits for the same lock,
 * so that the process stands still for good. */
export async function newKeyPair(): Promise<PrivateJwk> {
  const d = randomBytes(32);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, d]), format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  const bare = { kty: 'OKP', crv: 'Ed25519', x: x! } as const;
  return { ...bare, kid: await thumbprint(bare), d: toBase64Url(d) };
}

export function publicHalf({ kty, crv, x, kid }: PrivateJwk): PublicJwk & { readonly kid: string } {
  return { kty, crv, x, kid };
}

export function signerOf(jwk: PrivateJwk): Signer {
  const key = createPrivateKey({ format: 'jwk', key: { ...jwk } });
  return { publicKey: publicHalf(jwk), sign: (message) => new Uint8Array(sign(null, message, key)) };
}
