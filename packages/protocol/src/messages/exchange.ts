import { Type } from '@sinclair/typebox';
import { Count, DecisionMessage, Digest, Id, Instant, Name, nullable, oneOf } from './common.js';

const Call = oneOf(['activate', 'checkIn', 'deactivate']);
const Seconds = Type.Integer({ minimum: 0 });

/** What a machine without a network asks, sealed by its device key: the very request that it would send. */
export const ExchangeRequestClaims = Type.Object({
  product: Id,
  call: Call,
  body: Type.Record(Type.String(), Type.Unknown()),
  iat: Seconds,
  jti: Digest,
});

/** The answer to one request, which it names by the digest of its token. */
export const ExchangeResponseClaims = Type.Object({
  iss: Id,
  product: Id,
  epoch: Count,
  call: Call,
  request: Digest,
  reply: Type.Record(Type.String(), Type.Unknown()),
  iat: Seconds,
});

/** A request file, handed in by a person. */
export const ExchangeAnswer = Type.Object({
  file: Type.String({ minLength: 1, maxLength: 1_000_000 }),
  /** How long the lease is to run; 90 days by default. */
  leaseDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 400 })),
  dryRun: Type.Optional(Type.Boolean()),
});
/** `file` is the response file; absent on a dry run. `label` and `usage` are what the file itself says of the machine. */
export const ExchangeAnswered = Type.Object({
  epoch: Count,
  seq: Count,
  decision: DecisionMessage,
  dryRun: Type.Boolean(),
  call: Call,
  instance: nullable(Id),
  leaseUntil: nullable(Instant),
  label: Type.Optional(nullable(Name)),
  /** Usage records that it hands in. */
  usage: Type.Optional(Count),
  file: Type.Optional(Type.String({ maxLength: 12_000_000 })),
});
