import { LeaseholdError } from '@leasehold/protocol';
import type { Settings } from '../options.js';
import type { StoreHealth } from '../store/index.js';
import { UnderWay } from '../under-way.js';

/** Between two looks at the database, and how long one may take, ms. */
const EVERY = 1000;
const PATIENCE = 2000;

/** Whether this node reaches its database. It asks the database every second, so that a node that was cut off says so at once
 * instead of letting each call find out by its own time limit. */
export class Readiness {
  readonly #health: () => Promise<StoreHealth>;
  readonly #log: Settings['log'];
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #lost: LeaseholdError | undefined;
  /** Calls under way, to be told when the database goes away. */
  readonly #underWay = new UnderWay<(problem: LeaseholdError) => void>();

  constructor(health: () => Promise<StoreHealth>, log: Settings['log']) {
    this.#health = health;
    this.#log = log;
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#look(), EVERY);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Why the database cannot be asked, or undefined. */
  problem(): LeaseholdError | undefined {
    return this.#lost;
  }

  /** Throws while the database is away. */
  assertReachable(): void {
    if (this.#lost !== undefined) throw this.#lost;
  }

  /** What `work` gives, or the problem as soon as the database is away, `patience` ms later: whether it was done is then
   * open, and the caller asks again. */
  whileReachable<T>(work: Promise<T>, patience = 0): Promise<T> {
    return new Promise((resolve, reject) => {
      const tell = (problem: LeaseholdError): void => {
        if (patience === 0) reject(problem);
        else setTimeout(reject, patience, problem).unref();
      };
      const place = this.#underWay.add(tell);
      work.then(resolve, reject).finally(() => this.#underWay.take(place));
      if (this.#lost !== undefined) tell(this.#lost);
    });
  }

  async #look(): Promise<void> {
    const problem = await this.#ask();
    if (this.#stopped) return;
    if (problem?.message !== this.#lost?.message) this.#turn(problem);
    this.#timer = setTimeout(() => void this.#look(), EVERY);
  }

  #turn(problem: LeaseholdError | undefined): void {
    this.#lost = problem;
    if (problem === undefined) {
      this.#log({ level: 'info', event: 'database.back' });
      return;
    }
    this.#log({ level: 'error', event: 'database.lost', code: problem.code, message: problem.message });
    for (const tell of this.#underWay.all()) tell(problem);
  }

  async #ask(): Promise<LeaseholdError | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<LeaseholdError>((resolve) => {
      timer = setTimeout(() => resolve(silent()), PATIENCE);
    });
    const problem = await Promise.race([this.#health().then((health) => health.problem), late]);
    clearTimeout(timer);
    return problem;
  }
}

function silent(): LeaseholdError {
  return new LeaseholdError('DATABASE_UNAVAILABLE', 'The database does not answer.', {
    retryAfterSeconds: 5,
    remedy: 'Check the network between this node and its database; agents go on within their leases.',
  });
}
