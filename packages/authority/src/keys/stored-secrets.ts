import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { PrivateJwk } from './ed25519.js';

/** A key for secrets that have to be kept as they are, by the signing key that it was derived from. */
export interface StoredSecretKey {
  readonly kid: string;
  /** 32 bytes, base64url. */
  readonly key: string;
}

/** 32 bytes that a signing key gives for a purpose: every node of the account derives them alike and nobody else can. */
export function deriveSecret({ d }: Pick<PrivateJwk, 'd'>, account: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', d, account, `leasehold ${purpose}`, 32));
}

export function storedSecretKey(signing: PrivateJwk, account: string): StoredSecretKey {
  return { kid: signing.kid, key: deriveSecret(signing, account, 'stored secrets').toString('base64url') };
}

/** Seals a secret for the database: AES-256-GCM under the first of these keys, bound to what it is the secret of.
 * Written `sealed.KID.NONCE.TEXT`, base64url. */
export function sealSecret(
  [{ kid, key }]: readonly [StoredSecretKey, ...unknown[]],
  of: string,
  secret: string,
): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key, 'base64url'), nonce).setAAD(Buffer.from(of));
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return ['sealed', kid, nonce.toString('base64url'), text.toString('base64url')].join('.');
}

/** Opens what was sealed; what stands there from before it was sealed is answered as it is. Undefined: no key opens it. */
export function openSecret(keys: readonly StoredSecretKey[], of: string, sealed: string): string | undefined {
  if (!isSealed(sealed)) return sealed;
  const [, kid, nonce = '', text = ''] = sealed.split('.');
  const key = keys.find((one) => one.kid === kid)?.key;
  if (key === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  const open = createDecipheriv('aes-256-gcm', Buffer.from(key, 'base64url'), Buffer.from(nonce, 'base64url'));
  open.setAAD(Buffer.from(of)).setAuthTag(bytes.subarray(-16));
  try {
    return Buffer.concat([open.update(bytes.subarray(0, -16)), open.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

export const isSealed = (secret: string): boolean => secret.startsWith('sealed.');

/** Is it sealed under this key? What is not is sealed again when the authority starts. */
export const isSealedBy = ({ kid }: StoredSecretKey, secret: string): boolean => secret.startsWith(`sealed.${kid}.`);
