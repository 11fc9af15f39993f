import { randomUUID } from 'node:crypto';
import type { Services } from '../services.js';
import { Attempts } from './attempts.js';
import { Rounds } from './rounds.js';
import type { WorkName } from './timed-work.js';

/** Parts of one piece of work in a round: a year's licenses may end at one midnight, and the others have their turn too. */
const PARTS = 20;

/** Looks every second for work whose time has come. Every node does; the database gives each piece to one of them. */
export class Schedule {
  readonly #services: Services;
  readonly #node = randomUUID();
  readonly #rounds = new Rounds(() => this.#work());
  readonly #attempts = new Attempts((work, code) => {
    this.#services.settings.log({ level: 'error', event: 'timed_work.failed', work, code });
  });

  constructor(services: Services) {
    this.#services = services;
  }

  start(): void {
    this.#rounds.start(this.#services.settings.timedWorkSeconds);
  }

  /** Begins nothing more, and waits for what is under way. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async #work(): Promise<void> {
    const { store, account, settings } = this.#services;
    const look = () => store.read('dueWork', { account, now: settings.now() });
    const part = (name: WorkName) => store.execute('doTimedWork', { account, name, node: this.#node }, settings.now());
    try {
      for (const name of (await this.#attempts.try('look', look)) ?? []) {
        await this.#attempts.try(name, async () => {
          let more = true;
          for (let done = 0; more && done < PARTS; done += 1) more = (await part(name)).outcome;
        });
      }
    } catch {
      // The database is away: the work is still due when it comes back.
    }
  }
}
