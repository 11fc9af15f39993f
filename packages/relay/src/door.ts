import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  challengeAt,
  guards,
  LeaseholdError,
  provenKey,
  ROUTES,
  toProblem,
  type ProofJudge,
} from '@leasehold/protocol';
import { ed25519, keyId } from '@leasehold/sdk/relay';
import type { Desk } from './desk.js';

/** Longest body of a request: a batch of usage is the largest. */
const MAX_BODY = 1_048_576;

export interface DoorOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The address that agents use, where it is not the one listened on. */
  readonly publicUrl?: string;
  readonly random: (size: number) => Uint8Array;
  readonly now: () => number;
}

type Route = 'activate' | 'checkIn' | 'deactivate';

/** The relay's HTTP: the same calls as an authority's, so that an agent needs nothing but another address. */
export class Door {
  readonly #desk: Desk;
  readonly #options: DoorOptions;
  readonly #judge: ProofJudge;
  readonly #server: Server;
  #url = '';

  constructor(desk: Desk, options: DoorOptions) {
    const secret = Buffer.from(options.random(32));
    const nonceOf = (bucket: number): string =>
      createHmac('sha256', secret).update(String(bucket)).digest('base64url').slice(0, 32);
    this.#desk = desk;
    this.#options = options;
    this.#judge = { ed25519, same, nonceOf };
    const handle = (request: IncomingMessage, response: ServerResponse): void => void this.#handle(request, response);
    this.#server = options.tls === undefined ? createServer(handle) : createTlsServer(options.tls, handle);
    this.#server.requestTimeout = 30_000;
  }

  get url(): string {
    return this.#url;
  }

  /** Throws PORT_IN_USE or the system's error. */
  async listen(): Promise<void> {
    const { host, port, tls, publicUrl } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => reject(listenProblem(cause, port)));
      this.#server.listen(port, host, resolve);
    });
    const { port: bound } = this.#server.address() as AddressInfo;
    this.#url =
      publicUrl ?? `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${bound}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const now = this.#options.now();
    try {
      send(response, 200, await this.#answer(request, now));
    } catch (cause) {
      const error = LeaseholdError.is(cause) ? cause : internal(cause);
      if (error.code === 'NONCE_REQUIRED') response.setHeader('Leasehold-Nonce', challengeAt(this.#judge, now));
      const { retryAfterSeconds } = error.details;
      if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
      const problem = toProblem(error);
      send(response, problem.status, problem, 'application/problem+json');
    }
  }

  async #answer(request: IncomingMessage, now: number): Promise<unknown> {
    const { method = '', url = '' } = request;
    if (method === 'GET' && url === ROUTES.health.path) return { status: 'ok' };
    if (method === 'GET' && url === ROUTES.keyset.path) return this.#desk.keyset();
    const route = (['activate', 'checkIn', 'deactivate'] as const).find((name) => ROUTES[name].path === url);
    if (method !== 'POST' || route === undefined)
      throw new LeaseholdError('NOT_FOUND', `A relay does not answer ${method} ${url.slice(0, 100)}.`);
    const body = await readBody(request);
    const bodyDigest = createHash('sha256').update(body).digest('base64url');
    const proof = request.headers['leasehold-proof'];
    const proven = { method, url: this.#url + url, bodyDigest, proof: Array.isArray(proof) ? proof[0] : proof };
    const jkt = keyId(await provenKey(proven, this.#judge, now));
    return this.#call(route, jkt, parse(body));
  }

  #call(route: Route, jkt: string, body: unknown): Promise<unknown> {
    if (route === 'activate' && guards.isActivateRequest(body)) return this.#desk.activate({ jkt, body });
    if (route === 'checkIn' && guards.isCheckInRequest(body)) return this.#desk.checkIn({ jkt, body });
    if (route === 'deactivate' && guards.isDeactivateRequest(body)) return this.#desk.deactivate({ jkt, body });
    throw new LeaseholdError('INPUT_INVALID', 'The body is not what this call takes.', {
      path: 'body',
      remedy: 'Update the agent or the relay: they speak different versions.',
    });
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) throw new LeaseholdError('PAYLOAD_TOO_LARGE', `The body is longer than ${MAX_BODY} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (cause) {
    throw new LeaseholdError('INPUT_INVALID', 'The body is no JSON.', { path: 'body', cause });
  }
}

function send(response: ServerResponse, status: number, value: unknown, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(value));
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** What broke in here is no refusal: the agent keeps what it holds and comes back. */
function internal(cause: unknown): LeaseholdError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new LeaseholdError('DISK_FULL', 'The disk of the relay is full.', { remedy: 'Free space on it.', cause });
  return new LeaseholdError('INTERNAL', 'The relay could not answer.', { remedy: 'Try again later.', cause });
}

function listenProblem(cause: NodeJS.ErrnoException, port: number): Error {
  if (cause.code !== 'EADDRINUSE') return cause;
  return new LeaseholdError('PORT_IN_USE', `Another program listens on port ${port}.`, {
    remedy: 'Give another port.',
    cause,
  });
}
