import { LeaseholdError } from '@leasehold/protocol';
import type { TLSSocket } from 'node:tls';
import type * as Undici from 'undici';
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
const PROXY_NAMES = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];

/** HTTP by undici, which is imported with the first request and not before: it costs more than all the rest together. */
export function undiciWire(options: WireOptions = {}): Wire {
  let kept: Undici.Dispatcher | undefined;
  return {
    async send(request) {
      const undici = await import('undici');
      if (request.certificateAt === undefined) {
        kept ??= dispatcherOf(undici, options);
        return sendBy(undici, kept, request);
      }
      const judge = { tls: await import('node:tls'), ca: options.ca, at: request.certificateAt };
      const dispatcher = dispatcherOf(undici, options, judge);
      try {
        return await sendBy(undici, dispatcher, request);
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

async function sendBy(undici: typeof Undici, dispatcher: Undici.Dispatcher, request: WireRequest): Promise<WireReply> {
  const { method, url, headers, body = null, signal, maxBytes } = request;
  // undici.request follows no redirect: an authority never sends one.
  const reply = await undici.request(url, {
    dispatcher,
    method,
    headers,
    body,
    ...(signal === undefined ? {} : { signal }),
  });
  return { status: reply.statusCode, headers: flat(reply.headers), text: await readBody(reply.body, maxBytes) };
}

function dispatcherOf(undici: typeof Undici, options: WireOptions, judge?: ChainJudge): Undici.Dispatcher {
  const { ca, timeoutMs = TIMEOUT_MS } = options;
  const connect = {
    timeout: timeoutMs,
    ...(ca === undefined ? {} : { ca }),
    // A resumed session shows no certificates to judge.
    ...(judge === undefined ? {} : { rejectUnauthorized: false, maxCachedSessions: 0 }),
  };
  const common = {
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    pipelining: 1,
    connections: 2,
    ...(judge === undefined ? {} : { factory: judging(undici, judge) }),
  };
  return PROXY_NAMES.some((name) => (process.env[name] ?? '') !== '')
    ? new undici.EnvHttpProxyAgent({ ...common, connect, requestTls: connect })
    : new undici.Agent({ ...common, connect });
}

/** Pools whose connections, through a proxy or not, hand nothing on before their certificates were judged. */
function judging(
  undici: typeof Undici,
  judge: ChainJudge,
): (origin: string | URL, options: Undici.Pool.Options) => Undici.Pool {
  return (origin, options) => {
    const { connect: given } = options;
    const connector = typeof given === 'function' ? given : undici.buildConnector({ ...given });
    const connect: Undici.buildConnector.connector = (target, callback) => {
      connector(target, (...[error, socket]) => {
        const secure = socket as TLSSocket | null;
        const judged = error === null && secure?.encrypted === true;
        const problem = judged ? chainProblem(secure, target.hostname, judge) : undefined;
        if (problem === undefined) return callback(...([error, socket] as Parameters<typeof callback>));
        secure?.destroy();
        return callback(problem, null);
      });
    };
    return new undici.Pool(origin, { ...options, connect });
  };
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): WireReply['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
}

async function readBody(body: AsyncIterable<Buffer> & { destroy(): unknown }, maxBytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > maxBytes) {
      body.destroy();
      throw new LeaseholdError('PAYLOAD_TOO_LARGE', `The reply is longer than ${maxBytes} bytes.`, {
        remedy: 'Check that the address is the one of a Leasehold authority.',
      });
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
