import { glanceKey, readConnections, readTrust, trustKey } from '../connection/saved.js';
import type { FeedStatus } from '../feed/feed-status.js';
import type { Platform } from '../platform.js';
import type { Overview } from './rows.js';
import { waiting } from './todos.js';

/** What was last known of a connection: all that the popup shows, and what a page shows until it has heard more. The
 * worker and every console page leave it in storage. */
export interface Glance {
  readonly status: FeedStatus;
  readonly overview?: Overview;
  /** When the overview came, in this browser's epoch milliseconds. */
  readonly at?: number;
  readonly timeZone?: string;
}

/** Its parts passed their guards before they were stored; what another version of the console left is not read. */
export function glanceFrom(platform: Platform, value: unknown): Glance | undefined {
  const { version, glance } = (value ?? {}) as { readonly version?: unknown; readonly glance?: Glance };
  return version === platform.version() ? glance : undefined;
}

export async function readGlance(platform: Platform, id: string): Promise<Glance | undefined> {
  return glanceFrom(platform, await platform.read(glanceKey(id)));
}

/** Replaces what is given, keeps the rest, and shows on the toolbar how many things wait for a person. Under the lock of
 * what is stored of a connection, so that one that is removed meanwhile stays removed. Where storage is full the page has
 * it all the same. */
export async function writeGlance(platform: Platform, id: string, change: Partial<Glance>): Promise<void> {
  await platform.exclusively(trustKey(id), async () => {
    const before = await readGlance(platform, id);
    if (!(await readConnections(platform)).some((connection) => connection.id === id)) return;
    const glance = { version: platform.version(), glance: { ...before, ...change } };
    await platform.write(glanceKey(id), glance).catch(() => undefined);
  });
  await updateBadge(platform);
}

export async function updateBadge(platform: Platform): Promise<void> {
  let count = 0;
  let tone: 'attention' | 'stop' = 'attention';
  let isBroken = false;
  for (const { id } of await readConnections(platform)) {
    isBroken ||= (await readTrust(platform, id)).stop !== undefined;
    const todos = (await readGlance(platform, id))?.overview?.todos ?? [];
    count += waiting(todos).length;
    if (todos.some((todo) => todo.kind === 'stopped')) tone = 'stop';
  }
  if (isBroken) await platform.setBadge('!', 'stop');
  else await platform.setBadge(count === 0 ? '' : String(Math.min(count, 999)), tone);
}
