import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Fetch } from '../../extension/src/connection/authority.js';
import { connect } from '../../extension/src/connection/connect.js';
import { readTrust, updateTrust, type SavedConnection } from '../../extension/src/connection/saved.js';
import { catchUp, followFeed } from '../../extension/src/feed/feed.js';
import type { FeedStatus } from '../../extension/src/feed/feed-status.js';
import type { JournalRow } from '../../extension/src/model/rows.js';
import { asPerson, startBench, type Bench } from '../support/authority.js';
import { newSigner } from '../support/signing.js';
import { MemoryPlatform } from './support/memory-platform.js';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench(Date.now());
});
afterAll(() => bench.close());

const stops: AbortController[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort();
});

const stringFor = (token = bench.ownerToken) => bench.authority.connectionFor(token);
const company = (name: string) => asPerson(bench, 'companyCreate', { body: { name } });

/** What a page would see of the feed. */
class Watcher {
  readonly rows: JournalRow[] = [];
  readonly reloads: boolean[] = [];
  readonly done: Promise<void>;
  status: FeedStatus | undefined;
  readonly #stop = new AbortController();

  constructor(platform: MemoryPlatform, connection: SavedConnection, fetch?: Fetch) {
    stops.push(this.#stop);
    const listener = {
      status: (status: FeedStatus) => (this.status = status),
      me() {},
      rows: (rows: readonly JournalRow[]) => void this.rows.push(...rows),
      reload: (restored: boolean) => void this.reloads.push(restored),
    };
    const options = { now: Date.now, random: () => 0, signal: this.#stop.signal, ...(fetch ? { fetch } : {}) };
    this.done = followFeed(platform, connection, listener, options);
  }

  stop(): void {
    this.#stop.abort();
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    for (let i = 0; i < 400 && !holds(); i += 1) await pause(20);
    if (!holds()) throw new Error(`never came: ${what}; status ${JSON.stringify(this.status)}`);
  }

  verified(): Promise<void> {
    return this.until('verified', () => this.status?.phase === 'live' && this.status.verified);
  }
}

async function connected(): Promise<readonly [MemoryPlatform, SavedConnection]> {
  const platform = new MemoryPlatform();
  return [platform, await connect(platform, stringFor(), Date.now())];
}

describe('the feed', () => {
  test('brings each change within a second, verified by the signed head', async () => {
    const watcher = new Watcher(...(await connected()));
    await watcher.verified();
    const before = performance.now();
    await company('Live Ltd');
    await watcher.until('the row', () => watcher.rows.length === 1);
    expect(performance.now() - before).toBeLessThan(1000);
    expect(watcher.rows[0]!.type).toBe('company.created');
    await watcher.verified();
  });

  test('goes on while the browser has no room to keep its place', async () => {
    const [platform, saved] = await connected();
    platform.write = () => Promise.reject(new Error('Resource::kQuotaBytes quota exceeded'));
    const watcher = new Watcher(platform, saved);
    await watcher.verified();
    for (const n of [1, 2]) {
      await company(`No room ${n}`);
      await watcher.until('the row', () => watcher.rows.length === n);
      await watcher.verified();
    }
    expect(watcher.status).toMatchObject({ phase: 'live' });
  });

  test('goes on where it was after an absence, each row once', async () => {
    const [platform, saved] = await connected();
    const first = new Watcher(platform, saved);
    await first.verified();
    await company('One');
    await first.until('One', () => first.rows.length === 1);
    first.stop();
    await first.done;
    await company('Two');
    await company('Three');
    const second = new Watcher(platform, saved);
    await second.until('both', () => second.rows.length === 2);
    expect(second.rows.map(({ seq }) => seq)).toEqual([first.rows[0]!.seq + 1, first.rows[0]!.seq + 2]);
    expect(second.reloads).toEqual([]);
  });

  test('comes back by itself when the connection is cut, without gap or repeat', async () => {
    const [platform, saved] = await connected();
    let cut: (() => void) | undefined;
    const fetch: Fetch = async (url, init) => {
      const response = await globalThis.fetch(url, init);
      if (!url.endsWith('/feed')) return response;
      const [body, gate] = [response.body!, new TransformStream()];
      const abort = new AbortController();
      cut = () => abort.abort();
      body.pipeTo(gate.writable, { signal: abort.signal }).catch(() => undefined);
      return new Response(gate.readable, { headers: response.headers });
    };
    const watcher = new Watcher(platform, saved, fetch);
    await watcher.verified();
    await company('Before');
    await watcher.until('the first', () => watcher.rows.length === 1);
    cut!();
    await company('Between');
    await company('After');
    await watcher.until('all three', () => watcher.rows.length === 3);
    const numbers = watcher.rows.map(({ seq }) => seq);
    expect(numbers).toEqual([numbers[0]!, numbers[0]! + 1, numbers[0]! + 2]);
  });

  test('the worker catches up to the signed head and ends', async () => {
    const [platform, saved] = await connected();
    const rows: JournalRow[] = [];
    const listener = {
      status() {},
      me() {},
      rows: (more: readonly JournalRow[]) => void rows.push(...more),
      reload() {},
    };
    const options = { now: Date.now, signal: new AbortController().signal };
    await catchUp(platform, saved, listener, options);
    expect(rows).toEqual([]);
    const anchor = (await readTrust(platform, saved.id)).anchor!;
    await company('Missed');
    await catchUp(platform, saved, listener, options);
    expect(rows.map(({ seq }) => seq)).toEqual([anchor.seq + 1]);
    expect((await readTrust(platform, saved.id)).anchor!.seq).toBe(anchor.seq + 1);
  });
});

/** Passes everything on, but for what the test changes in the answers of one path. */
const tampering = (path: string, change: (text: string) => string): Fetch => {
  return async (url, init) => {
    const response = await globalThis.fetch(url, init);
    if (!new URL(url).pathname.endsWith(path)) return response;
    if (path !== '/feed') return new Response(change(await response.text()), { status: response.status });
    const decoder = new TextDecoder();
    const body = response.body!.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, out) =>
          out.enqueue(new TextEncoder().encode(change(decoder.decode(chunk, { stream: true })))),
      }),
    );
    return new Response(body, { headers: response.headers });
  };
};

