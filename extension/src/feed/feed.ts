import { isJournalRow, isMeReply } from '@leasehold/protocol/guards';
import { LeaseholdError, pathOf } from '@leasehold/protocol';
import { Authority, type Fetch } from '../connection/authority.js';
import { rememberStop, TrustBroken } from '../connection/keyset.js';
import { isAfter, learn, readTrust, type Anchor, type SavedConnection } from '../connection/saved.js';
import type { JournalRow, Me } from '../model/rows.js';
import type { Platform } from '../platform.js';
import { said, type FeedStatus } from './feed-status.js';
import type { JournalChain } from './journal-chain.js';
import { currentHead, Signers } from './signed-head.js';
import { SseParser, type SseEvent } from './sse.js';
import { startChain } from './start-chain.js';

export interface FeedListener {
  status(status: FeedStatus): void;
  me(me: Me): unknown;
  /** Verified rows, in order, each once. */
  rows(rows: readonly JournalRow[]): void;
  /** Rows may have been missed: everything shown must be loaded again. */
  reload(restored: boolean): void;
}

export interface FeedOptions {
  readonly now: () => number;
  readonly random?: () => number;
  readonly fetch?: Fetch;
  readonly signal: AbortSignal;
}

/** Silence after which a stream counts as dead; the authority sends a heartbeat every 15 s. */
const SILENCE_MS = 45_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
export const REFUSING: ReadonlySet<string> = new Set(['UNAUTHORIZED', 'TOKEN_EXPIRED', 'FORBIDDEN']);

/** Follows an authority's feed until the signal aborts: verifies, resumes by number, comes back after every failure, and
 * stops for good when trust is broken. */
export async function followFeed(
  platform: Platform,
  connection: SavedConnection,
  listener: FeedListener,
  options: FeedOptions,
): Promise<void> {
  const { now, signal, random = Math.random } = options;
  const feed = new Feed(platform, connection, listener, options);
  const { stop } = await readTrust(platform, connection.id);
  if (stop !== undefined) return listener.status({ phase: 'stopped', since: stop.at, stop });
  listener.status({ phase: 'connecting', since: now() });
  let failures = 0;
  let lostAt: number | undefined;
  while (!signal.aborted) {
    const problem = await feed.run('closed').catch((error: unknown) => error);
    if (signal.aborted) return;
    if (problem instanceof TrustBroken) {
      const broken = await rememberStop(platform, connection.id, problem, now());
      return listener.status({ phase: 'stopped', since: broken.at, stop: broken });
    }
    const failure = asProblem(problem);
    if (REFUSING.has(failure.code)) return listener.status({ phase: 'refused', since: now(), problem: said(failure) });
    if (feed.wasLive) {
      failures = 0;
      lostAt = undefined;
    }
    lostAt ??= now();
    // Full jitter keeps a hundred consoles from coming back in the same instant.
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
    const pause = FIRST_PAUSE_MS / 2 + random() * longest;
    failures += 1;
    listener.status({ phase: 'offline', since: lostAt, nextTryAt: now() + pause, problem: said(failure) });
    await sleep(platform, pause, signal);
  }
}

/** Follows the journal from where it was verified to its signed head, once, and resolves there: the worker's way.
 * Rejects with TrustBroken (remembered) or LeaseholdError. */
export async function catchUp(
  platform: Platform,
  connection: SavedConnection,
  listener: FeedListener,
  options: FeedOptions,
): Promise<void> {
  try {
    await new Feed(platform, connection, listener, options).run('head');
  } catch (error) {
    if (error instanceof TrustBroken) await rememberStop(platform, connection.id, error, options.now());
    throw error;
  }
}

export function asProblem(error: unknown): LeaseholdError {
  if (LeaseholdError.is(error)) return error;
  return new LeaseholdError('AUTHORITY_UNREACHABLE', 'The connection to the authority was lost.', { cause: error });
}

/** Resolves after the pause, when the network comes back, or when the signal aborts. */
function sleep(platform: Platform, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      forget();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    const forget = platform.whenOnline(done);
    signal.addEventListener('abort', done);
  });
}

class Feed {
  /** Did the last run get as far as an open stream? */
  wasLive = false;
  readonly #platform: Platform;
  readonly #connection: SavedConnection;
  readonly #listener: FeedListener;
  readonly #options: FeedOptions;
  readonly #authority: Authority;
  readonly #signers: Signers;
  #chain: JournalChain | undefined;
  #liveSince = 0;

  constructor(platform: Platform, connection: SavedConnection, listener: FeedListener, options: FeedOptions) {
    this.#platform = platform;
    this.#connection = connection;
    this.#listener = listener;
    this.#options = options;
    this.#authority = new Authority(connection, options.fetch);
    this.#signers = new Signers(platform, connection, this.#authority);
  }

