import type { ServerResponse } from 'node:http';
import { LeaseholdError } from '@leasehold/protocol';
import type { KnownToken } from '../accounts/tokens.js';
import type { Services } from '../services.js';
import type { JournalRow, Position } from '../store/index.js';
import { FeedClient, type FeedReader } from './feed-client.js';
import { RecentRows } from './recent-rows.js';
import { toFeedRow } from './row.js';
import { Sight } from './sight.js';

/** Rows read at once, and how far behind a client may be before a new snapshot is cheaper than catching up. */
const SLICE = 500;
const TOO_FAR = 20_000;
/** Characters of rows that are kept for clients that come back, and sent at once to one that catches up. */
const RECENT = 4_000_000;
const PORTION = 128 * 1024;
/** Streams of one token at one node: as many as a node is measured with (docs/scale.md). */
const OF_TOKEN = 1000;

interface Head {
  readonly epoch: number;
  readonly seq: number;
  readonly hash: string;
}

/** Where a client goes on, or undefined: it takes a snapshot. */
export type FeedStart = { readonly epoch: number; readonly seq: number } | undefined;

/** The live feed: server-sent events, each row once and in order, resumed by `Last-Event-ID: epoch:seq` at any node. One
 * reader takes new rows from the journal for all clients of this node; one that comes late catches up and then joins
 * them. The journal's position is looked at every second; hints of commits only make it sooner. */
export class Feed {
  readonly #services: Services;
  readonly #live = new Set<FeedClient>();
  /** Those that still catch up included. */
  readonly #clients = new Set<FeedClient>();
  readonly #stops: (() => void)[] = [];
  readonly #recent = new RecentRows(RECENT);
  #head: Head = { epoch: 0, seq: 0, hash: '' };
  #looking: Promise<void> | undefined;
  #again = false;

  constructor(services: Services) {
    this.#services = services;
  }

