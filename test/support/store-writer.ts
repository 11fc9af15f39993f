import { LeaseholdError } from '@leasehold/protocol';
import { openStore } from '../../packages/authority/src/store/index.js';
import { registry } from './store-registry.js';
import { tell } from './tell.js';

/** A process that writes until it is killed: keeps many claims under way and prints the name of each one that the
 * store acknowledged, at once and without a buffer of its own. Arguments: database URL, account, prefix of the names;
 * `careless` makes SQLite skip its syncs, which the tests of power cuts must notice. */
const [url, account, prefix, careless] = process.argv.slice(2) as [string, string, string, string | undefined];
const store = await openStore(url, registry);
if (careless !== undefined) await store.read('rows', { sql: 'PRAGMA synchronous = NORMAL' });
tell('open\n');

/** A disk that stalls for seconds ends in DATABASE_UNAVAILABLE; the claim is asked for again, as an agent does it. */
async function claim(instance: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1)
    try {
      await store.execute('claim', { account, license: 'license', instance }, Date.UTC(2026, 5, 15));
      return;
    } catch (thrown) {
      if (attempt === 20 || !LeaseholdError.is(thrown) || thrown.code !== 'DATABASE_UNAVAILABLE') throw thrown;
    }
}

let next = 0;
async function claimOn(): Promise<never> {
  for (;;) {
    const instance = `${prefix}-${next++}`;
    await claim(instance);
    tell(`${instance}\n`);
  }
}
await Promise.all(Array.from({ length: 32 }, claimOn));
