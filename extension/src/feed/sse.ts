import { LeaseholdError } from '@leasehold/protocol';

/** One event of a stream, as the HTML standard parses it (section 9.2.6). */
export interface SseEvent {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

/** A journal row carries at most 2,000,000 characters of payload; an event beyond this is none of ours. */
const MAX_EVENT = 4_500_000;

/** Takes a stream apart, piece by piece. `push` answers the events that the piece completed; a comment (heartbeat) alone
 * completes none. Throws PAYLOAD_TOO_LARGE on an event without end. */
export class SseParser {
  #rest = '';
  #event = '';
  #id = '';
  #data: string[] = [];
  #size = 0;

  push(text: string): SseEvent[] {
    const events: SseEvent[] = [];
    this.#rest += text;
    if (this.#rest.length + this.#size > MAX_EVENT) {
      throw new LeaseholdError('PAYLOAD_TOO_LARGE', 'An event of the feed is larger than any that is sent.');
    }
    // A carriage return at the very end may be the first half of CR LF.
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = this.#line(line);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  #line(line: string): SseEvent | undefined {
    if (line === '') return this.#finish();
    const colon = line.indexOf(':');
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'data') {
      this.#data.push(value);
      this.#size += value.length;
    }
    return undefined;
  }

  #finish(): SseEvent | undefined {
    const data = this.#data;
    const event = this.#event || 'message';
    this.#data = [];
    this.#event = '';
    this.#size = 0;
    return data.length === 0 ? undefined : { event, id: this.#id, data: data.join('\n') };
  }
}
