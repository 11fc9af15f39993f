import { calculateJwkThumbprint } from 'jose';
import type { PublicJwk } from './seal.js';

/** RFC 7638 thumbprint of a public key: base64url of SHA-256. It is the key id of roots and signing keys, and the
 * `jkt` that binds a lease to its device key. */
export function thumbprint(jwk: PublicJwk): Promise<string> {
  return calculateJwkThumbprint({ kty: jwk.kty, crv: jwk.crv, x: jwk.x });
}
