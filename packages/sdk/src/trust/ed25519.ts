import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Ed25519Verifier } from '@leasehold/protocol';

/** Ed25519 by node:crypto. WebCrypto would do the same, but prints an experimental warning on the oldest Node we serve. */
export const ed25519: Ed25519Verifier = {
  verify(message, signature, publicKey) {
    return verify(null, message, keyObject(publicKey), signature);
  },
};

/** Reading a key costs more than verifying with it, and an agent meets the same few again and again. */
const MOST = 16;
const known: Map<string, KeyObject> = new Map();

/** From a JWK (RFC 8037): OpenSSL takes its bytes as they are, and seeks a decoder among fifty for any other form. */
function keyObject(publicKey: Uint8Array): KeyObject {
  const x = Buffer.from(publicKey).toString('base64url');
  let key = known.get(x);
  if (key === undefined) {
    if (known.size >= MOST) known.clear();
    known.set(x, (key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })));
  }
  return key;
}
