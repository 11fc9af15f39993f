import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Signer } from '@leasehold/protocol';
import type { SecretAnswer, SecretStore, SecretsUnavailable } from '../secrets/secret-store.js';
import { keyId } from '../trust/trust.js';

/** The key pair of this installation (Ed25519, RFC 8037). `publicKey.kid` is its RFC 7638 thumbprint: the lease is bound
 * to it (RFC 7800) and every request proves it (RFC 9449). The private half never leaves this file but for its store. */
export type DeviceKey = Signer;

const ACCOUNT = 'device-key';

/** The key made at activation, or `absent`. A stored text that is no such key is `unavailable`, reason `damaged`: it is
 * never replaced silently, since another key is another installation to the authority. */
export async function loadDeviceKey(secrets: SecretStore, service: string): Promise<SecretAnswer<DeviceKey>> {
  const stored = await secrets.getPassword(service, ACCOUNT);
  if (stored.outcome !== 'found') return stored;
  try {
    const key = readPrivateKey(Buffer.from(stored.value, 'base64'));
    if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('The stored key is of another kind.');
    return { outcome: 'found', value: deviceKey(key) };
  } catch (cause) {
    return { outcome: 'unavailable', reason: 'damaged', cause };
  }
}

/** Makes a key pair and stores it; it is handed out only once it is stored, so that no lease is bound to a key that the
 * next start does not have. */
export async function createDeviceKey(
  secrets: SecretStore,
  service: string,
): Promise<{ readonly outcome: 'found'; readonly value: DeviceKey } | SecretsUnavailable> {
  const { der, key } = newDeviceKey();
  const stored = await secrets.setPassword(service, ACCOUNT, der.toString('base64'));
  return stored.outcome === 'stored' ? { outcome: 'found', value: key } : stored;
}

/** A fresh key, and how it is kept. The private half is 32 random bytes (RFC 8032 section 5.1.5). A key that Node generates
 * can stop its process for good: it is locked while its public half is read, and a garbage collection in that moment waits
 * for the same lock. */
export function newDeviceKey(): { readonly der: Buffer; readonly key: DeviceKey } {
  const der = Buffer.concat([PKCS8_HEAD, randomBytes(32)]);
  return { der, key: deviceKey(readPrivateKey(der)) };
}

/** Forgets the key, at deactivation. */
export function deleteDeviceKey(
  secrets: SecretStore,
  service: string,
): Promise<{ readonly outcome: 'deleted' } | { readonly outcome: 'absent' } | SecretsUnavailable> {
  return secrets.deletePassword(service, ACCOUNT);
}

/** What stands in PKCS #8 before the 32 bytes of an Ed25519 key (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** OpenSSL takes the bytes of a key as they are, and seeks a decoder among fifty for the form around them, which costs a
 * start more than to verify its three tokens. */
function readPrivateKey(der: Buffer): KeyObject {
  const head = der.subarray(0, PKCS8_HEAD.length);
  if (der.length === head.length + 32 && head.equals(PKCS8_HEAD)) {
    const d = der.toString('base64url', head.length);
    try {
      return createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x: '', d }, format: 'jwk' });
    } catch {
      // From Node 26 on the public half must be given too, and it is known only by the key.
    }
  }
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

function deviceKey(key: KeyObject): DeviceKey {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  if (x === undefined) throw new TypeError('The key has no public half.');
  const jwk = { kty: 'OKP', crv: 'Ed25519', x } as const;
  return {
    publicKey: { ...jwk, kid: keyId(jwk) },
    sign: (message) => sign(null, message, key),
  };
}
