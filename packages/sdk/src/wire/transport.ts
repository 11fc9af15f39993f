import { createHash } from 'node:crypto';
import {
  LeaseholdError,
  PROTOCOL_HEADER,
  PROTOCOL_VERSION,
  ROUTES,
  fromProblem,
  pathOf,
  signToken,
} from '@leasehold/protocol';
import {
  isAgentInventoryReply,
  isAgentStamped,
  isCheckInReply,
  isDeactivateReply,
  isKeysetReply,
  isSessionEndReply,
  isSessionReply,
  isTimeReply,
  isVoucherReply,
} from '@leasehold/protocol/guards';
import type { ReplyOf, RequestOf, Signer } from '@leasehold/protocol';
import { assertSignal } from '../abort.js';
import { keepAlive } from '../keep-alive.js';
import type { CertificateTime } from '../trust/certificate-chain.js';
import type { Wire, WireReply } from './wire.js';
import { wireProblem } from './wire-problems.js';

/** The calls an agent makes; each reply passes its guard before anybody reads it. */
export type AgentCall =
  | 'keyset'
  | 'time'
  | 'activate'
  | 'checkIn'
  | 'deactivate'
  | 'sessionStart'
  | 'sessionBeat'
  | 'sessionEnd'
  | 'voucherFetch'
  | 'agentStamp'
  | 'inventory';
const GUARDS: Readonly<Record<AgentCall, (value: unknown) => boolean>> = {
  keyset: isKeysetReply,
  time: isTimeReply,
  activate: isCheckInReply,
  checkIn: isCheckInReply,
  deactivate: isDeactivateReply,
  sessionStart: isSessionReply,
  sessionBeat: isSessionReply,
  sessionEnd: isSessionEndReply,
  voucherFetch: isVoucherReply,
  agentStamp: isAgentStamped,
  inventory: isAgentInventoryReply,
};

/** Room for the largest entitlements (8 MB) and the tokens beside them, and for any other reply. */
const MAX_BYTES = { large: 9_000_000, small: 262_144 } as const;
const PROOF_HEADER = 'Leasehold-Proof';
const NONCE_HEADER = 'leasehold-nonce';

export interface TransportOptions {
  /** Origin of the authority, perhaps with a path in front of the routes; no trailing slash. */
  readonly authority: string;
  readonly wire: Wire;
  readonly random: (size: number) => Uint8Array;
  /** The machine's own clock: the proof says what it reads, and the authority answers a challenge where it is wrong. */
  readonly now: () => number;
  /** Believes a signed time for a nonce; answers epoch milliseconds. */
  readonly believeTime: (reply: ReplyOf<'time'>, nonce: string) => Promise<number>;
}

export interface CallOptions<R extends AgentCall> {
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: RequestOf<R>;
  /** Proves possession of the device key (RFC 9449). */
  readonly signer?: Signer;
  readonly signal?: AbortSignal | undefined;
  /** Made by itself, or by whoever keeps the process alive where somebody waits: it holds no process. */
  readonly background?: boolean;
}

