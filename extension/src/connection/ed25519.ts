import type { Ed25519Verifier, Sha256 } from '@leasehold/protocol';

/** Ed25519 of the browser's WebCrypto (RFC 8032). */
export const ed25519: Ed25519Verifier = {
  async verify(message, signature, publicKey) {
    const key = await crypto.subtle.importKey('raw', copy(publicKey), 'Ed25519', false, ['verify']);
    return crypto.subtle.verify('Ed25519', key, copy(signature), copy(message));
  },
};

export const sha256: Sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

/** WebCrypto takes no view on shared memory; the copy says so to the type checker too. */
function copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
