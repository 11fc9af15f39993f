import type { ServerResponse } from 'node:http';
import type { KnownToken } from '../accounts/tokens.js';
import type { Sight } from './sight.js';

/** A client whose unsent bytes exceed this is dropped; it comes back and catches up at its own pace. */
const MOST_UNSENT = 256 * 1024;
/** A client that catches up and takes nothing for so long is gone, ms. */
const STALLED = 60_000;

/** Who follows. `sight` undefined: sees all. */
export interface FeedReader {
  readonly token: KnownToken;
  readonly sight: Sight | undefined;
}

/** One open stream of the feed. What waits for a client that does not read is bounded, and so is the time. */
export class FeedClient {
  readonly #stream: ServerResponse;
  /** Whose right to follow ends with it. */
  token: KnownToken;
  /** What it sees; undefined: all. */
  readonly sight: Sight | undefined;
  /** The last row it was sent, or that it does not see. */
  seq: number;

  constructor(stream: ServerResponse, { token, sight }: FeedReader, seq: number) {
    this.#stream = stream;
    this.token = token;
    this.sight = sight;
    this.seq = seq;
  }

  get isOpen(): boolean {
    return !this.#stream.destroyed && !this.#stream.writableEnded;
  }

  /** Bytes that it has not taken yet. */
  get unsent(): number {
    return this.#stream.writableLength;
  }

  send(text: string): void {
    if (!this.isOpen) return;
    if (this.#stream.writableLength > MOST_UNSENT) this.#stream.destroy();
    else this.#stream.write(text);
  }

  end(): void {
    this.#stream.end();
  }

  /** Resolves when what was sent has left, or the client is gone. */
  async taken(): Promise<void> {
    const stream = this.#stream;
    if (!stream.writableNeedDrain || !this.isOpen) return;
    let stalled: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      stalled = setTimeout(() => stream.destroy(), STALLED);
      stream.once('drain', resolve);
      stream.once('close', resolve);
    });
    clearTimeout(stalled);
  }
}