  async start(): Promise<void> {
    const { store, settings, account } = this.#services;
    this.#head = await store.read('head', { account });
    for (const row of await this.#rowsAfter(Math.max(0, this.#head.seq - SLICE)))
      if (row.seq <= this.#head.seq) this.#recent.push(row.seq, rowEvent(row));
    this.#stops.push(store.onCommit((positions) => this.#committed(positions)));
    this.#every(settings.feedHeartbeatSeconds, () => this.#beat());
    // A file belongs to this process alone: its commits are all told.
    if (store.engine === 'postgres') this.#every(settings.feedPollSeconds, () => this.#look());
  }

  /** Ends every stream; clients come back to the next process. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#live.clear();
    for (const client of this.#clients) client.end();
  }

  /** For monitors: how many follow, and what waits for those that read slowly. */
  gauges(): { readonly feed_clients: number; readonly feed_unsent_bytes: number } {
    let unsent = 0;
    for (const client of this.#clients) unsent += client.unsent;
    return { feed_clients: this.#live.size, feed_unsent_bytes: unsent };
  }

  /** Reads `Last-Event-ID`. A position beyond this node's own is another node's: it looks before it answers. Rejects with
   * DATABASE_UNAVAILABLE: a snapshot in its place would make the client show rows twice. */
  async startOf(lastEventId: string | undefined): Promise<FeedStart> {
    const [, epoch, seq] = /^(\d{1,10}):(\d{1,15})$/.exec(lastEventId ?? '') ?? [];
    const from = { epoch: Number(epoch), seq: Number(seq) };
    if (epoch === undefined || from.epoch < this.#head.epoch) return undefined;
    if (from.epoch > this.#head.epoch || from.seq > this.#head.seq) await this.#look();
    const known = from.epoch === this.#head.epoch && from.seq <= this.#head.seq;
    return known && this.#head.seq - from.seq <= TOO_FAR ? from : undefined;
  }

  /** What the holder of a token sees; undefined: all. */
  async sightOf({ companyId: scope }: KnownToken): Promise<Sight | undefined> {
    if (scope === null) return undefined;
    const { store, account } = this.#services;
    return new Sight(await store.read('companiesWithin', { account, scope }));
  }

  /** Whoever has a token, be it a viewer's, shall not fill the node with streams. @throws LeaseholdError OVERLOADED */
  assertRoom({ id }: KnownToken): void {
    let open = 0;
    for (const { token } of this.#clients) if (token.id === id) open += 1;
    if (open < OF_TOKEN) return;
    throw new LeaseholdError('OVERLOADED', `This token follows the feed ${OF_TOKEN} times already.`, {
      retryAfterSeconds: 60,
      remedy: 'End some of its streams, or ask for a token of your own.',
    });
  }

  /** Serves one client until it goes, or its token ends. */
  async serve(stream: ServerResponse, reader: FeedReader, from: FeedStart): Promise<void> {
    const client = new FeedClient(stream, reader, from?.seq ?? this.#head.seq);
    this.#clients.add(client);
    stream.on('close', () => {
      this.#clients.delete(client);
      this.#live.delete(client);
    });
    if (from === undefined) this.#snapshot(client);
    await this.#join(client);
    if (this.#live.has(client)) client.send(await this.#headEvent(this.#head));
  }

  /** The position from which a client that knows nothing, or something of another epoch, loads what it shows. */
  #snapshot(client: FeedClient): void {
    const { epoch, seq } = this.#head;
    client.seq = seq;
    client.send(event('snapshot', { epoch, seq }, `${epoch}:${seq}`));
  }

  /** Brings a client to the head and lets it join. The last look at the head and the joining are one step: with an await
   * between them, a row delivered there would be missed. */
  async #join(client: FeedClient): Promise<void> {
    while (client.seq < this.#head.seq && client.isOpen) {
      const recent = client.sight === undefined ? this.#recent.after(client.seq, PORTION) : undefined;
      const portion = recent ?? (await this.#portionAfter(client));
      // The rows that it wants were archived.
      if (portion === undefined) {
        this.#snapshot(client);
        break;
      }
      client.send(portion.text);
      client.seq = portion.seq;
      await client.taken();
    }
    if (client.isOpen) this.#live.add(client);
  }

  async #portionAfter({
    seq,
    sight,
  }: FeedClient): Promise<{ readonly text: string; readonly seq: number } | undefined> {
    const rows = await this.#rowsAfter(seq);
    if (rows[0]?.seq !== seq + 1) return undefined;
    const seen = sight === undefined ? rows : rows.filter((row) => sight.sees(row));
    return { text: seen.map((row) => rowEvent(row)).join(''), seq: rows.at(-1)!.seq };
  }

  async #rowsAfter(seq: number): Promise<readonly JournalRow[]> {
    const { store, account } = this.#services;
    return (await store.read('journalAfter', { account, seq, limit: SLICE })).rows;
  }

  /** An empty list says that some commits may have been missed. */
  #committed(positions: readonly Position[]): void {
    if (positions.length > 0 && !positions.some(({ account }) => account === this.#services.account)) return;
    this.#look().catch((thrown: unknown) => this.#failed(thrown));
  }

  /** Brings this node to the journal's head. A look that is asked for during another one follows it. */
  #look(): Promise<void> {
    this.#again = true;
    this.#looking ??= this.#lookWhileAsked().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #lookWhileAsked(): Promise<void> {
    const { store, account } = this.#services;
    while (this.#again) {
      this.#again = false;
      const head = await store.read('head', { account });
      if (head.epoch === this.#head.epoch && head.seq >= this.#head.seq) await this.#deliverUpTo(head);
      else await this.#beginAnew(head);
    }
  }

  /** The database was restored under us, or rows were archived that we never saw. */
  async #beginAnew(head: Head): Promise<void> {
    this.#head = head;
    this.#recent.clear();
    await this.#endRevoked();
    for (const client of this.#live) this.#snapshot(client);
  }

  async #deliverUpTo(newest: Head): Promise<void> {
    // Nobody listens: whoever comes reads for himself.
    if (this.#clients.size === 0) {
      this.#recent.clear();
      this.#head = newest;
      this.#services.tokens.forget();
      return;
    }
    while (this.#head.seq < newest.seq) {
      const rows = await this.#rowsAfter(this.#head.seq);
      if (rows[0]?.seq !== this.#head.seq + 1) return this.#beginAnew(newest);
      // Taken back or rotated, perhaps at another node: no node trusts it any longer, and its streams end before this row.
      if (rows.some(({ type }) => type.startsWith('token.'))) await this.#endRevoked();
      this.#endExpired();
      const { epoch, seq: last, hash } = rows.at(-1)!;
      const head = { epoch, seq: last, hash };
      const signed = this.#live.size === 0 ? '' : await this.#headEvent(head);
      // From here on no await: whoever joins meanwhile would miss these rows, or get them twice.
      this.#toAll(rows, signed);
      this.#head = head;
    }
  }

  /** Ends the streams of tokens that were taken back; those of one that was rotated end with it. */
  async #endRevoked(): Promise<void> {
    const { tokens } = this.#services;
    tokens.forget();
    for (const client of this.#clients) {
      const token = await tokens.asItIs(client.token);
      if (token === null) client.end();
      else client.token = token;
    }
  }

  #endExpired(): void {
    const now = this.#services.settings.now();
    for (const client of this.#clients) if (client.token.expiresAt <= now) client.end();
  }

  /** Everyone stands at our head but those that joined just now and read further. */
  #toAll(rows: readonly JournalRow[], signedHead: string): void {
    const texts = rows.map((row) => rowEvent(row));
    rows.forEach((row, index) => this.#recent.push(row.seq, texts[index]!));
    const text = texts.join('') + signedHead;
    for (const client of this.#live) {
      const skip = client.seq - this.#head.seq;
      const { sight } = client;
      const seen = sight === undefined ? texts : texts.map((row, index) => (sight.sees(rows[index]!) ? row : ''));
      client.send(skip === 0 && sight === undefined ? text : seen.slice(skip).join('') + signedHead);
      client.seq = Math.max(client.seq, rows.at(-1)!.seq);
    }
  }

  async #beat(): Promise<void> {
    this.#endExpired();
    if (this.#live.size === 0) return;
    const text = await this.#headEvent(this.#head);
    for (const client of this.#live) client.send(text);
  }

  /** The head under our signature; where nothing can be signed now, the rows go on without. */
  async #headEvent({ epoch, seq, hash }: Head): Promise<string> {
    const { keyring, account: iss, settings } = this.#services;
    // An empty journal has no hash to sign; it has nothing to verify either.
    if (hash === '') return ': empty\n\n';
    const now = settings.now();
    try {
      const head = await keyring.sign('head', { iss, epoch, seq, hash, iat: Math.floor(now / 1000) }, now);
      return event('head', { head });
    } catch (thrown) {
      this.#failed(thrown);
      return ': beat\n\n';
    }
  }

  #every(seconds: number, work: () => Promise<void>): void {
    const timer = setInterval(() => work().catch((thrown: unknown) => this.#failed(thrown)), seconds * 1000);
    this.#stops.push(() => clearInterval(timer));
  }

  #failed(thrown: unknown): void {
    const code = LeaseholdError.is(thrown) ? thrown.code : 'INTERNAL';
    this.#services.settings.log({ level: 'error', event: 'feed.failed', code });
  }
}

function rowEvent(row: JournalRow): string {
  return event('row', toFeedRow(row), `${row.epoch}:${row.seq}`);
}

function event(name: string, data: unknown, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