  /** One connection: verify who answers, take up the chain, read. `closed`: until the stream ends, and then rejects;
   * `head`: until the head that was signed at the start. */
  async run(until: 'closed' | 'head'): Promise<void> {
    this.wasLive = false;
    const { signal } = this.#options;
    await this.#signers.refresh();
    const [me, head] = await Promise.all([
      this.#authority.call('me', isMeReply, { signal }),
      currentHead(this.#authority, this.#signers, signal),
    ]);
    this.#listener.me(me);
    const isPart = (me.companyId ?? null) !== null;
    const start = await startChain(this.#platform, this.#connection, head, isPart);
    const isFirst = this.#chain === undefined;
    this.#chain = start.chain;
    if (start.fresh) await this.#saveAnchor();
    if (start.fresh && (!isFirst || start.restored)) this.#listener.reload(start.restored);
    const last = until === 'head' ? head.seq : Infinity;
    if (start.chain.at.seq >= last) return;
    const response = await this.#open(start.chain.at);
    this.wasLive = true;
    this.#liveSince = this.#options.now();
    this.#report();
    await this.#read(response, last);
  }

  async #open(at: Anchor): Promise<Response> {
    const response = await this.#authority.open(pathOf('feed'), {
      headers: { accept: 'text/event-stream', 'last-event-id': `${at.epoch}:${at.seq}` },
      signal: this.#options.signal,
    });
    if (response.ok && response.headers.get('content-type')?.startsWith('text/event-stream')) return response;
    await response.body?.cancel();
    const code = response.status === 401 ? 'UNAUTHORIZED' : 'GUARD_FAILED';
    throw new LeaseholdError(code, `The feed answered ${response.status}.`);
  }

  async #read(response: Response, last: number): Promise<void> {
    const reader = response.body?.getReader();
    const parser = new SseParser();
    const decoder = new TextDecoder();
    let watch: ReturnType<typeof setTimeout> | undefined;
    try {
      for (;;) {
        clearTimeout(watch);
        watch = setTimeout(() => void reader?.cancel().catch(() => undefined), SILENCE_MS);
        const piece = await reader?.read();
        if (piece === undefined || piece.done) break;
        await this.#take(parser.push(decoder.decode(piece.value, { stream: true })));
        if ((this.#chain?.at.seq ?? 0) >= last) return;
      }
    } finally {
      clearTimeout(watch);
      await reader?.cancel().catch(() => undefined);
    }
    throw new LeaseholdError('AUTHORITY_UNREACHABLE', 'The feed ended.');
  }

  /** Verifies what one piece brought, then hands its rows on together: many changes cost one drawing. */
  async #take(events: readonly SseEvent[]): Promise<void> {
    const rows: JournalRow[] = [];
    for (const event of events) {
      if (event.event === 'head') this.#chain?.confirm(await this.#signers.head(readHead(event.data)));
      // Our place is not known there any more: a new run finds out why, by the signed head.
      else if (event.event === 'snapshot') throw new LeaseholdError('AUTHORITY_UNREACHABLE', 'The feed begins anew.');
      else if (event.event === 'row') {
        const row = readRow(event.data);
        const verdict = await this.#chain?.accept(row);
        if (verdict === 'gap') throw new LeaseholdError('GUARD_FAILED', 'Rows of the feed are missing.');
        if (verdict === 'new') rows.push(row);
      }
    }
    if (rows.length > 0) {
      this.#listener.rows(rows);
      await this.#saveAnchor();
    }
    if (events.length > 0) this.#report(rows.at(-1)?.at);
  }

  #report(lastEventAt?: number): void {
    const chain = this.#chain;
    const verified = chain !== undefined && chain.signed?.seq === chain.at.seq;
    const status = { phase: 'live', since: this.#liveSince, verified } as const;
    this.#listener.status(lastEventAt === undefined ? status : { ...status, lastEventAt });
  }

  async #saveAnchor(): Promise<void> {
    const at = this.#chain?.at;
    if (at === undefined) return;
    const verifiedAt = this.#options.now();
    await learn(this.#platform, this.#connection.id, (trust) =>
      trust.anchor === undefined || isAfter(at, trust.anchor) ? { ...trust, anchor: at, verifiedAt } : trust,
    );
  }
}

function readRow(data: string): JournalRow {
  const value = parse(data);
  if (isJournalRow(value)) return value;
  throw wrongEvent();
}

function readHead(data: string): string {
  const { head } = (parse(data) ?? {}) as { head?: unknown };
  if (typeof head === 'string') return head;
  throw wrongEvent();
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

function wrongEvent(): LeaseholdError {
  return new LeaseholdError('GUARD_FAILED', 'An event of the feed is not of the form that was agreed.');
}
