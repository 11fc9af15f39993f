import { readIntent } from './license-document.js';
import type { Intent } from './license-document.js';
import type { StateStore } from './state-store.js';

const DOCUMENT = 'intent';

/** The lease chain at our end: the parent and a fresh nonce are on disk before the request leaves, and the same pair is
 * used again until it is answered. So a lost reply is answered again and never costs a second seat. */
export class Chain {
  readonly #store: StateStore;
  readonly #random: (size: number) => Uint8Array;
  #intent: Intent | undefined;

  constructor(store: StateStore, random: (size: number) => Uint8Array) {
    this.#store = store;
    this.#random = random;
  }

  /** The link of the next request. `unwritten`: the disk did not take it; it holds in memory as long as we run, and the
   * authority takes a late parent for a state that was put back. */
  async link(parent: string | null, keyDigest: string | null): Promise<{ intent: Intent; unwritten?: unknown }> {
    const open = this.#intent ?? (await this.#load());
    if (open !== undefined && open.parent === parent && open.keyDigest === keyDigest) {
      this.#intent = open;
      return { intent: open };
    }
    const nonce = Buffer.from(this.#random(16)).toString('base64url');
    this.#intent = { parent, nonce, keyDigest };
    const written = await this.#store.write(DOCUMENT, this.#intent);
    return { intent: this.#intent, ...(written.outcome === 'unavailable' ? { unwritten: written } : {}) };
  }

  /** The authority refused for good: nothing was changed there, and the next request starts afresh. */
  async drop(): Promise<void> {
    this.#intent = undefined;
    await this.#store.write(DOCUMENT, null);
  }

  async #load(): Promise<Intent | undefined> {
    const read = await this.#store.read(DOCUMENT);
    return read.outcome === 'found' ? readIntent(read.value) : undefined;
  }
}
