import { isMeReply, isTokenList } from '@leasehold/protocol/guards';
import { batch, signal, type Signal } from '@preact/signals';
import { Authority } from '../connection/authority.js';
import { updateTrust, type SavedConnection } from '../connection/saved.js';
import { followFeed } from '../feed/feed.js';
import type { FeedStatus } from '../feed/feed-status.js';
import type { Platform } from '../platform.js';
import { serverNow, setServerTime } from './clock.js';
import type { Resource } from './resource.js';
import { writeGlance } from './glance.js';
import type { JournalRow, Me } from './rows.js';
import { changesOf } from './tables.js';

/** Check-ins move no journal, so what is shown is asked for again this often while someone looks. */
const REFRESH_MS = 60_000;
/** Lists that are remembered for a page that is opened while nothing answers. */
const REMEMBERED = 20;
/** How long a changed row is marked. */
const MARK_MS = 1500;

/** One connection, shown live: its feed, who we are there, and the resources that pages have open. */
export class Live {
  readonly connection: SavedConnection;
  readonly authority: Authority;
  readonly status: Signal<FeedStatus>;
  readonly me: Signal<Me | undefined> = signal(undefined);
  /** Journal rows that arrived while this page was open, newest first. */
  readonly arrived: Signal<readonly JournalRow[]> = signal([]);
  /** The last entry of the journal that is known. */
  readonly seq: Signal<number | undefined> = signal(undefined);
  /** Rows that just changed, as `table:id`. */
  readonly marked: Signal<ReadonlySet<string>> = signal(new Set<string>());
  /** Set when the authority came back from a backup; the reader is told once. */
  readonly restored: Signal<boolean> = signal(false);
  /** Names of access tokens by id, for owners: who did what. */
  readonly tokenNames: Signal<ReadonlyMap<string, string>> = signal(new Map<string, string>());
  readonly #platform: Platform;
  readonly #resources = new Set<Resource<unknown>>();
  readonly #left = new Map<string, unknown>();
  #following = new AbortController();
  #refresh: ReturnType<typeof setInterval> | undefined;
  /** Rows may have passed by while no stream was open. */
  #wasAway = false;

  constructor(platform: Platform, connection: SavedConnection) {
    this.connection = connection;
    this.authority = new Authority(connection);
    this.status = signal({ phase: 'connecting', since: serverNow() });
    this.#platform = platform;
  }

  follow(): void {
    clearInterval(this.#refresh);
    this.#refresh = setInterval(() => {
      if (isSeen() && this.status.value.phase === 'live') this.#reload();
    }, REFRESH_MS);
    document.addEventListener('visibilitychange', this.#seen);
    this.#seen();
  }

  /** A browser opens six connections to a host at once: a page that nobody sees gives its stream back, and takes it up
   * where it was when somebody looks. */
  readonly #seen = (): void => {
    this.#following.abort();
    this.#following = new AbortController();
    if (isSeen()) this.#openFeed();
    else this.#wasAway = true;
  };

  #openFeed(): void {
    const listener = {
      status: (status: FeedStatus) => this.#setStatus(status),
      me: (me: Me) => {
        this.me.value = me;
        this.seq.value = me.seq;
        setServerTime(me.serverTime);
        if (me.role === 'owner') void this.#loadTokenNames();
      },
      rows: (rows: readonly JournalRow[]) => this.#take(rows),
      reload: (restored: boolean) => {
        if (restored) this.#forget();
        this.#reload();
      },
    };
    void followFeed(this.#platform, this.connection, listener, { now: serverNow, signal: this.#following.signal });
  }

  /** Looks again after a stop. What was verified before still counts: only an authority that is whole again passes. */
  async checkAgain(): Promise<void> {
    await updateTrust(this.#platform, this.connection.id, ({ stop: _judged, ...trust }) => trust);
    this.follow();
  }

  /** Where the journal ends now. */
  async headSeq(): Promise<number> {
    return this.seq.value ?? (await this.authority.call('me', isMeReply)).seq;
  }

  /** Keeps a resource true until it is closed. */
  open<T>(resource: Resource<T>): void {
    this.#resources.add(resource);
    void resource.load();
  }

  drop<T>(resource: Resource<T>, key: string): void {
    this.#resources.delete(resource);
    resource.close();
    if (resource.data.value === undefined) return;
    this.#left.delete(key);
    this.#left.set(key, resource.data.value);
    for (const oldest of [...this.#left.keys()].slice(0, -REMEMBERED)) this.#left.delete(oldest);
  }

  /** What was there when its page was left: shown again only while the authority cannot be asked. */
  leftUnder(key: string): unknown {
    return this.status.peek().phase === 'offline' ? this.#left.get(key) : undefined;
  }

  close(): void {
    clearInterval(this.#refresh);
    document.removeEventListener('visibilitychange', this.#seen);
    this.#following.abort();
    for (const resource of this.#resources) resource.close();
  }

  async #loadTokenNames(): Promise<void> {
    const list = await this.authority.call('tokens', isTokenList).catch(() => undefined);
    if (list !== undefined) this.tokenNames.value = new Map(list.rows.map(({ id, name }) => [id, name]));
  }

  #setStatus(status: FeedStatus): void {
    const before = this.status.value;
    this.status.value = status;
    if (before.phase !== status.phase) void writeGlance(this.#platform, this.connection.id, { status });
    if (before.phase === 'live' || status.phase !== 'live') return;
    if (this.#wasAway || before.phase === 'offline') this.#reload();
    this.#wasAway = false;
  }

  /** Another history goes on from here: what was seen of the one before is no part of it. */
  #forget(): void {
    this.restored.value = true;
    this.arrived.value = [];
    this.#left.clear();
  }

  #reload(): void {
    for (const resource of this.#resources) void resource.load();
  }

  #take(rows: readonly JournalRow[]): void {
    const changes = changesOf(rows);
    if (rows.some(({ type }) => type === 'token.created')) void this.#loadTokenNames();
    batch(() => {
      this.seq.value = rows.at(-1)?.seq;
      this.arrived.value = [...rows.toReversed(), ...this.arrived.value].slice(0, 500);
      for (const resource of this.#resources) resource.changed(changes);
      this.#mark(changes.map((change) => `${change.table}:${change.id}`));
    });
  }

  #mark(keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.marked.value = new Set([...this.marked.value, ...keys]);
    setTimeout(() => {
      const rest = new Set(this.marked.value);
      for (const key of keys) rest.delete(key);
      this.marked.value = rest;
    }, MARK_MS);
  }
}

const isSeen = (): boolean => document.visibilityState === 'visible';
