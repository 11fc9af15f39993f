import { writeSync } from 'node:fs';
import { openStore } from '../../packages/authority/src/store/index.js';
import { registry } from './store-registry.js';

/** A process that writes until it is killed: keeps many claims under way and prints the name of each one that the
 * store acknowledged, at once and without a buffer of its own. Arguments: database URL, account, prefix of the names;
 * `careless` makes SQLite skip its syncs, which the tests of power cuts must notice. */
const [url, account, prefix, careless] = process.argv.slice(2) as [string, string, string, string | undefined];
const store = await openStore(url, registry);
if (careless !== undefined) await store.read('rows', { sql: 'PRAGMA synchronous = NORMAL' });
writeSync(1, 'open\n');

let next = 0;
async function claimOn(): Promise<never> {
  for (;;) {
    const instance = `${prefix}-${next++}`;
    await store.execute('claim', { account, license: 'license', instance }, Date.UTC(2026, 5, 15));
    writeSync(1, `${instance}\n`);
  }
}
await Promise.all(Array.from({ length: 32 }, claimOn));
