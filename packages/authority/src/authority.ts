import type { Server as TlsServer } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { formatConnection, LeaseholdError } from '@leasehold/protocol';
import type { FastifyInstance } from 'fastify';
import { TokenBook } from './accounts/token-book.js';
import { Deliveries } from './delivery/deliveries.js';
import { Feed } from './delivery/feed.js';
import { end, type Background } from './ending.js';
import { sealAgain } from './delivery/seal-again.js';
import { Backups } from './timed/backups.js';
import { EpochKeeper } from './timed/epoch.js';
import { Keyring } from './keys/keyring.js';
import { readOptions, type AuthorityOptions, type Settings } from './options.js';
import { openPayments } from './payments/open.js';
import { registry } from './registry.js';
import { Readiness } from './serving/readiness.js';
import { Schedule } from './timed/schedule.js';
import { buildServer } from './serving/server.js';
import type { Services } from './services.js';
import { openStore } from './store/index.js';
import { readTls, watchTls } from './serving/tls.js';
import { VERSION } from './serving/version.js';

/** A running authority. */
export interface Authority {
  /** Where it listens: `http://127.0.0.1:8410`. */
  readonly url: string;
  readonly account: string;
  /** The pasteable string of the console for a token of this authority. */
  connectionFor(token: string): string;
  /** Takes up a keyset and a certificate that were put in place since it started. Rejects with OPTIONS_INVALID, KEYSET_* and
   * others; then it goes on with what it had. */
  reload(): Promise<void>;
  /** Answers what is under way, then ends, within `stopSeconds`. Rejects with TIMEOUT or DATABASE_UNAVAILABLE where something
   * hangs and was left, which the log names: nothing acknowledged is lost, and it ends with the process. */
  close(): Promise<void>;
}

/** How far a heap of the process may grow beyond what stays in it before it is cleaned up, percent. V8 by itself waits until
 * it is four times of that: 100 MB more under a herd, whose waiting calls outlive every quick cleaning. */
const HEAP_GROWTH = 100;

/** Starts the license server. Rejects with a LeaseholdError: STATE_UNAVAILABLE, KEYSET_ROLLBACK and others for the key
 * folder; DATABASE_IN_USE and others for the database; NOT_FOUND when the database does not hold the keyset's account;
 * PORT_IN_USE, PERMISSION_DENIED for the address. Then nothing is left open. The process's heaps, where other things run in
 * it too, are kept small from then on. */
export async function startAuthority(options: AuthorityOptions): Promise<Authority> {
  const settings = readOptions(options);
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH}`);
  const keyring = await Keyring.open(settings.dataDir);
  const payments = openPayments(keyring.account, settings.payments);
  const store = await openStore(settings.db, registry, { commitSize: settings.commitSize, create: false });
  const { account } = keyring;
  const tokens = new TokenBook(store, account);
  const readiness = new Readiness(() => store.health(), settings.log);
  const services: Services = { settings, store, keyring, tokens, readiness, payments, account, version: VERSION };
  const feed = new Feed(services);
  const background = [
    new EpochKeeper(services),
    new Backups(services),
    new Schedule(services),
    new Deliveries(services),
    readiness,
  ];
  try {
    await store.read('account', { account });
    for (const work of background) await work.start();
    await sealAgain(services);
    keyring.learn(await store.read('lastJournaled', { account }));
    await feed.start();
    const app = buildServer(services, feed);
    await listen(app, settings);
    return running(app, services, background);
  } catch (thrown) {
    feed.close();
    for (const work of background) await work.stop();
    await store.close();
    throw thrown;
  }
}

function running(app: FastifyInstance, services: Services, background: readonly Background[]): Authority {
  const { settings, keyring, store, account } = services;
  const port = (app.server.address() as { readonly port: number }).port;
  const scheme = settings.tls === undefined ? 'http' : 'https';
  const url = `${scheme}://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`;
  settings.log({ level: 'info', event: 'started', url, account, engine: store.engine });
  const serveTls = (read: ReturnType<typeof readTls>): void =>
    (app.server as unknown as TlsServer).setSecureContext(read);
  const unwatch = watchTls(settings, serveTls);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    unwatch();
    await end(app, services, background);
  };
  return {
    url,
    account,
    connectionFor: (token) => {
      return formatConnection({ url: settings.publicUrl ?? url, roots: keyring.roots.map(({ x }) => x), token });
    },
    async reload() {
      await keyring.reload();
      await sealAgain(services);
      keyring.learnAnew(await store.read('lastJournaled', { account }));
      if (settings.tls !== undefined) serveTls(readTls(settings.tls, settings.now()));
    },
    close: () => (closing ??= close()),
  };
}

/** Connections that wait to be taken up. Node's 511 are few for a herd: those beyond would be neither served nor told when to
 * come back, but run into a timeout. The system has a limit of its own (net.core.somaxconn). */
const BACKLOG = 4096;

async function listen(app: FastifyInstance, { host, port }: Settings): Promise<void> {
  try {
    await app.listen({ host, port, backlog: BACKLOG });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new LeaseholdError('PORT_IN_USE', `Another program listens on ${host}:${port}.`, {
        path: 'port',
        remedy: 'Stop it, or choose another port with --port.',
        cause,
      });
    }
    if (code === 'EACCES') {
      throw new LeaseholdError('PERMISSION_DENIED', `Listening on ${host}:${port} is not permitted.`, {
        path: 'port',
        remedy: 'Ports below 1024 need a permission; choose a higher one behind a proxy.',
        cause,
      });
    }
    throw new LeaseholdError('OPTIONS_INVALID', `Listening on ${host}:${port} failed: ${(cause as Error).message}.`, {
      path: 'host',
      remedy: '--host takes an address of this machine: 127.0.0.1 for a proxy on it, 0.0.0.0 or :: for all networks.',
      cause,
    });
  }
}
