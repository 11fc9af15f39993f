import { createHash, createPublicKey, verify } from 'node:crypto';
import { toBase64Url, type Ed25519Verifier, type PublicJwk, type Sha256, type Signer } from '@leasehold/protocol';
import { newDeviceKey } from '../../packages/sdk/src/machine/device-key.js';

/** The Ed25519 of Node for tests of the seal. */
export const ed25519: Ed25519Verifier = {
  verify: (message, signature, raw) => {
    const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(raw) } });
    return verify(null, message, key, signature);
  },
};

export const sha256: Sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());

/** A fresh key pair that signs; `jwk` is its public half with its thumbprint as key id. */
export async function newSigner(): Promise<Signer & { readonly jwk: PublicJwk & { readonly kid: string } }> {
  const { key } = newDeviceKey();
  return { jwk: key.publicKey, ...key };
}

/** The token with another signature, of the same length. */
export function edited(token: string): string {
  const at = token.lastIndexOf('.') + 1;
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}
