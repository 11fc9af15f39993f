import type { TLSSocket } from 'node:tls';
import type * as Undici from 'undici';
import { InventoryError, unreadable } from './problem.js';

/** Whom to believe that it is the server: the public authorities, one of one's own, or this very certificate. */
export type Trust =
  | { readonly ca?: string; readonly fingerprint?: never }
  /** SHA-256 of the server's certificate, hex, with or without colons. */
  | { readonly fingerprint: string; readonly ca?: never };

export interface ServerOptions {
  readonly url: string;
  readonly trust: Trust;
  /** Milliseconds for each answer. */
  readonly timeoutMs: number;
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface Said {
  readonly status: number;
  /** The words beside the status. */
  readonly reason: string;
  /** JSON, or undefined where it is none. */
  readonly body: unknown;
}

const MAX_BYTES = 32 * 1024 * 1024;
const CONNECTIONS = 8;
const SHA256_DIGITS = 64;

/** One management server by HTTPS, for one reading. Credentials go into headers, once the certificate was believed. */
export class Server {
  readonly #agent: Undici.Agent;
  readonly #undici: typeof Undici;
  readonly #timeoutMs: number;
  readonly origin: string;

  /** @throws InventoryError OPTIONS_INVALID */
  static async at({ url, trust, timeoutMs }: ServerOptions): Promise<Server> {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed?.protocol !== 'https:' || parsed.username !== '') {
      const message = 'The address must be https://HOST[:PORT], without a user in it.';
      throw new InventoryError('OPTIONS_INVALID', message, 'Correct the address; give credentials apart.');
    }
    if (trust.fingerprint !== undefined && hexOf(trust.fingerprint).length !== SHA256_DIGITS) {
      const remedy = 'Give the 64 hexadecimal digits of its SHA-256, as the server itself shows them.';
      throw new InventoryError('OPTIONS_INVALID', 'The fingerprint is not whole.', remedy);
    }
    const undici = await import('undici');
    return new Server(parsed.origin, undici, trust, timeoutMs);
  }

  private constructor(origin: string, undici: typeof Undici, trust: Trust, timeoutMs: number) {
    this.origin = origin;
    this.#undici = undici;
    this.#timeoutMs = timeoutMs;
    this.#agent = new undici.Agent({
      connections: CONNECTIONS,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connect: connectorOf(undici, trust, timeoutMs),
    });
  }

  async ask({ method = 'GET', path, headers, signal }: Ask): Promise<Said> {
    try {
      const reply = await this.#undici.request(`${this.origin}${path}`, {
        dispatcher: this.#agent,
        method,
        headers: { accept: 'application/json', ...headers },
        ...(signal === undefined ? {} : { signal }),
      });
      const text = await readText(reply.body, this.origin);
      return { status: reply.statusCode, reason: reply.statusText, body: jsonOf(text) };
    } catch (thrown) {
      if (signal?.aborted === true) throw signal.reason;
      throw InventoryError.is(thrown) ? thrown : problemOf(thrown, this.origin, this.#timeoutMs);
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

function connectorOf(undici: typeof Undici, trust: Trust, timeout: number): Undici.buildConnector.connector {
  const { ca, fingerprint } = trust;
  if (fingerprint === undefined) return undici.buildConnector({ timeout, ...(ca === undefined ? {} : { ca }) });
  const wanted = hexOf(fingerprint);
  // A resumed session shows no certificate to compare.
  const connector = undici.buildConnector({ timeout, rejectUnauthorized: false, maxCachedSessions: 0 });
  return (target, callback) => {
    connector(target, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      const shown = hexOf((socket as TLSSocket).getPeerCertificate().fingerprint256 ?? '');
      if (shown === wanted) return callback(null, socket);
      socket.destroy();
      return callback(Object.assign(new Error('another certificate'), { code: 'CERT_FINGERPRINT' }), null);
    });
  };
}

const hexOf = (text: string): string => text.replaceAll(/[^0-9a-f]/gi, '').toLowerCase();

async function readText(body: AsyncIterable<Buffer>, place: string): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > MAX_BYTES) throw unreadable(place, `more than ${MAX_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function problemOf(thrown: unknown, place: string, timeoutMs: number): InventoryError {
  const { code = '', message = '' } = thrown as { code?: string; message?: string };
  if (/TIMEOUT/.test(code)) {
    const said = `${place} did not answer within ${timeoutMs / 1000} s.`;
    return new InventoryError('TIMEOUT', said, 'Look whether it hangs; what was reported before stands.', thrown);
  }
  if (/CERT|SIGNED|SSL|TLS/.test(code)) {
    const remedy = 'Give its certificate authority, or the SHA-256 fingerprint of its certificate.';
    return new InventoryError(
      'BAD_CERTIFICATE',
      `The certificate of ${place} is not trusted: ${code}.`,
      remedy,
      thrown,
    );
  }
  const said = `${place} cannot be asked: ${code || message}.`;
  return new InventoryError('UNREACHABLE', said, 'Check the address, and that it runs.', thrown);
}

/** Throws what a status says that is no success. */
export function assertGood({ status }: Said, place: string, path: string): void {
  if (status === 401 || status === 403) {
    const message = `${place} refuses ${path} (${status}).`;
    throw new InventoryError('REFUSED', message, 'Check the credentials, and that they may read hosts and guests.');
  }
  if (status >= 200 && status < 300) return;
  const message = `${place} fails at ${path} (${status}).`;
  throw new InventoryError('UNREACHABLE', message, 'Look at its own log; what was reported before stands.');
}
