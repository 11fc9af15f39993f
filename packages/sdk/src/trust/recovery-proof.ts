import {
  LeaseholdError,
  fromBase64Url,
  fromUtf8,
  readJwk,
  signToken,
  toBase64Url,
  utf8,
  verifyToken,
} from '@leasehold/protocol';
import type { RecoveryClaims, Signer } from '@leasehold/protocol';
import { ed25519 } from './ed25519.js';
import type { Holding } from '../lease/license-document.js';
import { keyId } from './trust.js';
import type { TrustPath } from './trust.js';

/** A recovery proof as one line of text: what the device key signed, and all that a stranger with the vendor's root needs
 * to follow it up: device key → lease → keyset → root. It holds no right to back up. */
interface Bundle {
  readonly v: 1;
  readonly proof: string;
  readonly key: string;
  readonly lease: string;
  readonly keyset: string;
}
const PREFIX = 'leasehold-recovery:';

/** Says that this installation was licensed; to be stored beside each recovery point (F-10). */
export async function makeRecoveryProof(
  held: {
    readonly product: string;
    readonly account: string;
    readonly keyset: string;
    readonly holding: Holding;
    readonly leaseId: string;
    readonly signer: Signer;
  },
  now: number,
): Promise<string> {
  const { product, account, keyset, holding, leaseId, signer } = held;
  const claims: RecoveryClaims = {
    product,
    account,
    instance: holding.instance,
    lease: leaseId,
    coveredSince: holding.coveredSince,
    iat: Math.floor(now / 1000),
  };
  const proof = await signToken('recovery', claims, signer);
  const bundle: Bundle = { v: 1, proof, key: signer.publicKey.x, lease: holding.lease, keyset };
  return PREFIX + toBase64Url(utf8(JSON.stringify(bundle)));
}

/** The claims of a genuine proof of this product under the pinned roots, else undefined. */
export async function verifyRecoveryProof(trust: TrustPath, text: string): Promise<RecoveryClaims | undefined> {
  try {
    const bytes = text.startsWith(PREFIX) ? fromBase64Url(text.slice(PREFIX.length).trim()) : undefined;
    if (bytes === undefined) return undefined;
    const { proof, key, lease: leaseToken, keyset } = JSON.parse(fromUtf8(bytes)) as Bundle;
    const jwk = readJwk({ kty: 'OKP', crv: 'Ed25519', x: key });
    const kid = keyId(jwk);
    const path = trust.aside();
    const { iss } = await path.adoptKeyset(keyset);
    const lease = await path.lease(leaseToken, kid);
    const claims = await verifyToken('recovery', proof, {
      ed25519,
      keys: (signedBy) => {
        if (signedBy === kid) return jwk;
        throw new LeaseholdError('KEY_UNKNOWN', 'The recovery proof is signed by another device.');
      },
      expect: { product: lease.product, account: iss },
    });
    return claims.instance === lease.sub && claims.lease === lease.jti ? claims : undefined;
  } catch {
    // Whatever is wrong with it, it proves nothing; the medium then decides by its other proofs.
    return undefined;
  }
}
