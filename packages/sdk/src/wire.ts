import { LeaseholdError } from '@leasehold/protocol';
import type * as Undici from 'undici';

/** One HTTP request as it leaves, and what came back. */
export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A longer reply is not read to its end: PAYLOAD_TOO_LARGE. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
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
  let opened: Promise<{ readonly undici: typeof Undici; readonly dispatcher: Undici.Dispatcher }> | undefined;
  return {
    async send(request) {
      const { undici, dispatcher } = await (opened ??= open(options));
      const { method, url, headers, body, signal } = request;
      // undici.request follows no redirect: an authority never sends one.
      const reply = await undici.request(url, {
        dispatcher,
        method,
        headers,
        body: body ?? null,
        ...(signal === undefined ? {} : { signal }),
      });
      return {
        status: reply.statusCode,
        headers: flat(reply.headers),
        text: await readBody(reply.body, request.maxBytes),
      };
    },
    async close() {
      const { dispatcher } = (await opened?.catch(() => undefined)) ?? {};
      opened = undefined;
      await dispatcher?.destroy();
    },
  };
}

async function open({ ca, timeoutMs = TIMEOUT_MS }: WireOptions) {
  const undici = await import('undici');
  const connect = { timeout: timeoutMs, ...(ca === undefined ? {} : { ca }) };
  const common = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs, pipelining: 1, connections: 2 };
  const dispatcher = PROXY_NAMES.some((name) => (process.env[name] ?? '') !== '')
    ? new undici.EnvHttpProxyAgent({ ...common, connect, requestTls: connect })
    : new undici.Agent({ ...common, connect });
  return { undici, dispatcher };
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
