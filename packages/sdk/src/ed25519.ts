import { createPublicKey, verify } from 'node:crypto';
import type { Ed25519Verifier } from '@leasehold/protocol';

/** The DER head of an Ed25519 public key (RFC 8410 section 4); the 32 raw bytes follow. */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** Ed25519 by node:crypto. WebCrypto would do the same, but prints an experimental warning on the oldest Node we serve. */
export const ed25519: Ed25519Verifier = {
  verify(message, signature, publicKey) {
    const key = createPublicKey({ key: Buffer.concat([SPKI_HEAD, publicKey]), format: 'der', type: 'spki' });
    return verify(null, message, key, signature);
  },
};
