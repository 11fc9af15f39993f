import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Ed25519Verifier } from '@leasehold/protocol';

/** The DER head of an Ed25519 public key (RFC 8410 section 4); the 32 raw bytes follow. */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** Ed25519 by node:crypto. WebCrypto would do the same, but prints an experimental warning on the oldest Node we serve. */
export const ed25519: Ed25519Verifier = {
  verify(message, signature, publicKey) {
    return verify(null, message, keyObject(publicKey), signature);
  },
};

/** Reading a key costs more than verifying with it, and an agent meets the same few again and again. */
const MOST = 16;
const known: Map<string, KeyObject> = new Map();

function keyObject(publicKey: Uint8Array): KeyObject {
  const der = Buffer.concat([SPKI_HEAD, publicKey]);
  const name = der.toString('latin1');
  let key = known.get(name);
  if (key === undefined) {
    if (known.size >= MOST) known.clear();
    known.set(name, (key = createPublicKey({ key: der, format: 'der', type: 'spki' })));
  }
  return key;
}
