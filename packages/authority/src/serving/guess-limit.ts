import { createHmac } from 'node:crypto';
import { LeaseholdError } from '@leasehold/protocol';
import { LRUCache } from 'lru-cache';
import type { Services } from '../services.js';
import type { Tx } from '../store/index.js';

const WINDOW = 60_000;
const GUESSES = 20;

interface Counted {
  readonly wrong: number;
  readonly until: number;
}

/** What is guessed; each is counted by itself. */
type Secret = 'license key' | 'access token';

/** Counts unknown secrets by the address they come from. Right ones never count, and always pass: a roll-out of 500 machines
 * behind one address is no attack, and whoever shares an address with one who guesses, or names it as his own, must not stop
 * a technician at night. Guessing gains nothing by it: a key has 128 random bits, the code of a voucher 50 for its hours. The
 * count lies in the database, so that whoever guesses at several nodes gains nothing; what a node heard last of an address
 * spares it the question. */
export class GuessLimit {
  readonly #services: Services;
  readonly #what: Secret;
  readonly #secret: Buffer;
  /** Its places are taken when it is made: 0.3 MB for ten thousand addresses. */
  readonly #heard = new LRUCache<string, Counted>({ max: 10_000 });

  constructor(services: Services, what: Secret) {
    this.#services = services;
    this.#what = what;
    this.#secret = services.keyring.secret('guesses');
  }

  /** Counts one. Answers TOO_MANY_ATTEMPTS where the address has guessed too often, else undefined. */
  async count({
    address,
    now,
  }: {
    readonly address: string;
    readonly now: number;
  }): Promise<LeaseholdError | undefined> {
    const heard = this.#heard.get(address);
    if (heard !== undefined && heard.until > now && heard.wrong >= GUESSES) return this.#tooMany(heard, now);
    const { store, account } = this.#services;
    // An address is personal data; which one it was is nobody's business.
    const hash = createHmac('sha256', this.#secret).update(`${this.#what} ${address}`).digest('base64url');
    const { outcome } = await store.execute('countGuess', { account, address: hash }, now);
    this.#heard.set(address, outcome);
    return outcome.wrong > GUESSES ? this.#tooMany(outcome, now) : undefined;
  }

  #tooMany({ until }: Counted, now: number): LeaseholdError {
    return new LeaseholdError('TOO_MANY_ATTEMPTS', `Too many unknown ${this.#what}s came from this address.`, {
      retryAfterSeconds: Math.ceil((until - now) / 1000),
      remedy: `Wait a minute, then paste the ${this.#what} instead of typing it.`,
    });
  }
}

/** What whoever typed an unknown license key is told. */
export function unknownLicenseKey(): LeaseholdError {
  return new LeaseholdError('LICENSE_KEY_UNKNOWN', 'The license key is whole, but this authority does not know it.', {
    path: 'licenseKey',
    remedy: 'Check that the key belongs to this authority; ask whoever gave it to you.',
  });
}

/** Counts a wrong key of an address, in one statement. */
export async function countGuess(
  tx: Tx,
  { account, address }: { readonly account: string; readonly address: string },
  now: number,
): Promise<Counted> {
  const row = await tx.get<{ wrong: number; until_at: number }>(
    `INSERT INTO key_guesses (account, address, wrong, until_at) VALUES (?, ?, 1, ?)
       ON CONFLICT (account, address) DO UPDATE SET
         wrong = CASE WHEN key_guesses.until_at <= ? THEN 1 ELSE key_guesses.wrong + 1 END,
         until_at = CASE WHEN key_guesses.until_at <= ? THEN excluded.until_at ELSE key_guesses.until_at END
       RETURNING wrong, until_at`,
    [account, address, now + WINDOW, now, now],
  );
  return { wrong: row!.wrong, until: row!.until_at };
}
