import type { ProofClaims } from './messages/types.js';
import { LeaseholdError } from './problems.js';
import type { Ed25519Verifier, PublicJwk } from './seal.js';
import { verifyProof } from './tokens.js';

/** A request as it came in: what a proof of possession must have been made for (RFC 9449 section 4.3). */
export interface ProvenRequest {
  readonly method: string;
  /** The full URL that was called. */
  readonly url: string;
  /** SHA-256 of the very bytes of the body, base64url. */
  readonly bodyDigest: string;
  readonly proof: string | undefined;
}

/** How far a device's clock may be off before it is asked for a challenge, seconds (RFC 9449 section 11.1). */
const PROOF_WINDOW = 300;
/** How long a challenge can be answered, ms: this bucket of time and the one before. */
const NONCE_BUCKET = 300_000;

/** Whoever answers devices: its primitive, how it compares texts, and the challenge of a bucket of time, which is derived
 * from a secret and not kept, so that any node answers for any other. */
export interface ProofJudge {
  readonly ed25519: Ed25519Verifier;
  readonly same: (a: string, b: string) => boolean;
  readonly nonceOf: (bucket: number) => string;
}

/** The challenge of this time. */
export function challengeAt(judge: ProofJudge, now: number): string {
  return judge.nonceOf(Math.floor(now / NONCE_BUCKET));
}

/** The device key that made this request. Throws PROOF_INVALID; NONCE_REQUIRED where the clock of the device says nothing
 * about when the proof was made: a wrong clock never blocks the check-in that heals it (design section 4). */
export async function provenKey(request: ProvenRequest, judge: ProofJudge, now: number): Promise<PublicJwk> {
  const { proof, method, url, bodyDigest } = request;
  if (proof === undefined)
    throw invalid('The request carries no proof of possession of a device key (header Leasehold-Proof).');
  const { claims, jwk } = await verifyProof(proof, judge.ed25519);
  if (claims.htm !== method) throw invalid('The proof was made for another method.');
  if (claims.htu !== url)
    throw invalid('The proof was made for another address.', 'Use the address that is told as its own.');
  if (!judge.same(claims.bh, bodyDigest)) throw invalid('The proof was made for another body.');
  judgeTime(claims, judge, now);
  return jwk;
}

function judgeTime({ nonce, iat }: ProofClaims, { same, nonceOf }: ProofJudge, now: number): void {
  const bucket = Math.floor(now / NONCE_BUCKET);
  if (nonce !== undefined && [bucket, bucket - 1].some((one) => same(nonce, nonceOf(one)))) return;
  if (nonce === undefined && Math.abs(now / 1000 - iat) <= PROOF_WINDOW) return;
  throw new LeaseholdError('NONCE_REQUIRED', 'Repeat the request with the challenge of the header Leasehold-Nonce.', {
    remedy: 'Put the challenge into the proof as `nonce`; then the clock of the device is not judged.',
  });
}

function invalid(sentence: string, remedy = 'Sign each request anew with the device key.'): LeaseholdError {
  return new LeaseholdError('PROOF_INVALID', sentence, { remedy });
}
