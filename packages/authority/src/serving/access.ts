import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  challengeAt,
  LeaseholdError,
  provenKey,
  type ProofJudge,
  type RouteName,
  type RouteRow,
} from '@leasehold/protocol';
import { unknownToken } from '../accounts/token-book.js';
import type { KnownToken } from '../accounts/tokens.js';
import { digestOf, ed25519, thumbprintOf } from '../keys/ed25519.js';
import { GuessLimit } from './guess-limit.js';
import type { Services } from '../services.js';

/** Who calls. */
export type Caller =
  | { readonly kind: 'public' }
  | { readonly kind: 'device'; readonly jkt: string }
  | { readonly kind: 'person'; readonly token: KnownToken };

/** What of a request its access is judged by. */
export interface Credentials {
  readonly row: RouteRow;
  readonly method: string;
  /** The full URL that was called. */
  readonly url: string;
  readonly body: Uint8Array;
  readonly proof: string | undefined;
  readonly authorization: string | undefined;
  /** Network address of the caller, for limits alone. */
  readonly address: string;
}

const RANK = { viewer: 0, operator: 1, owner: 2 } as const;

/** Answers who calls, by what a route asks for. Proofs and tokens are checked here and nowhere else. */
export class AccessControl {
  readonly #services: Services;
  readonly #judge: ProofJudge;
  readonly #guesses: GuessLimit;

  constructor(services: Services) {
    this.#services = services;
    const nonceKey = services.keyring.secret('challenge');
    const nonceOf = (bucket: number): string =>
      createHmac('sha256', nonceKey).update(String(bucket)).digest('base64url').slice(0, 32);
    this.#judge = { ed25519, same: sameText, nonceOf };
    this.#guesses = new GuessLimit(services, 'access token');
  }

  async judge(credentials: Credentials, now: number): Promise<Caller> {
    const { access } = credentials.row;
    if (access === 'public') return { kind: 'public' };
    if (access === 'device') return this.#device(credentials, now);
    const token = await this.#services.tokens.check(credentials.authorization, now);
    if (token === null) throw (await this.#guesses.count({ ...credentials, now })) ?? unknownToken();
    if (RANK[token.role] < RANK[access]) {
      throw new LeaseholdError('FORBIDDEN', `This needs the role ${access}; the token has the role ${token.role}.`, {
        remedy: 'Ask an owner of the account for a token with that role.',
      });
    }
    if ('scope' in credentials.row && credentials.row.scope === 'account' && token.companyId !== null) {
      throw new LeaseholdError('FORBIDDEN', 'This concerns the whole account; the token acts for a company.', {
        remedy: 'Ask an owner of the account to do it, or for a token of the account.',
      });
    }
    return { kind: 'person', token };
  }

  /** The challenge of this time. */
  nonce(now: number): string {
    return challengeAt(this.#judge, now);
  }

  async #device({ proof, method, url, body }: Credentials, now: number): Promise<Caller> {
    const jwk = await provenKey({ proof, method, url, bodyDigest: digestOf(body) }, this.#judge, now);
    return { kind: 'device', jkt: thumbprintOf(jwk) };
  }
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** What the server keeps with a request on its way: the bytes of its body, who calls, and the one reading of the clock. */
declare module 'node:http' {
  interface IncomingMessage {
    rawBody?: Buffer | undefined;
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
