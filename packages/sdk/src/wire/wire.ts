import { LeaseholdError } from '@leasehold/protocol';
import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type * as Undici from 'undici';
import { onAbort } from '../abort.js';
import { chainProblem } from '../trust/certificate-chain.js';
import type { CertificateTime, ChainJudge } from '../trust/certificate-chain.js';

/** One HTTP request as it leaves, and what came back. */
export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A longer reply is not read to its end: PAYLOAD_TOO_LARGE. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
  /** Judges the dates of the server's certificate by this time, where the machine's clock is known to be wrong. */
  readonly certificateAt?: CertificateTime;
}
export interface WireReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** Sends one request. Rejects with the runtime's own error; transport.ts gives it a name. */
export interface Wire {
  send(request: WireRequest): Promise<WireReply>;
  /** Ends kept connections. */
  close(): Promise<void>;
}

export interface WireOptions {
  /** PEM of the authorities to trust instead of the public ones. */
  readonly ca?: string;
  /** Milliseconds, each: to connect, to the first byte of the reply, between two parts of it. */
  readonly timeoutMs?: number;
}

/** Long enough for a slow branch office, short enough that a start without network is not a hang. */
const TIMEOUT_MS = 10_000;
/** For each address of the authority's name but the last: Node gives a quarter of a second, in which a satellite's line never
 * connects, and where no IPv6 leads out nothing is left to try then. */
const ADDRESS_TIMEOUT_MS = 2500;
const PROXY_NAMES = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];

/** HTTP by undici, which is imported with the first request and not before: it costs more than all the rest together. */
export function undiciWire(options: WireOptions = {}): Wire {
  let kept: Undici.Dispatcher | undefined;
  return {
    async send(request) {
      if (request.certificateAt === undefined) {
        // Only once: a module of CommonJS is copied member by member each time that it is imported.
        if (kept === undefined) {
          const undici = await import('undici');
          kept ??= dispatcherOf(undici, options);
        }
        return sendBy(kept, request);
      }
      const judge = { tls: await import('node:tls'), ca: options.ca, at: request.certificateAt };
      const dispatcher = dispatcherOf(await import('undici'), options, judge);
      try {
        return await sendBy(dispatcher, request);
      } finally {
        await dispatcher.destroy();
      }
    },
    async close() {
      const dispatcher = kept;
      kept = undefined;
      await dispatcher?.destroy();
    },
  };
}

/** By `dispatch`, which follows no redirect (an authority never sends one) and makes no stream of a reply that is read
 * whole: a stream costs as much as the rest of the request, and what hangs on it outlives the young generation, so that
 * each collection holds the event loop for milliseconds. */
async function sendBy(dispatcher: Undici.Dispatcher, request: WireRequest): Promise<WireReply> {
  const { method, headers, body = null, signal, maxBytes } = request;
  const { origin, pathname, search } = new URL(request.url);
  signal?.throwIfAborted();
  const incoming = new IncomingReply(maxBytes);
  const hearNoMore = signal && onAbort(signal, () => incoming.abort(signal.reason as Error));
  try {
    dispatcher.dispatch({ origin, path: pathname + search, method, headers, body }, incoming);
    return await incoming.whole;
  } finally {
    hearNoMore?.();
  }
}

/** Takes a reply in as it comes, up to `maxBytes`. */
class IncomingReply implements Undici.Dispatcher.DispatchHandler {
  readonly whole: Promise<WireReply>;
  readonly #maxBytes: number;
  #resolve: (reply: WireReply) => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;
  #controller: Undici.Dispatcher.DispatchController | undefined;
  #broken: Error | undefined;
  #head: Omit<WireReply, 'text'> = { status: 0, headers: {} };
  readonly #parts: Buffer[] = [];
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.whole = new Promise((resolve, reject) => {
      [this.#resolve, this.#reject] = [resolve, reject];
    });
  }

  /** Nobody waits for it any more, also where no connection has come about yet. */
  abort(reason: Error): void {
    this.#broken = reason;
    this.#reject(reason);
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Undici.Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#broken !== undefined) controller.abort(this.#broken);
  }

  onResponseStart(_controller: unknown, status: number, headers: Incoming): void {
    this.#head = { status, headers: flat(headers) };
  }

  onResponseData(_controller: unknown, part: Buffer): void {
    this.#size += part.length;
    if (this.#size <= this.#maxBytes) this.#parts.push(part);
    else this.abort(tooLong(this.#maxBytes));
  }

  onResponseEnd(): void {
    const [first = Buffer.alloc(0), ...rest] = this.#parts;
    const bytes = rest.length === 0 ? first : Buffer.concat(this.#parts);
    this.#resolve({ text: bytes.toString('utf8'), ...this.#head });
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#reject(error);
  }
}

function dispatcherOf(undici: typeof Undici, options: WireOptions, judge?: ChainJudge): Undici.Dispatcher {
  const { ca, timeoutMs = TIMEOUT_MS } = options;
  const connect = {
    timeout: timeoutMs,
    autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS,
    ...(ca === undefined ? {} : { ca }),
    // A resumed session shows no certificates to judge.
    ...(judge === undefined ? {} : { rejectUnauthorized: false, maxCachedSessions: 0 }),
  };
  const common = {
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    pipelining: 1,
    connections: 2,
    factory: pooling(undici, judge),
    clientFactory: pooling(undici),
  };
  return PROXY_NAMES.some((name) => (process.env[name] ?? '') !== '')
    ? new undici.EnvHttpProxyAgent({ ...common, connect, requestTls: connect })
    : new undici.Agent({ ...common, connect });
}

/** Pools whose connections, through a proxy or not, keep no process alive, and with `judge` hand nothing on before their
 * certificates were judged. */
function pooling(undici: typeof Undici, judge?: ChainJudge): (origin: string | URL, options: object) => Undici.Pool {
  return (origin, options: Undici.Pool.Options) => {
    const { connect: given } = options;
    const connector = typeof given === 'function' ? given : undici.buildConnector({ ...given });
    const connect: Undici.buildConnector.connector = (target, callback) => {
      const opened: unknown = connector(target, (...[error, socket]) => {
        letGo(socket);
        const secure = socket as TLSSocket | null;
        const judged = judge !== undefined && error === null && secure?.encrypted === true;
        const problem = judged ? chainProblem(secure, target.hostname, judge) : undefined;
        if (problem === undefined) return callback(...([error, socket] as Parameters<typeof callback>));
        secure?.destroy();
        return callback(problem, null);
      });
      letGo(opened);
    };
    return new undici.Pool(origin, { ...options, connect });
  };
}

/** undici has a socket hold the process again with each request, and each further address of a name is another one. Through
 * a proxy a socket comes late. */
function letGo(socket: unknown): void {
  if (!(socket instanceof Socket) || Object.hasOwn(socket, 'ref')) return;
  socket.unref();
  socket.ref = () => socket;
  socket.on('connectionAttempt', () => socket.unref());
}

type Incoming = Readonly<Record<string, string | string[] | undefined>>;

function flat(headers: Incoming): WireReply['headers'] {
  const texts: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(headers))
    texts[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  return texts;
}

function tooLong(maxBytes: number): LeaseholdError {
  return new LeaseholdError('PAYLOAD_TOO_LARGE', `The reply is longer than ${maxBytes} bytes.`, {
    remedy: 'Check that the address is the one of a Leasehold authority.',
  });
}
