import type { ServerResponse } from 'node:http';
import type { KnownToken } from '../accounts/tokens.js';

/** A client whose unsent bytes exceed this is dropped; it comes back and catches up at its own pace. */
const MOST_UNSENT = 256 * 1024;
/** A client that catches up and takes nothing for so long is gone, ms. */
const STALLED = 60_000;

/** One open stream of the feed. What waits for a client that does not read is bounded, and so is the time. */
export class FeedClient {
  readonly #stream: ServerResponse;
  /** Whose right to follow ends with it. */
  readonly token: KnownToken;
  /** The last row it was sent. */
  seq: number;

  constructor(stream: ServerResponse, token: KnownToken, seq: number) {
    this.#stream = stream;
    this.token = token;
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
