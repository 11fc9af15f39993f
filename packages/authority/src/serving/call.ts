import { createHmac } from 'node:crypto';
import { LeaseholdError, type ReplyOf, type RequestOf, type RouteName } from '@leasehold/protocol';
import type { Caller } from './access.js';
import type { By } from './changes.js';
import type { Seen } from './unchanged.js';
import type { Named, Scope } from '../companies/reach.js';
import type { Services } from '../services.js';

/** One request as a handler sees it: validated, its caller known. */
export interface Call<R extends RouteName> {
  readonly services: Services;
  readonly body: RequestOf<R>;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly caller: Caller;
  /** For whom it acts: a token of a company sees and changes nothing else. */
  readonly scope: Scope;
  /** What it names that belongs to somebody. */
  readonly named: readonly Named[];
  /** The very bytes of the body, which a signature covers. */
  readonly rawBody: Uint8Array;
  /** A header by its name, in small letters. */
  readonly header: (name: string) => string | undefined;
  /** Network address of the caller, for limits alone. */
  readonly address: string;
  /** Origin under which it was called. */
  readonly origin: string;
  /** Header Idempotency-Key, and the hash of what was asked with it. */
  readonly idempotency: { readonly key: string; readonly requestHash: string } | null;
  /** Header If-Match: the journal position that the caller has seen. */
  readonly seen: Seen | null;
  readonly now: number;
}

export type Handler<R extends RouteName> = (call: Call<R>) => Promise<ReplyOf<R>>;

/** A handler whose reply is a stream of text. */
export type StreamHandler<R extends RouteName> = (call: Call<R>) => Promise<AsyncIterable<string>>;

/** The thumbprint of the calling device. Routes with access `device` always have one. */
export function jktOf(caller: Caller): string {
  if (caller.kind === 'device') return caller.jkt;
  throw new LeaseholdError('PROOF_INVALID', 'This is for devices.');
}

/** In whose name an admin changes something. */
export function byOf<R extends RouteName>(call: Call<R>): By {
  const { services, caller, body, query, scope, named, idempotency, seen } = call;
  if (caller.kind !== 'person') throw new LeaseholdError('UNAUTHORIZED', 'This is for people.');
  const asked = (body as { dryRun?: boolean } | undefined)?.dryRun === true || query['dryRun'] === 'true';
  const { account } = services;
  return { account, actor: `admin:${caller.token.id}`, scope, named, dryRun: asked, idempotency, seen };
}

/** Random bytes for something that is shown once. Under an idempotency key they come out the same again, so that a
 * repeated request shows the same secret, which is nowhere kept. */
export function drawSecret<R extends RouteName>(call: Call<R>, size: number, purpose: string): Uint8Array {
  const { services, caller, idempotency } = call;
  if (idempotency === null) return services.settings.random(size);
  const who = caller.kind === 'person' ? caller.token.id : caller.kind;
  const hmac = createHmac('sha512', services.keyring.secret('repeated secrets'));
  return new Uint8Array(
    hmac
      .update(JSON.stringify([who, idempotency, purpose]))
      .digest()
      .subarray(0, size),
  );
}

/** A fresh id: `inst_` and 16 random letters. */
export function freshId<R extends RouteName>(call: Call<R>, prefix: string, purpose = prefix): string {
  return `${prefix}_${Buffer.from(drawSecret(call, 12, purpose)).toString('base64url')}`;
}

/** A fresh id of a machine: `inst_`, the time in ms to the base 36, `_`, 16 random letters. What is made at one time stands
 * side by side in every index that it is in, so that a roll-out writes few pages, and not some for each machine. */
export function freshMachineId<R extends RouteName>(call: Call<R>): string {
  return freshId(call, `inst_${call.now.toString(36)}`, 'inst');
}

const LIMIT = 100;

/** Page parameters of a list. */
export function pageOf<R extends RouteName>({
  services,
  query,
  scope,
  now,
}: Call<R>): {
  readonly account: string;
  readonly scope: Scope;
  readonly after: string | null;
  readonly limit: number;
  readonly sort: string | null;
  readonly now: number;
} {
  const limit = query['limit'] === undefined ? LIMIT : Number(query['limit']);
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) {
    throw new LeaseholdError('INPUT_INVALID', 'A page has 1 to 500 rows.', { path: 'query.limit' });
  }
  const { account } = services;
  return { account, scope, after: query['after'] ?? null, limit, sort: query['sort'] ?? null, now };
}
