import type { Platform } from '../platform.js';

/** One authority this browser is connected to. The token stands here and in no page, URL or log. */
export interface SavedConnection {
  readonly id: string;
  readonly url: string;
  /** Pinned root public keys, base64url. */
  readonly roots: readonly string[];
  readonly token: string;
  readonly account: string;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly addedAt: number;
}

/** Where the journal was verified up to: the next row must follow from here. */
export interface Anchor {
  readonly epoch: number;
  readonly seq: number;
  readonly hash: string;
}

/** Why a connection was stopped for good: only a person can judge what happened. */
export type StopCode = 'WRONG_ROOT' | 'KEYSET_ROLLBACK' | 'NOT_GENUINE' | 'CHAIN_BROKEN';
export interface Stop {
  readonly code: StopCode;
  /** What was found, in the words of the check that found it. */
  readonly detail: string;
  readonly at: number;
}

/** What is known of an authority's honesty, kept across restarts. */
export interface Trust {
  /** Highest keyset seen; an older one is a rollback. */
  readonly keyset?: { readonly epoch: number; readonly version: number };
  readonly anchor?: Anchor;
  readonly verifiedAt?: number;
  readonly stop?: Stop;
}

const LIST = 'connections';
export const trustKey = (id: string): string => `trust:${id}`;
/** The to-dos that notifications have told of. */
export const toldKey = (id: string): string => `told:${id}`;
export const glanceKey = (id: string): string => `glance:${id}`;

export async function readConnections(platform: Platform): Promise<readonly SavedConnection[]> {
  return connectionsFrom(await platform.read(LIST));
}

/** The list out of a storage value: a page's storage outlives its code, so what does not fit is left out. */
export function connectionsFrom(value: unknown): readonly SavedConnection[] {
  return Array.isArray(value) ? value.filter(isSaved) : [];
}

/** Adds a connection, or replaces the one to the same authority and account: its trust goes on. */
export async function saveConnection(platform: Platform, connection: SavedConnection): Promise<void> {
  const others = (await readConnections(platform)).filter((other) => other.id !== connection.id);
  await platform.write(LIST, [...others, connection]);
}

/** Forgets token, trust and cached data; gives host access back unless another connection uses the host. */
export async function removeConnection(platform: Platform, id: string): Promise<void> {
  const all = await readConnections(platform);
  const gone = all.find((each) => each.id === id);
  const rest = all.filter((each) => each.id !== id);
  await platform.write(LIST, rest);
  await platform.exclusively(trustKey(id), () => platform.forget([trustKey(id), glanceKey(id), toldKey(id)]));
  if (gone !== undefined && !rest.some((each) => new URL(each.url).hostname === new URL(gone.url).hostname)) {
    await platform.releaseHost(gone.url).catch(() => undefined);
  }
}

export async function readTrust(platform: Platform, id: string): Promise<Trust> {
  const value = await platform.read(trustKey(id));
  return typeof value === 'object' && value !== null ? value : {};
}

/** Writes what `change` makes of the stored trust; the same object means no change. Pages and worker may write at once:
 * the lock keeps one from undoing the other. */
export async function updateTrust(platform: Platform, id: string, change: (trust: Trust) => Trust): Promise<Trust> {
  return platform.exclusively(trustKey(id), async () => {
    const before = await readTrust(platform, id);
    const after = change(before);
    if (after !== before) await platform.write(trustKey(id), after);
    return after;
  });
}

/** The same for what a page or the worker learns on its way: a connection that was removed meanwhile stays removed, and
 * where storage is full it is learned again after the next start. */
export async function learn(platform: Platform, id: string, change: (trust: Trust) => Trust): Promise<void> {
  await updateTrust(platform, id, (trust) => (trust.keyset === undefined ? trust : change(trust))).catch(
    () => undefined,
  );
}

export function isAfter(a: Anchor, b: Anchor): boolean {
  return a.epoch === b.epoch ? a.seq > b.seq : a.epoch > b.epoch;
}

function isSaved(value: unknown): value is SavedConnection {
  if (typeof value !== 'object' || value === null) return false;
  const { id, url, roots, token, account, name, addedAt } = value as Record<string, unknown>;
  const texts = [id, url, token, account, name].every((text) => typeof text === 'string' && text !== '');
  return texts && Array.isArray(roots) && typeof addedAt === 'number';
}
