import { Type } from '@sinclair/typebox';
import { GrantedLicenses } from './admin.js';
import { Count, Digest, Id, Name, oneOf, wordRecord } from './common.js';

/** Seconds since 1970 (RFC 7519 NumericDate). */
const Seconds = Type.Integer({ minimum: 0 });

/** What a root signs: which keys may sign for an account, from when to when. */
export const KeysetClaims = Type.Object({
  iss: Id,
  epoch: Count,
  version: Count,
  iat: Seconds,
  exp: Seconds,
  keys: Type.Array(Type.Object({ kid: Id, x: Digest, nbf: Seconds, exp: Seconds, revokedAt: Type.Optional(Seconds) }), {
    minItems: 1,
    maxItems: 64,
  }),
});

/** The right of one instance to run until `exp`, bound to its device key (RFC 7800). `jti` is `seq.nonce`. */
export const LeaseClaims = Type.Object({
  iss: Id,
  product: Id,
  epoch: Count,
  sub: Id,
  jti: Id,
  seq: Count,
  parent: Type.Union([Id, Type.Null()]),
  iat: Seconds,
  exp: Seconds,
  cnf: Type.Object({ jkt: Digest }),
  license: Id,
  grant: Type.Optional(Id),
  components: wordRecord(Digest),
  catalog: Type.Object({ id: Id, version: Count }),
  entitlements: Digest,
});

/** What a relay gives one of its agents (design section 4, Relay): a lease signed by the relay's own device key. Slot
 * `n` of `kind` counts against the quota of the relay's Pool Key; `relay.lease` is the lease it rests on and ends with. */
export const SubLeaseClaims = Type.Composite([
  LeaseClaims,
  Type.Object({
    slot: Type.Object({ kind: Id, n: Type.Integer({ minimum: 1 }) }),
    relay: Type.Object({ instance: Id, lease: Id }),
  }),
]);

/** What the lease entitles to: the facts of the rules as this instance may see them, without the clock. */
export const EntitlementsClaims = Type.Object({
  iss: Id,
  product: Id,
  epoch: Count,
  sub: Id,
  iat: Seconds,
  self: Type.Object({ kind: oneOf(['machine', 'instance', 'server']), id: Id }),
  facts: Type.Record(Type.String(), Type.Unknown()),
  /** The vendor's own catalog, where one is in force in place of that which is built in. */
  catalog: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});

/** A boot medium's passport: what it is, for whom it was stamped, which machines it may serve (AIP-9.1, F-10). */
export const MediaClaims = Type.Object({
  iss: Id,
  product: Id,
  epoch: Count,
  media: Id,
  base: oneOf(['linux', 'winpe']),
  licensee: Name,
  /** The account's; what the hashes below were made with (media-passport.ts). */
  salt: Digest,
  covered: Type.Array(Digest, { maxItems: 20_000 }),
  formerlyCovered: Type.Array(Digest, { maxItems: 20_000 }),
  technician: Type.Optional(Id),
  license: Type.Optional(Id),
  /** Hashes of the one-time codes that it takes, by their index (one-time-code.ts). */
  codes: Type.Optional(Type.Array(Digest, { maxItems: 1024 })),
  /** Hash of the technician’s PIN, slow on purpose (pin.ts). */
  pin: Type.Optional(Digest),
  iat: Seconds,
  exp: Seconds,
});

/** One technician's right to start work on one machine until `exp`; `fence` rises with every grant (AIP-9.6). */
export const SessionClaims = Type.Object({
  iss: Id,
  product: Id,
  epoch: Count,
  session: Id,
  license: Id,
  technician: Id,
  media: Id,
  machine: Id,
  fence: Count,
  startedAt: Seconds,
  iat: Seconds,
  exp: Seconds,
});

/** A session that was checked out for work without a network: one medium, one machine, until `exp`. The machine is named by
 * the code that its firmware parts give (one-time-code.ts). */
export const VoucherClaims = Type.Object({
  iss: Id,
  product: Id,
  epoch: Count,
  session: Id,
  license: Id,
  technician: Id,
  media: Id,
  machine: Id,
  fence: Count,
  iat: Seconds,
  exp: Seconds,
});

/** Kept beside each recovery point; opens boot-media recovery on any hardware (F-10). */
export const RecoveryClaims = Type.Object({
  product: Id,
  account: Id,
  instance: Id,
  lease: Id,
  coveredSince: Seconds,
  iat: Seconds,
});

/** What a restore job says of the machine that it makes: whose image it is, from which recovery point, what it becomes. The
 * restored machine shows it once, and is then no copy: `transfer`, it takes the place of its source; `standby`, it stands
 * by for it. Signed by the device key of `by`, an activated machine that is not the source itself. */
export const LineageClaims = Type.Object({
  product: Id,
  account: Id,
  by: Id,
  source: Id,
  recoveryPoint: Name,
  target: Name,
  as: oneOf(['transfer', 'standby']),
  iat: Seconds,
  exp: Seconds,
  jti: Digest,
});

/** The signed head of the journal: a page that verified it knows that no row before it was changed. */
export const HeadClaims = Type.Object({ iss: Id, epoch: Count, seq: Count, hash: Digest, iat: Seconds });

/** A root's way out when an authority is gone: leases of this product and account that lived at `from` and were issued
 * by `iat` run until `until`. */
export const ExtensionClaims = Type.Object({ iss: Id, product: Id, iat: Seconds, from: Seconds, until: Seconds });

/** A root names the one after it: who pins the former believes the latter too. */
export const SuccessorClaims = Type.Object({ x: Digest, iat: Seconds });

/** The time, signed for one question: `nonce` is the asker's, so that no older answer can stand in for it. */
export const TimeClaims = Type.Object({ iss: Id, nonce: Digest, iat: Seconds });

/** Licenses that the vendor's root grants to an authority which somebody else runs: brought in once, before `exp`. */
export const GrantClaims = Type.Object({
  iss: Id,
  product: Id,
  jti: Digest,
  iat: Seconds,
  exp: Seconds,
  ...GrantedLicenses.properties,
});

/** A root's word that whoever brings this is an owner: the way back in when no token is left. Used once. */
export const RecoverClaims = Type.Object({ iss: Id, name: Name, days: Count, iat: Seconds, jti: Digest });

/** Proof of possession of the device key for one request (RFC 9449): method, full URL, body hash, time, challenge. */
export const ProofClaims = Type.Object({
  htm: oneOf(['GET', 'POST', 'PUT', 'DELETE']),
  htu: Type.String({ maxLength: 2000 }),
  bh: Digest,
  iat: Seconds,
  jti: Digest,
  nonce: Type.Optional(Digest),
});
