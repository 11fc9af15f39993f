import type { ServerResponse } from 'node:http';
import { LeaseholdError, type HeadClaims } from '@leasehold/protocol';
import type { Services } from '../services.js';
import type { JournalRow, Position } from '../store/index.js';
import { toFeedRow } from './row.js';

/** Rows read at once, and how far behind a client may be before a new snapshot is cheaper than catching up. */
const SLICE = 500;
const TOO_FAR = 20_000;
/** A client whose unsent bytes exceed this is dropped; it comes back and catches up. */
const BUFFER = 1024 * 1024;

interface Client {
  readonly stream: ServerResponse;
  /** The last row it was sent. */
  seq: number;
}

/** The live feed: server-sent events, each row once and in order, resumed by `Last-Event-ID: epoch:seq`. One reader takes
 * new rows from the journal for all clients; one that comes late catches up by itself and then joins them. */
export class Feed {
  readonly #services: Services;
  readonly #live = new Set<Client>();
  /** Every open stream, those that still catch up included. */
  readonly #streams = new Set<ServerResponse>();
  readonly #stops: (() => void)[] = [];
  #head: { epoch: number; seq: number; hash: string } = { epoch: 0, seq: 0, hash: '' };
  #pumping = false;
  #more = false;

  constructor(services: Services) {
    this.#services = services;
  }

  async start(): Promise<void> {
    const { store, settings, account } = this.#services;
    this.#head = await store.read('head', { account });
    this.#stops.push(store.onCommit((positions) => this.#committed(positions)));
    const timer = setInterval(() => void this.#beat(), settings.feedHeartbeatSeconds * 1000);
    this.#stops.push(() => clearInterval(timer));
  }

  /** Ends every stream; clients come back to the next process. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#live.clear();
    for (const stream of this.#streams) stream.end();
  }

  get clients(): number {
    return this.#live.size;
  }

  /** Serves one client from the position it names, until it goes. */
  async serve(stream: ServerResponse, lastEventId: string | undefined): Promise<void> {
    const client: Client = { stream, seq: this.#head.seq };
    this.#streams.add(stream);
    stream.on('close', () => {
      this.#streams.delete(stream);
      this.#live.delete(client);
    });
    const from = readPosition(lastEventId);
    if (
      from === undefined ||
      from.epoch !== this.#head.epoch ||
      from.seq > this.#head.seq ||
      this.#head.seq - from.seq > TOO_FAR
    ) {
      this.#snapshot(client);
    } else {
      client.seq = from.seq;
    }
    await this.#join(client);
    if (this.#live.has(client)) send(client, await this.#headEvent());
  }

  /** The position from which a client that knows nothing, or something of another epoch, loads what it shows. */
  #snapshot(client: Client): void {
    const { epoch, seq } = this.#head;
    client.seq = seq;
    send(client, event('snapshot', { epoch, seq }, `${epoch}:${seq}`));
  }

  /** Brings a client to the head and lets it join. The last look at the head and the joining are one step: with an await
   * between them, a row delivered there would be missed. */
  async #join(client: Client): Promise<void> {
    const { store, account } = this.#services;
    while (client.seq < this.#head.seq && isOpen(client)) {
      const rows = await store.read('journalAfter', { account, seq: client.seq, limit: SLICE });
      for (const row of rows) send(client, rowEvent(row));
      client.seq = rows.at(-1)?.seq ?? this.#head.seq;
      if (client.stream.writableNeedDrain) await drained(client.stream);
    }
    if (isOpen(client)) this.#live.add(client);
  }

  #committed(positions: readonly Position[]): void {
    if (!positions.some(({ account }) => account === this.#services.account)) return;
    this.#more = true;
    if (!this.#pumping) void this.#pump();
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    try {
      while (this.#more) {
        this.#more = false;
        await this.#deliver();
      }
    } catch (thrown) {
      this.#services.settings.log({ level: 'error', event: 'feed.failed', code: codeOf(thrown) });
    } finally {
      this.#pumping = false;
    }
  }

  async #deliver(): Promise<void> {
    const { store, account } = this.#services;
    let delivered = false;
    for (;;) {
      const rows = await store.read('journalAfter', { account, seq: this.#head.seq, limit: SLICE });
      for (const row of rows) {
        this.#head = { epoch: row.epoch, seq: row.seq, hash: row.hash };
        this.#toAll(rowEvent(row), row.seq);
        delivered = true;
      }
      if (rows.length < SLICE) break;
    }
    if (delivered && this.#live.size > 0) this.#toAll(await this.#headEvent());
  }

  #toAll(text: string, seq?: number): void {
    for (const client of this.#live) {
      if (seq !== undefined && seq <= client.seq) continue;
      if (client.stream.writableLength > BUFFER) {
        this.#live.delete(client);
        client.stream.destroy();
        continue;
      }
      send(client, text);
      if (seq !== undefined) client.seq = seq;
    }
  }

  async #beat(): Promise<void> {
    if (this.#live.size === 0) return;
    try {
      this.#toAll(await this.#headEvent());
    } catch (thrown) {
      this.#services.settings.log({ level: 'error', event: 'feed.failed', code: codeOf(thrown) });
      this.#toAll(': beat\n\n');
    }
  }

  async #headEvent(): Promise<string> {
    const { keyring, account, settings } = this.#services;
    const now = settings.now();
    const claims: HeadClaims = { iss: account, ...this.#head, iat: Math.floor(now / 1000) };
    // An empty journal has no hash to sign; it has nothing to verify either.
    if (claims.hash === '') return ': empty\n\n';
    const { epoch, seq, hash } = this.#head;
    return event('head', {
      head: await keyring.sign('head', { iss: account, epoch, seq, hash, iat: claims.iat }, now),
    });
  }
}

function rowEvent(row: JournalRow): string {
  return event('row', toFeedRow(row), `${row.epoch}:${row.seq}`);
}

function event(name: string, data: unknown, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function send(client: Client, text: string): void {
  if (isOpen(client)) client.stream.write(text);
}

function isOpen({ stream }: Client): boolean {
  return !stream.destroyed && !stream.writableEnded;
}

function readPosition(text: string | undefined): { readonly epoch: number; readonly seq: number } | undefined {
  const [, epoch, seq] = /^(\d{1,10}):(\d{1,15})$/.exec(text ?? '') ?? [];
  return epoch === undefined ? undefined : { epoch: Number(epoch), seq: Number(seq) };
}

function drained(stream: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}

function codeOf(thrown: unknown): string {
  return LeaseholdError.is(thrown) ? thrown.code : 'INTERNAL';
}
