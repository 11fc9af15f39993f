import { batch, signal, type Signal } from '@preact/signals';
import { Authority } from '../connection/authority.js';
import { updateTrust, type SavedConnection } from '../connection/saved.js';
import { followFeed } from '../feed/feed.js';
import type { FeedStatus } from '../feed/feed-status.js';
import type { Platform } from '../platform.js';
import { setServerTime } from './clock.js';
import type { Resource } from './resource.js';
import { writeGlance } from './glance.js';
import type { JournalRow, Me } from './rows.js';
import { changesOf } from './tables.js';

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
  /** Rows that just changed, as `table:id`. */
  readonly marked: Signal<ReadonlySet<string>> = signal(new Set<string>());
  /** Set when the authority came back from a backup; the reader is told once. */
  readonly restored: Signal<boolean> = signal(false);
  readonly #platform: Platform;
  readonly #resources = new Set<Resource<unknown>>();
  #following = new AbortController();

  constructor(platform: Platform, connection: SavedConnection) {
    this.connection = connection;
    this.authority = new Authority(connection);
    this.status = signal({ phase: 'connecting', since: Date.now() });
    this.#platform = platform;
  }

  follow(): void {
    this.#following.abort();
    this.#following = new AbortController();
    const listener = {
      status: (status: FeedStatus) => this.#setStatus(status),
      me: (me: Me) => {
        this.me.value = me;
        setServerTime(me.serverTime);
      },
      rows: (rows: readonly JournalRow[]) => this.#take(rows),
      reload: (restored: boolean) => {
        if (restored) this.restored.value = true;
        for (const resource of this.#resources) void resource.load();
      },
    };
    void followFeed(this.#platform, this.connection, listener, { now: Date.now, signal: this.#following.signal });
  }

  /** Looks again after a stop. What was verified before still counts: only an authority that is whole again passes. */
  async checkAgain(): Promise<void> {
    await updateTrust(this.#platform, this.connection.id, ({ stop: _judged, ...trust }) => trust);
    this.follow();
  }

  /** Keeps a resource true until it is closed. */
  open<T>(resource: Resource<T>): void {
    this.#resources.add(resource);
    void resource.load();
  }

  drop<T>(resource: Resource<T>): void {
    this.#resources.delete(resource);
    resource.close();
  }

  close(): void {
    this.#following.abort();
    for (const resource of this.#resources) resource.close();
  }

  #setStatus(status: FeedStatus): void {
    const before = this.status.value;
    this.status.value = status;
    if (before.phase !== status.phase) void writeGlance(this.#platform, this.connection.id, { status });
    if (before.phase === 'offline' && status.phase === 'live') {
      for (const resource of this.#resources) void resource.load();
    }
  }

  #take(rows: readonly JournalRow[]): void {
    const changes = changesOf(rows);
    batch(() => {
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
