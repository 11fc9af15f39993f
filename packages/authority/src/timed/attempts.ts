import { LeaseholdError, type ProblemCode } from '@leasehold/protocol';

/** Rounds from one attempt to the next, at most. */
const MOST = 60;

interface Failed {
  readonly code: ProblemCode;
  readonly times: number;
  /** Rounds to let pass before the next attempt. */
  wait: number;
}

/** Attempts at the work of each round, by name. What fails is tried again after ever more rounds, and told at rising
 * intervals or when its cause changes: a full disk stays full for hours, and its log lines would fill it. In rounds, because
 * the clock may be set back. */
export class Attempts {
  readonly #tell: (work: string, code: ProblemCode) => void;
  readonly #failed = new Map<string, Failed>();

  constructor(tell: (work: string, code: ProblemCode) => void) {
    this.#tell = tell;
  }

  /** Does the work unless it failed too short ago; undefined where it did not, or failed. Rejects only where the database is
   * away, which its own probe tells: then no other work can be done either. */
  async try<Done>(name: string, work: () => Promise<Done>): Promise<Done | undefined> {
    const before = this.#failed.get(name);
    if (before !== undefined && before.wait > 0) {
      before.wait -= 1;
      return undefined;
    }
    try {
      const done = await work();
      this.#failed.delete(name);
      return done;
    } catch (thrown) {
      const code = LeaseholdError.is(thrown) ? thrown.code : 'INTERNAL';
      if (code === 'DATABASE_UNAVAILABLE') throw thrown;
      const times = (before?.times ?? 0) + 1;
      this.#failed.set(name, { code, times, wait: Math.min(2 ** (times - 1), MOST) - 1 });
      if (code !== before?.code || Number.isInteger(Math.log2(times))) this.#tell(name, code);
      return undefined;
    }
  }
}