/** Calls of the route table over one wire. Every failure is a LeaseholdError: an answer of the authority by its own
 * problem, no answer by what stopped it, an answer of somebody else as GUARD_FAILED. */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  async call<R extends AgentCall>(route: R, call: CallOptions<R> = {}): Promise<ReplyOf<R>> {
    if (call.signal !== undefined) assertSignal(call.signal);
    const answer = this.#call(route, call);
    return call.background === true ? answer : keepAlive(answer);
  }

  async #call<R extends AgentCall>(route: R, call: CallOptions<R>): Promise<ReplyOf<R>> {
    try {
      return await this.#ask(route, call);
    } catch (error) {
      if (!LeaseholdError.is(error) || error.code !== 'CLOCK_BREAKS_TLS') throw error;
      // A wrong clock never blocks the contact that heals it: the certificate is judged by the time of its own server.
      const at = await this.#signedTime(call.signal).catch(() => {
        throw error;
      });
      return this.#ask(route, call, at);
    }
  }

  /** What the authority's clock shows, over a connection whose certificate is judged in all but its dates. */
  async #signedTime(signal: AbortSignal | undefined): Promise<number> {
    const nonce = Buffer.from(this.#options.random(16)).toString('base64url');
    const reply = await this.#ask('time', { params: { nonce }, signal }, 'any');
    return this.#options.believeTime(reply, nonce);
  }

  async #ask<R extends AgentCall>(route: R, call: CallOptions<R>, at?: CertificateTime): Promise<ReplyOf<R>> {
    let reply = await this.#send(route, call, { at });
    const nonce = reply.headers[NONCE_HEADER];
    if (reply.status === 401 && nonce !== undefined && call.signer !== undefined) {
      // A challenge, not a refusal: our clock is off or the authority asks for freshness. Answered once.
      reply = await this.#send(route, call, { at, nonce });
    }
    try {
      return readReply(route, reply);
    } catch (error) {
      throw LeaseholdError.is(error) && reply.status === 404 ? misaddressed(error, this.#options.authority) : error;
    }
  }

  close(): Promise<void> {
    return this.#options.wire.close();
  }

  async #send<R extends AgentCall>(
    route: R,
    call: CallOptions<R>,
    { nonce, at }: { readonly nonce?: string; readonly at?: CertificateTime | undefined },
  ): Promise<WireReply> {
    const { authority, wire, now } = this.#options;
    const { method } = ROUTES[route];
    const url = authority + pathOf(route, call.params);
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers: Record<string, string> = {
      accept: 'application/json, application/problem+json',
      [PROTOCOL_HEADER]: String(PROTOCOL_VERSION),
    };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (call.signer !== undefined)
      headers[PROOF_HEADER] = await this.#proof(call.signer, method, url, body ?? '', nonce);
    try {
      return await wire.send({
        method,
        url,
        headers,
        maxBytes: route === 'activate' || route === 'checkIn' ? MAX_BYTES.large : MAX_BYTES.small,
        ...(body === undefined ? {} : { body }),
        ...(call.signal === undefined ? {} : { signal: call.signal }),
        ...(at === undefined ? {} : { certificateAt: at }),
      });
    } catch (cause) {
      throw wireProblem(cause, url, typeof at === 'number' ? { clock: 'signed', at } : { clock: 'machine', at: now() });
    }
  }

  #proof(signer: Signer, htm: 'GET' | 'POST' | 'PUT' | 'DELETE', htu: string, body: string, nonce?: string) {
    const { now, random } = this.#options;
    const claims = {
      htm,
      htu,
      bh: createHash('sha256').update(body).digest('base64url'),
      iat: Math.floor(now() / 1000),
      jti: Buffer.from(random(16)).toString('base64url'),
      ...(nonce === undefined ? {} : { nonce }),
    };
    return signToken('proof', claims, signer);
  }
}

/** An address with a path of its own is for a proxy in front; more often it is a `/v1` that was copied along. */
function misaddressed(error: LeaseholdError, authority: string): LeaseholdError {
  const { pathname } = new URL(authority);
  if (pathname === '/' || error.details.path !== undefined) return error;
  return new LeaseholdError(error.code, `No authority answers below ${authority}.`, {
    remedy: `Leave ${pathname} out of the option \`authority\`, unless a proxy puts the authority there: the calls begin with /v1 themselves.`,
    cause: error,
  });
}

function readReply<R extends AgentCall>(route: R, reply: WireReply): ReplyOf<R> {
  const value = parse(reply.text);
  if (reply.status < 200 || reply.status > 299) throw withRetryAfter(fromProblem(value, reply.status), reply);
  if (GUARDS[route](value)) return value as ReplyOf<R>;
  throw new LeaseholdError('GUARD_FAILED', 'What answered is not a Leasehold authority, or one of another version.', {
    remedy: 'Check the address, and that no proxy or sign-in page answers in its place.',
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** `Retry-After` counts where the problem does not say it itself: in seconds, or as an instant by the answerer's own
 * clock (RFC 9110 section 10.2.3). */
function withRetryAfter(problem: LeaseholdError, { headers }: WireReply): LeaseholdError {
  const text = headers['retry-after'] ?? '';
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.parse(headers['date'] ?? '')) / 1000;
  if (problem.details.retryAfterSeconds !== undefined || !(seconds >= 0)) return problem;
  return new LeaseholdError(problem.code, problem.message, { ...problem.details, retryAfterSeconds: seconds });
}
