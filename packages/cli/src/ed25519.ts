import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Ed25519Verifier, Sha256 } from '@leasehold/protocol';

/** The seal's primitive by node:crypto, for what the command verifies itself. */
export const ed25519: Ed25519Verifier = {
  verify: (message, signature, raw) => {
    const x = Buffer.from(raw).toString('base64url');
    return verify(null, message, createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } }), signature);
  },
};

export const sha256: Sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());
