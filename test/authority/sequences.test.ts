import fc from 'fast-check';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { openStore, type Store } from '../../packages/authority/src/store/index.js';
import { sequences } from '../support/sequences/actions.js';
import { expectBooksToBalance } from '../support/sequences/books.js';
import { newModel } from '../support/sequences/model.js';
import { registry } from '../support/sequences/registry.js';
import { Site } from '../support/sequences/site.js';
import { engines } from '../support/store-engines.js';

const LONG = process.env['LONG'] === '1';
const SEQUENCES = LONG ? 10_000 : 300;
/** Accounts that are at work at the same time. */
const LANES = 10;
const ACTIONS = LONG ? 12 : 6;
const SEED = Number(process.env['LEASEHOLD_SEED'] ?? Date.now() % 2 ** 31);

describe.each(engines)('random sequences of what admins and agents do, on $name', (engine) => {
  let store: Store<typeof registry>;
  beforeAll(async () => {
    store = await openStore(await engine.url(), registry);
  });
  afterAll(() => store?.close());

  test(
    `after each of ${SEQUENCES}: quotas add up, no seat twice, every change journaled, the journal replayed gives the tables`,
    { timeout: LONG ? 7_200_000 : 300_000 },
    async ({ task }) => {
      let accounts = 0;
      const property = fc.asyncProperty(sequences(ACTIONS), async (actions) => {
        accounts += 1;
        const site = await Site.open(store, `a${accounts}`);
        await fc.asyncModelRun(() => ({ model: newModel(), real: site }), actions);
        await expectBooksToBalance(site);
      });
      const numRuns = SEQUENCES / LANES;
      const lane = async (_: unknown, n: number): Promise<void> => fc.assert(property, { numRuns, seed: SEED + n });
      await Promise.all(Array.from({ length: LANES }, lane));
      Object.assign(task.meta, { evidence: { sequences: accounts, engine: engine.name, seed: SEED } });
    },
  );
});
