import { join } from 'node:path';
import { TokenBook } from '../../packages/authority/src/accounts/token-book.js';
import { Feed } from '../../packages/authority/src/delivery/feed.js';
import { Keyring } from '../../packages/authority/src/keys/keyring.js';
import { readOptions } from '../../packages/authority/src/options.js';
import { Readiness } from '../../packages/authority/src/serving/readiness.js';
import { openPayments } from '../../packages/authority/src/payments/open.js';
import { buildServer } from '../../packages/authority/src/serving/server.js';
import type { Services } from '../../packages/authority/src/services.js';
import { openStore } from '../../packages/authority/src/store/index.js';
import { registry, type Contents } from './contents-registry.js';

/** The authority's own server on loopback, with its store at hand: a test reads what the calls really changed. */
export interface OpenAuthority {
  readonly url: string;
  contents(): Promise<Contents>;
  head(): Promise<number>;
  close(): Promise<void>;
}

export async function openAuthority(
  folder: string,
  db: string,
  now: () => number,
  log: (line: object) => void,
): Promise<OpenAuthority> {
  const dataDir = join(folder, 'keys');
  const settings = readOptions({ db, dataDir, now, log });
  const keyring = await Keyring.open(dataDir);
  const store = await openStore(db, registry);
  const { account } = keyring;
  const readiness = new Readiness(() => store.health(), settings.log);
  const payments = openPayments(account, settings.payments);
  const tokens = new TokenBook(store, account);
  const all: Services = { settings, store, keyring, tokens, readiness, payments, account, version: 'test' };
  const feed = new Feed(all);
  await feed.start();
  const app = buildServer(all, feed);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    contents: () => store.read('contents', undefined),
    head: async () => (await store.read('head', { account })).seq,
    async close() {
      await app.close();
      await store.close();
    },
  };
}
