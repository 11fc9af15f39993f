import { Type } from '@sinclair/typebox';
import {
  Cals,
  Count,
  DecisionMessage,
  Digest,
  EntitlementsToken,
  Id,
  Instant,
  Name,
  Token,
  nullable,
  oneOf,
  wordRecord,
} from './common.js';

/** What an agent says of its machine: hashes and classes, never a raw serial, address or user name. */
export const MachineReport = Type.Object({
  label: nullable(Name),
  kind: oneOf(['physical', 'guest', 'cloud', 'container', 'unknown']),
  os: oneOf(['windows_server', 'windows_client', 'linux', 'macos', 'unknown']),
  components: wordRecord(Digest),
  hypervisor: nullable(Id),
  cloud: nullable(Id),
  bootId: nullable(Digest),
  vmGeneration: nullable(Digest),
  /** The host this machine was told it lives on, where nothing can report it (F-1). */
  declaredHostId: Type.Optional(Id),
  /** Injected by whoever starts a container, where hardware tells nothing apart. */
  instanceId: Type.Optional(Id),
  /** Of its own clock: the daily check is at 08:01 there (LMP-3.11). */
  utcOffsetMinutes: Type.Optional(Type.Integer({ minimum: -1440, maximum: 1440 })),
});

/** The lease chain: the jti of the lease held (null at first) and a fresh nonce, written down before the request leaves
 * and reused until it is answered. The same pair again is a lost reply. */
export const ChainLink = Type.Object({ parent: nullable(Id), nonce: Digest });

/** Usage since the last acknowledged number. `epoch` is the outbox's own, new after a fresh or rolled-back state. */
export const UsageBatch = Type.Object({
  epoch: Digest,
  records: Type.Array(
    Type.Object({
      n: Count,
      at: Instant,
      kind: Id,
      bytes: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      count: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
      machine: Type.Optional(Id),
      /** Where the outbox stood that it was handed on from: a relay that is killed in between hands it on twice. */
      source: Type.Optional(Type.Object({ id: Id, epoch: Digest, n: Count })),
    }),
    { maxItems: 1000 },
  ),
});

/** A refusal that the agent decided itself; it is shown live with its reason and remedy. */
export const RefusalReport = Type.Object({
  id: Digest,
  at: Instant,
  action: Id,
  decision: DecisionMessage,
});

/** What a backup server that holds a pool key tells with each check (LMP-3.11, LMP-4.8). */
export const ServerReport = Type.Object({ version: Id, used: Cals, utcOffsetMinutes: Type.Integer() });

export const ActivateRequest = Type.Object({
  licenseKey: Type.String({ minLength: 1, maxLength: 64 }),
  product: Id,
  version: Id,
  chain: ChainLink,
  machine: MachineReport,
  server: Type.Optional(ServerReport),
});

export const CheckInRequest = Type.Object({
  instance: Id,
  product: Id,
  version: Id,
  chain: ChainLink,
  /** The lease held, so that an authority restored from a backup can adopt a newer one. */
  lease: Type.Optional(Token),
  machine: MachineReport,
  server: Type.Optional(ServerReport),
  usage: Type.Optional(UsageBatch),
  refusals: Type.Optional(Type.Array(RefusalReport, { maxItems: 100 })),
  /** The note of the job that restored this machine (LineageClaims). */
  lineage: Type.Optional(Token),
  entitlementsDigest: nullable(Digest),
  keysetVersion: Type.Object({ epoch: Count, version: Count }),
});

/** The answer to activation and check-in: everything both ways in one round trip. `entitlements` and `keyset` come only
 * when what the agent holds differs. `renewAfter` is when to come back, jitter included. */
export const CheckInReply = Type.Object({
  instance: Id,
  lease: Token,
  entitlements: Type.Optional(EntitlementsToken),
  keyset: Type.Optional(Token),
  /** Given by a relay: then `lease` is a sub-lease, and this is the lease it rests on with the key that signed it. */
  relay: Type.Optional(Type.Object({ lease: Token, x: Digest })),
  serverTime: Instant,
  renewAfter: Instant,
  usageSeen: Type.Optional(Type.Object({ epoch: Digest, n: Count })),
  verdict: oneOf(['same', 'drift', 'restored', 'moved', 'cloned', 'unknown']),
  notices: Type.Array(Id, { maxItems: 20 }),
});

export const DeactivateRequest = Type.Object({ instance: Id, chain: ChainLink });
/** `reusableFrom` null: the seat is free now. */
export const DeactivateReply = Type.Object({ instance: Id, reusableFrom: nullable(Instant), serverTime: Instant });

export const KeysetReply = Type.Object({ keyset: Token, serverTime: Instant });
/** The keyset goes along for an agent that holds none yet, or an older one. */
export const TimeReply = Type.Object({ time: Token, keyset: Token });

/** An IT Pro session: ask, keep, end (AIP-9.4 to AIP-9.7). */
export const SessionStartRequest = Type.Object({
  licenseKey: Type.String({ minLength: 1, maxLength: 64 }),
  product: Id,
  technician: Id,
  technicianName: Type.Optional(Name),
  media: Id,
  machine: Id,
  machineOs: oneOf(['windows_server', 'windows_client', 'linux', 'macos', 'unknown']),
  operation: oneOf(['backup', 'restore', 'migrate']),
  /** The technician’s own, where his medium was stamped with one. */
  pin: Type.Optional(Type.String({ minLength: 4, maxLength: 64 })),
  /** Whoever holds the license is told to finish; this session can start once his grant has ended. */
  takeOver: Type.Optional(Type.Boolean()),
  nonce: Digest,
});
export const SessionReply = Type.Object({ session: Id, grant: Token, serverTime: Instant });
export const SessionBeatRequest = Type.Object({ product: Id });
export const SessionEndRequest = Type.Object({ product: Id });
export const SessionEndReply = Type.Object({ session: Id, endedAt: Instant });

/** Who holds a session that stands in the way: told with the refusal ITPRO_CONCURRENT. */
export const SessionHolder = Type.Object({
  session: Id,
  technician: Id,
  technicianName: nullable(Name),
  media: Id,
  machine: Id,
  startedAt: Instant,
  until: Instant,
});