describe('an authority that cannot be trusted', () => {
  test('an edited row stops the connection for good, also for the next page', async () => {
    const [platform, saved] = await connected();
    const watcher = new Watcher(
      platform,
      saved,
      tampering('/feed', (text) => text.replace('Honest', 'Forged')),
    );
    await watcher.verified();
    await company('Honest');
    await watcher.done;
    expect(watcher.status).toMatchObject({ phase: 'stopped', stop: { code: 'CHAIN_BROKEN' } });
    expect(watcher.rows).toEqual([]);
    const next = new Watcher(platform, saved);
    await next.done;
    expect(next.status).toMatchObject({ phase: 'stopped', stop: { code: 'CHAIN_BROKEN' } });
  });

  test('a journal that is shorter than what was verified stops it', async () => {
    const [platform, saved] = await connected();
    const watcher = new Watcher(platform, saved);
    await watcher.verified();
    watcher.stop();
    await updateTrust(platform, saved.id, (trust) => ({ ...trust, anchor: { ...trust.anchor!, seq: 10_000 } }));
    const next = new Watcher(platform, saved);
    await next.done;
    expect(next.status).toMatchObject({ phase: 'stopped', stop: { code: 'CHAIN_BROKEN' } });
  });

  test('a keyset older than one seen before stops it', async () => {
    const [platform, saved] = await connected();
    await updateTrust(platform, saved.id, (trust) => ({ ...trust, keyset: { epoch: 1, version: 7 } }));
    const watcher = new Watcher(platform, saved);
    await watcher.done;
    expect(watcher.status).toMatchObject({ phase: 'stopped', stop: { code: 'KEYSET_ROLLBACK' } });
  });

  test('a changed root and a forged signature stop it', async () => {
    const [platform, saved] = await connected();
    const other = await newSigner();
    const changed = new Watcher(platform, { ...saved, id: 'changed', roots: [other.jwk.x] });
    await changed.done;
    expect(changed.status).toMatchObject({ phase: 'stopped', stop: { code: 'WRONG_ROOT' } });
    const forge = tampering('/journal', (text) =>
      text.replace(/"head":"([^"]+)\.[^".]+"/, `"head":"$1.${'A'.repeat(86)}"`),
    );
    const forged = new Watcher(platform, { ...saved, id: 'forged' }, forge);
    await forged.done;
    expect(forged.status).toMatchObject({ phase: 'stopped', stop: { code: 'NOT_GENUINE' } });
  });

  test('a wrong shape is no proof of anything: it is tried again, and nothing is shown', async () => {
    const [platform, saved] = await connected();
    const watcher = new Watcher(
      platform,
      saved,
      tampering('/feed', (text) => text.replaceAll('"seq":', '"sequence":')),
    );
    await watcher.until('live', () => watcher.status?.phase === 'live');
    await company('Shape');
    await watcher.until('offline', () => watcher.status?.phase === 'offline');
    expect(watcher.status).toMatchObject({ problem: { code: 'GUARD_FAILED' } });
    expect(watcher.rows).toEqual([]);
  });
});

describe('an authority that changes', () => {
  test('a revoked token is told as such, and the connection kept', async () => {
    const made = await asPerson(bench, 'tokenCreate', { body: { name: 'guest', role: 'viewer', validDays: 1 } });
    const platform = new MemoryPlatform();
    const saved = await connect(platform, made.body.connection, 1);
    await asPerson(bench, 'tokenRevoke', { params: { token: made.body.id }, body: {} });
    const watcher = new Watcher(platform, saved);
    await watcher.done;
    expect(watcher.status).toMatchObject({ phase: 'refused', problem: { code: 'UNAUTHORIZED' } });
    expect(platform.stored.get('connections')).toEqual([saved]);
  });

  test('one that is gone is offline since then, and live again by itself', async () => {
    const [platform, saved] = await connected();
    let isGone = false;
    const fetch: Fetch = (url, init) =>
      isGone ? Promise.reject(new TypeError('fetch failed')) : globalThis.fetch(url, init);
    isGone = true;
    const watcher = new Watcher(platform, saved, fetch);
    await watcher.until('offline', () => watcher.status?.phase === 'offline');
    const since = watcher.status!.since;
    await pause(700);
    expect(watcher.status).toMatchObject({ phase: 'offline', since });
    isGone = false;
    await watcher.verified();
  });

  test('one restored from a backup begins a new epoch: everything is loaded again', async () => {
    const [platform, saved] = await connected();
    const first = new Watcher(platform, saved);
    await first.verified();
    first.stop();
    await first.done;
    // As if this browser had seen more of the old epoch than the backup holds.
    await updateTrust(platform, saved.id, (trust) => ({ ...trust, anchor: { epoch: 0, seq: 900, hash: 'old' } }));
    const watcher = new Watcher(platform, saved);
    await watcher.verified();
    expect(watcher.reloads).toEqual([true]);
  });
});
