import { createHmac, timingSafeEqual } from 'node:crypto';
import { LeaseholdError, verifyProof, type Access, type ProofClaims, type RouteName } from '@leasehold/protocol';
import type { KnownToken } from './accounts/tokens.js';
import { digestOf, ed25519, thumbprintOf } from './ed25519.js';
import type { Services } from './services.js';

/** Who calls. */
export type Caller =
  | { readonly kind: 'public' }
  | { readonly kind: 'device'; readonly jkt: string }
  | { readonly kind: 'person'; readonly token: KnownToken };

/** What of a request its access is judged by. */
export interface Credentials {
  readonly route: RouteName;
  readonly access: Access;
  readonly method: string;
  /** The full URL that was called. */
  readonly url: string;
  readonly body: Uint8Array;
  readonly proof: string | undefined;
  readonly authorization: string | undefined;
}

const RANK = { viewer: 0, operator: 1, owner: 2 } as const;

/** How far a device's clock may be off before it is asked for a challenge, seconds (RFC 9449 section 11.1). */
const PROOF_WINDOW = 300;
/** How long a challenge can be answered, ms: this bucket of time and the one before. */
const NONCE_BUCKET = 300_000;

/** Answers who calls, by what a route asks for. Proofs and tokens are checked here and nowhere else. */
export class AccessControl {
  readonly #services: Services;
  readonly #nonceKey: Buffer;

  constructor(services: Services) {
    this.#services = services;
    this.#nonceKey = services.keyring.secret('challenge');
  }

  async judge(credentials: Credentials, now: number): Promise<Caller> {
    const { access } = credentials;
    if (access === 'public') return { kind: 'public' };
    if (access === 'device') return this.#device(credentials, now);
    const token = await this.#services.tokens.check(credentials.authorization, now);
    if (RANK[token.role] < RANK[access]) {
      throw new LeaseholdError('FORBIDDEN', `This needs the role ${access}; the token has the role ${token.role}.`, {
        remedy: 'Ask an owner of the account for a token with that role.',
      });
    }
    return { kind: 'person', token };
  }

  /** The challenge of this time. It is derived, not kept: any node answers for any other. */
  nonce(now: number): string {
    return this.#nonceAt(Math.floor(now / NONCE_BUCKET));
  }

  #nonceAt(bucket: number): string {
    return createHmac('sha256', this.#nonceKey).update(String(bucket)).digest('base64url').slice(0, 32);
  }

  async #device({ proof, method, url, body }: Credentials, now: number): Promise<Caller> {
    if (proof === undefined) {
      throw invalidProof('The request carries no proof of possession of a device key (header Leasehold-Proof).');
    }
    const { claims, jwk } = await verifyProof(proof, ed25519);
    if (claims.htm !== method) throw invalidProof('The proof was made for another method.');
    if (claims.htu !== url) {
      throw invalidProof(
        'The proof was made for another address.',
        'Use the address that the authority tells as its own.',
      );
    }
    if (!sameText(claims.bh, digestOf(body))) throw invalidProof('The proof was made for another body.');
    this.#judgeTime(claims, now);
    return { kind: 'device', jkt: thumbprintOf(jwk) };
  }

  /** A proof that answers our challenge was made just now, whatever the device's clock says: a wrong clock never blocks
   * the check-in that heals it (design section 4). */
  #judgeTime({ nonce, iat }: ProofClaims, now: number): void {
    const bucket = Math.floor(now / NONCE_BUCKET);
    if (nonce !== undefined && [bucket, bucket - 1].some((one) => sameText(nonce, this.#nonceAt(one)))) return;
    if (nonce === undefined && Math.abs(now / 1000 - iat) <= PROOF_WINDOW) return;
    throw new LeaseholdError('NONCE_REQUIRED', 'Repeat the request with the challenge of the header Leasehold-Nonce.', {
      remedy: 'Put the challenge into the proof as `nonce`; then the clock of the device is not judged.',
    });
  }
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function invalidProof(sentence: string, remedy = 'Sign each request anew with the device key.'): LeaseholdError {
  return new LeaseholdError('PROOF_INVALID', sentence, { remedy });
}

/** What the server keeps with a request on its way: the bytes of its body, who calls, and the one reading of the clock. */
declare module 'node:http' {
  interface IncomingMessage {
    rawBody?: Buffer;
  }
}
declare module 'fastify' {
  interface FastifyRequest {
    admitted: { readonly now: number; readonly caller: Caller };
  }
  interface FastifyContextConfig {
    name?: RouteName;
  }
}
