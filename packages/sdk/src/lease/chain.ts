import { readIntent } from './license-document.js';
import type { Intent } from './license-document.js';
import type { StateStore } from '../state/state-store.js';

const DOCUMENT = 'intent';

/** The lease chain at our end: the parent and a fresh nonce are on disk before the request leaves, and the same pair is
 * used again until it is answered. So a lost reply is answered again and never costs a second seat. */
export class Chain {
  readonly #store: StateStore;
  readonly #random: (size: number) => Uint8Array;
  readonly #mayWrite: () => Promise<boolean>;
  readonly #now: () => number;
  #intent: Intent | undefined;

  /** `now`: the trusted time, epoch milliseconds. */
  constructor(
    store: StateStore,
    random: (size: number) => Uint8Array,
    mayWrite: () => Promise<boolean>,
    now: () => number,
  ) {
    this.#store = store;
    this.#random = random;
    this.#mayWrite = mayWrite;
    this.#now = now;
  }

  /** The link of the next request. Where the disk does not take it, it holds in memory as long as we run; later on the
   * authority takes the late parent for a state that was put back, which costs no seat. */
  async link(parent: string | null, keyDigest: string | null): Promise<Intent> {
    const open = this.#intent ?? (await this.#load());
    if (open !== undefined && open.parent === parent && open.keyDigest === keyDigest) {
      this.#intent = open;
      return open;
    }
    const nonce = Buffer.from(this.#random(16)).toString('base64url');
    this.#intent = { parent, nonce, keyDigest, askedAt: this.#now() };
    if (await this.#mayWrite()) await this.#store.write(DOCUMENT, this.#intent);
    return this.#intent;
  }

  /** The authority refused for good: nothing was changed there, and the next request starts afresh. */
  async drop(): Promise<void> {
    this.#intent = undefined;
    if (await this.#mayWrite()) await this.#store.write(DOCUMENT, null);
  }

  async #load(): Promise<Intent | undefined> {
    const read = await this.#store.read(DOCUMENT);
    return read.outcome === 'found' ? readIntent(read.value) : undefined;
  }
}
