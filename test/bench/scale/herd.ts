import { LeaseholdError } from '@leasehold/protocol';
import { Lane } from '../../../packages/authority/src/serving/lane.js';

/** A day's check of one node's agents, second by second, with the authority's own lane: who is let in, who is turned
 * away and when those come back. Deterministic by its seed. */

export interface Herd {
  readonly agents: number;
  /** Check-ins a second that the node serves. */
  readonly capacity: number;
  /** Seconds over which the agents arrive: half an hour by `renewAfter`, a minute where only clocks differ. */
  readonly spreadSeconds: number;
  readonly seed: number;
}

export interface Outcome {
  /** Most arrivals in one second, those that come back included. */
  readonly peak: number;
  readonly turnedAway: number;
  /** Share of the agents that were turned away more than once. */
  readonly twice: number;
  /** Seconds from the first arrival until the last agent is served. */
  readonly lastServed: number;
  /** Seconds that an agent waited in the queue at the most. */
  readonly longestWait: number;
}

const SECOND = 1000;

export async function simulate({ agents, capacity, spreadSeconds, seed }: Herd): Promise<Outcome> {
  const random = seeded(seed);
  Error.stackTraceLimit = 0; // each agent that is turned away is an error; nobody reads where
  let now = 0;
  const lane = new Lane({ width: 1, clock: () => now, random, later: (go) => go() });
  const due: number[][] = [];
  const come = (second: number): void => void (due[second] ??= []).push(0);
  for (let n = 0; n < agents; n += 1) come(Math.floor(random() * spreadSeconds));
  const queue: { readonly since: number; readonly entered: Promise<() => void> }[] = [];
  const outcome = { peak: 0, turnedAway: 0, twice: 0, lastServed: 0, longestWait: 0 };
  for (let second = 0; second < due.length || queue.length > 0; second += 1) {
    const arrivals = due[second] ?? [];
    outcome.peak = Math.max(outcome.peak, arrivals.length);
    const steps = Math.max(arrivals.length, capacity);
    let served = 0;
    for (let step = 0; step < steps; step += 1) {
      now = second * SECOND + (step * SECOND) / steps;
      const times = arrivals[step];
      if (times !== undefined) arrive(times, second);
      // The node has served what it can by this moment.
      while (served < ((step + 1) * capacity) / steps && queue.length > 0) {
        await serve();
        served += 1;
      }
    }
  }
  return { ...outcome, twice: outcome.twice / agents };

  function arrive(times: number, second: number): void {
    try {
      lane.assertOpen();
      queue.push({ since: now, entered: lane.enter() });
    } catch (thrown) {
      if (!LeaseholdError.is(thrown)) throw thrown;
      outcome.turnedAway += 1;
      if (times === 1) outcome.twice += 1;
      (due[second + thrown.details.retryAfterSeconds!] ??= []).push(times + 1);
    }
  }

  async function serve(): Promise<void> {
    const { since, entered } = queue.shift()!;
    (await entered)();
    outcome.lastServed = now / SECOND;
    outcome.longestWait = Math.max(outcome.longestWait, (now - since) / SECOND);
  }
}

/** In [0, 1), the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
