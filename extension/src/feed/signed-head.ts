import { isJournalPage } from '@leasehold/protocol/guards';
import { keysOf, LeaseholdError, verifyToken } from '@leasehold/protocol';
import type { Authority } from '../connection/authority.js';
import { ed25519 } from '../connection/ed25519.js';
import { genuine, trustedKeyset, type Keyset } from '../connection/keyset.js';
import type { SavedConnection } from '../connection/saved.js';
import type { Platform } from '../platform.js';
import type { HeadClaims } from '../model/rows.js';

/** Who signs for the account: the keyset under the pinned roots, fetched again when a newer signing key shows up. */
export class Signers {
  readonly #platform: Platform;
  readonly #connection: SavedConnection;
  readonly #authority: Authority;
  #keyset: Keyset | undefined;

  constructor(platform: Platform, connection: SavedConnection, authority: Authority) {
    this.#platform = platform;
    this.#connection = connection;
    this.#authority = authority;
  }

  async refresh(): Promise<Keyset> {
    this.#keyset = await trustedKeyset(this.#platform, this.#connection, this.#authority);
    return this.#keyset;
  }

  /** Verifies a signed journal head. Rejects with TrustBroken. */
  async head(token: string): Promise<HeadClaims> {
    const keyset = this.#keyset ?? (await this.refresh());
    try {
      return await this.#verify(token, keyset);
    } catch (error) {
      if (!LeaseholdError.is(error) || error.code !== 'KEY_UNKNOWN') return genuine(() => Promise.reject(error));
      const newer = await this.refresh();
      return genuine(() => this.#verify(token, newer));
    }
  }

  #verify(token: string, keyset: Keyset): Promise<HeadClaims> {
    const expect = { iss: this.#connection.account };
    return verifyToken('head', token, { ed25519, keys: keysOf(keyset), expect });
  }
}

/** The signed head as it is now. */
export async function currentHead(authority: Authority, signers: Signers, signal?: AbortSignal): Promise<HeadClaims> {
  const query = { after: '0:999999999999999', limit: '1' };
  const page = await authority.call('journal', isJournalPage, { query, ...(signal ? { signal } : {}) });
  return signers.head(page.head);
}
