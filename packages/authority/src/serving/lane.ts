import { LeaseholdError } from '@leasehold/protocol';

/** How long the first in the queue may have waited before newcomers are turned away, ms: above it a queue only grows. */
const PATIENCE = 500;
const SECOND = 1000;
/** How far ahead a caller is told to come back at the soonest and the latest, ms. */
const SOONEST = 5 * SECOND;
const LATEST = 900 * SECOND;
/** Of what it can serve, the part that is promised to those who were turned away; the rest is for whoever comes anew. */
const PROMISED = 0.75;

export interface LaneOptions {
  /** Calls under way at once. */
  readonly width: number;
  /** Milliseconds that only rise. */
  readonly clock: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Runs what it is given in a later turn of the event loop: door.ts. */
  readonly later: (serve: () => void) => void;
}

/** Calls of one kind, so that they cannot take the place of others: so many under way, the rest waits in order, and when
 * that takes too long newcomers are turned away, each with a time of its own to come back. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #waiting: { readonly since: number; readonly go: () => void }[] = [];
  #running = 0;
  #turnedAway = 0;
  /** Until when the time to come back is given away. */
  #promisedUntil = 0;
  readonly #pace: Pace;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#pace = new Pace(options.clock());
  }

  get waiting(): number {
    return this.#waiting.length;
  }
  /** How many at work would have to leave for one more. */
  get short(): number {
    return this.#running < this.#options.width ? 0 : this.#waiting.length + 1;
  }
  get turnedAway(): number {
    return this.#turnedAway;
  }

  /** Throws OVERLOADED with the seconds after which to come back. Cheap: asked before anything of a call is read. */
  assertOpen(): void {
    const [first] = this.#waiting;
    const now = this.#options.clock();
    if (first === undefined || now - first.since < PATIENCE) return;
    this.#turnedAway += 1;
    throw new LeaseholdError('OVERLOADED', 'More calls arrive than can be served in time.', {
      retryAfterSeconds: this.#comeBackAfter(now),
      remedy: 'Come back at the time named; a lease that is held goes on meanwhile.',
    });
  }

  /** Resolves when it is this call's turn, with what ends it. */
  async enter(): Promise<() => void> {
    const since = this.#options.clock();
    await new Promise<void>((go) => {
      if (this.#running >= this.#options.width) this.#waiting.push({ since, go });
      else this.#start(go);
    });
    let left = false;
    return () => {
      if (!left) this.#leave();
      left = true;
    };
  }

  #leave(): void {
    this.#pace.served(this.#options.clock(), this.#waiting.length > 0);
    this.#running -= 1;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#start(next.go);
  }

  /** Not at once: replies of the storage worker come in one turn of the event loop as long as there are any, so that a
   * queue which feeds it would be served to its end in that turn, and nobody who comes meanwhile be seen or turned away. */
  #start(go: () => void): void {
    this.#running += 1;
    this.#options.later(go);
  }

  /** Places in a line that moves as fast as calls are served: a herd comes back at the pace at which it can be served,
   * not all at once again. */
  #comeBackAfter(now: number): number {
    const next = Math.max(this.#promisedUntil, now + SOONEST) + SECOND / (this.#pace.perSecond * PROMISED);
    this.#promisedUntil = Math.min(next, now + LATEST);
    const wait = (this.#promisedUntil - now) * (1 + 0.25 * this.#options.random());
    return Math.ceil(wait / SECOND);
  }
}

/** Calls served a second while all that could be served was asked for. */
class Pace {
  #since: number;
  #served = 0;
  perSecond = 50;

  constructor(now: number) {
    this.#since = now;
  }

  served(now: number, busy: boolean): void {
    this.#served += 1;
    const passed = now - this.#since;
    if (passed < SECOND) return;
    const measured = (this.#served * SECOND) / passed;
    if (busy || measured > this.perSecond) this.perSecond = (this.perSecond + measured) / 2;
    this.#since = now;
    this.#served = 0;
  }
}
