import { LeaseholdError } from '@leasehold/protocol';
import { LRUCache } from 'lru-cache';

const WINDOW = 60_000;
const GUESSES = 20;

/** Counts unknown license keys by the address they come from. Right keys never count: a roll-out of 500 machines behind
 * one address is no attack. */
export class GuessLimit {
  readonly #wrong = new LRUCache<string, { count: number; until: number }>({ max: 100_000 });

  /** Throws TOO_MANY_ATTEMPTS while an address has guessed too often. */
  assertMayTry(address: string, now: number): void {
    const entry = this.#wrong.get(address);
    if (entry === undefined || entry.until <= now || entry.count < GUESSES) return;
    throw new LeaseholdError('TOO_MANY_ATTEMPTS', 'Too many unknown license keys came from this address.', {
      retryAfterSeconds: Math.ceil((entry.until - now) / 1000),
      remedy: 'Wait a minute, then paste the key instead of typing it.',
    });
  }

  /** Counts one, and answers what the caller is told. */
  unknownKey({ address, now }: { readonly address: string; readonly now: number }): LeaseholdError {
    const entry = this.#wrong.get(address);
    if (entry === undefined || entry.until <= now) this.#wrong.set(address, { count: 1, until: now + WINDOW });
    else entry.count += 1;
    return new LeaseholdError('LICENSE_KEY_UNKNOWN', 'The license key is whole, but this authority does not know it.', {
      path: 'licenseKey',
      remedy: 'Check that the key belongs to this authority; ask whoever gave it to you.',
    });
  }
}
