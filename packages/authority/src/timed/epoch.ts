import { servedUpTo, noteServed, type Served } from '../keys/key-files.js';
import type { Services } from '../services.js';

/** How often the journal's position is written down beside the keys, ms. */
const EVERY = 60_000;

/** Knows a database that was restored from a backup: its journal stands before what was served last, which lies outside
 * of it. Then a new epoch begins, so that no number that was given out is given out again (design section 3, Epoch). */
export class EpochKeeper {
  readonly #services: Services;
  #served: Served | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Before anything is served. */
  async start(): Promise<void> {
    this.#served = await servedUpTo(this.#services.settings.dataDir);
    await this.#keep();
    this.#timer = setInterval(() => {
      this.#keep().catch(() => undefined); // a database that is away is told by its own probe
    }, EVERY);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#keep().catch(() => undefined);
  }

  async #keep(): Promise<void> {
    const { store, account, settings } = this.#services;
    let { epoch, seq } = await store.read('head', { account });
    const served = this.#served;
    if (served !== undefined && (epoch < served.epoch || (epoch === served.epoch && seq < served.seq))) {
      settings.log({ level: 'warn', event: 'database.restored', epoch, seq, servedEpoch: served.epoch });
      await store.execute('raiseEpoch', { account, above: served.epoch, actor: 'system' }, settings.now());
      ({ epoch, seq } = await store.read('head', { account }));
    }
    if (epoch === served?.epoch && seq === served.seq) return;
    this.#served = { epoch, seq };
    await noteServed(settings.dataDir, this.#served).catch((cause: Error) => {
      settings.log({ level: 'warn', event: 'position.not_noted', message: cause.message });
    });
  }
}
