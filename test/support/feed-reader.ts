import type { HeadClaims, Message } from '@leasehold/protocol';
import { claimsOf } from './authority.js';

export interface FeedEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: unknown;
}

/** Reads server-sent events as a page would, and gives them one by one. */
export class FeedReader {
  readonly #abort = new AbortController();
  readonly #events: FeedEvent[] = [];
  #waiting: (() => void) | undefined;
  #ended = false;

  static async open(
    { authority, ownerToken }: { readonly authority: { readonly url: string }; readonly ownerToken: string },
    lastEventId?: string,
  ): Promise<FeedReader> {
    const reader = new FeedReader();
    const response = await fetch(`${authority.url}/v1/admin/feed`, {
      headers: {
        authorization: `Bearer ${ownerToken}`,
        accept: 'text/event-stream',
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
      signal: reader.#abort.signal,
    });
    if (response.status !== 200) throw new Error(`the feed answered ${response.status}`);
    void reader.#read(response.body!);
    return reader;
  }

  async next(): Promise<FeedEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      if (this.#ended) throw new Error('the feed ended');
      await new Promise<void>((resolve) => (this.#waiting = resolve));
    }
  }

  /** The next row. */
  async row(): Promise<Message<'JournalRow'>> {
    for (;;) {
      const { event, data } = await this.next();
      if (event === 'row') return data as Message<'JournalRow'>;
    }
  }

  /** The next signed head that fits. */
  async head(fits: (claims: HeadClaims) => boolean): Promise<string> {
    for (;;) {
      const { event, data } = await this.next();
      const { head } = data as { head: string };
      if (event === 'head' && fits(claimsOf(head) as unknown as HeadClaims)) return head;
    }
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for await (const chunk of body) {
        text += decoder.decode(chunk, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop()!;
        for (const block of blocks) this.#take(block);
      }
    } catch {
      // Closed from either side.
    }
    this.#ended = true;
    this.#waiting?.();
  }

  #take(block: string): void {
    const lines = block.split('\n');
    const field = (name: string): string | undefined =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    const event = field('event');
    if (event === undefined) return;
    this.#events.push({ event, id: field('id'), data: JSON.parse(field('data')!) });
    this.#waiting?.();
  }
}
