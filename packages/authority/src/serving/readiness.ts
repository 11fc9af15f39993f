import { LeaseholdError } from '@leasehold/protocol';
import type { Settings } from '../options.js';
import type { StoreHealth } from '../store/index.js';
import { UnderWay } from '../under-way.js';

/** Between two looks at the database, and how long one may take, ms. */
const EVERY = 1000;
const PATIENCE = 2000;

type Found = Pick<StoreHealth, 'ok' | 'problem'>;

/** Whether this node reaches its database, and may write there. It asks the database every second, so that a node that was
 * cut off says so at once instead of letting each call find out by its own time limit. */
export class Readiness {
  readonly #health: () => Promise<StoreHealth>;
  readonly #log: Settings['log'];
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #found: Found = { ok: true };
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

  /** Why the database cannot be asked, or takes no changes; undefined where it does. */
  problem(): LeaseholdError | undefined {
    return this.#found.problem;
  }

  /** Throws while the database is away. One that takes no changes is asked: what is read of it is as good as ever. */
  assertReachable(): void {
    const lost = this.#lost();
    if (lost !== undefined) throw lost;
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
      const lost = this.#lost();
      if (lost !== undefined) tell(lost);
    });
  }

  #lost(): LeaseholdError | undefined {
    return this.#found.ok ? undefined : this.#found.problem;
  }

  async #look(): Promise<void> {
    const found = await this.#ask();
    if (this.#stopped) return;
    if (found.problem?.message !== this.#found.problem?.message) this.#turn(found);
    this.#timer = setTimeout(() => void this.#look(), EVERY);
  }

  #turn(found: Found): void {
    this.#found = found;
    const { ok, problem } = found;
    if (problem === undefined) {
      this.#log({ level: 'info', event: 'database.back' });
      return;
    }
    const event = ok ? 'database.not_writable' : 'database.lost';
    this.#log({ level: 'error', event, code: problem.code, message: problem.message });
    if (ok) return;
    for (const tell of this.#underWay.all()) tell(problem);
  }

  async #ask(): Promise<Found> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Found>((resolve) => {
      timer = setTimeout(() => resolve({ ok: false, problem: silent() }), PATIENCE);
    });
    const found = await Promise.race([this.#health(), late]);
    clearTimeout(timer);
    return found;
  }
}

function silent(): LeaseholdError {
  return new LeaseholdError('DATABASE_UNAVAILABLE', 'The database does not answer.', {
    retryAfterSeconds: 5,
    remedy: 'Check the network between this node and its database; agents go on within their leases.',
  });
}
