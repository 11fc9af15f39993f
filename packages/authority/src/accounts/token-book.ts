import { timingSafeEqual } from 'node:crypto';
import { LeaseholdError } from '@leasehold/protocol';
import { LRUCache } from 'lru-cache';
import { digestOf } from '../keys/ed25519.js';
import type { AuthorityRegistry } from '../registry.js';
import type { Store } from '../store/index.js';
import { isToken, type KnownToken } from './tokens.js';

/** On another node a token may be revoked: a cached one is asked for again after this, ms. */
const TTL = 5000;
/** How often it is noted that a token was used, ms. */
const TOUCH_EVERY = 3_600_000;

/** Knows the tokens of people by their hashes. */
export class TokenBook {
  readonly #store: Store<AuthorityRegistry>;
  readonly #account: string;
  readonly #known = new LRUCache<string, { readonly token: KnownToken | null }>({ max: 10_000, ttl: TTL });
  readonly #touched = new LRUCache<string, true>({ max: 10_000, ttl: TOUCH_EVERY });

  constructor(store: Store<AuthorityRegistry>, account: string) {
    this.#store = store;
    this.#account = account;
  }

  /** The token of an Authorization header; null for a whole one that is unknown or was revoked. Throws UNAUTHORIZED for
   * one that is torn or has ended. */
  async check(authorization: string | undefined, now: number): Promise<KnownToken | null> {
    const text = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    if (text === undefined || !isToken(text)) throw unauthorized('The request carries no whole access token.');
    const hash = digestOf(text);
    const token = await this.#find(hash);
    if (token === null || !timingSafeEqual(Buffer.from(token.hash), Buffer.from(hash))) return null;
    if (token.expiresAt <= now) throw unauthorized('The access token has ended.');
    this.#touch(token, now);
    return token;
  }

  /** The token as it is now: one that was rotated ends sooner than it did. Null: it was revoked. */
  asItIs({ hash }: KnownToken): Promise<KnownToken | null> {
    return this.#find(hash);
  }

  /** After a token was revoked here: none is trusted from memory. */
  forget(): void {
    this.#known.clear();
  }

  async #find(hash: string): Promise<KnownToken | null> {
    let known = this.#known.get(hash);
    if (known === undefined) {
      known = { token: await this.#store.read('findToken', { account: this.#account, hash }) };
      this.#known.set(hash, known);
    }
    return known.token;
  }

  #touch({ id }: KnownToken, now: number): void {
    if (this.#touched.has(id)) return;
    this.#touched.set(id, true);
    // Whether it was noted changes nothing for the caller.
    this.#store.execute('touchToken', { account: this.#account, id }, now).catch(() => this.#touched.delete(id));
  }
}

/** What the holder of a token that is no longer one is told. */
export function unknownToken(): LeaseholdError {
  return unauthorized('The access token is unknown or was revoked.');
}

function unauthorized(sentence: string): LeaseholdError {
  return new LeaseholdError('UNAUTHORIZED', sentence, {
    remedy: 'Paste a connection string that is still valid, or ask for a new one.',
  });
}
