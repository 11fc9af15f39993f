import { randomUUID } from 'node:crypto';
import { LeaseholdError } from '@leasehold/protocol';
import type { Services } from '../services.js';
import { Rounds } from './rounds.js';

/** Looks every second for work whose time has come. Every node does; the database gives each piece to one of them. */
export class Schedule {
  readonly #services: Services;
  readonly #node = randomUUID();
  readonly #rounds = new Rounds(() => this.#work());

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
    try {
      for (const name of await store.read('dueWork', { account, now: settings.now() })) {
        let more = true;
        while (more)
          more = (await store.execute('doTimedWork', { account, name, node: this.#node }, settings.now())).outcome;
      }
    } catch (thrown) {
      // A database that is away is told by its own probe; the work is still due when it comes back.
      const code = LeaseholdError.is(thrown) ? thrown.code : 'INTERNAL';
      if (code !== 'DATABASE_UNAVAILABLE') settings.log({ level: 'error', event: 'timed_work.failed', code });
    }
  }
}
