import { Type } from '@sinclair/typebox';
import { Count, DecisionMessage, Id, Instant, Name, Token, nullable, oneOf } from './common.js';

const DryRun = Type.Optional(Type.Boolean());
/** As it is read out and typed: letters and digits, with or without hyphens. */
const Spoken = Type.String({ minLength: 1, maxLength: 32 });

/** Hands a technician's license to another person; only an owner of the account can (AIP-9.7). */
export const LicenseReassign = Type.Object({ technician: Id, dryRun: DryRun });

/** Checks a session out for work without a network: one medium, one machine, at most 12 hours. `machine` is the code that
 * the medium shows on that machine. The license is busy for all of it. */
export const VoucherCreate = Type.Object({
  license: Id,
  media: Id,
  machine: Spoken,
  machineOs: oneOf(['windows_server', 'windows_client', 'linux', 'macos', 'unknown']),
  hours: Type.Integer({ minimum: 1, maximum: 12 }),
  dryRun: DryRun,
});
/** The code is shown this once. */
export const VoucherCreated = Type.Object({
  epoch: Count,
  seq: Count,
  decision: DecisionMessage,
  dryRun: Type.Boolean(),
  /** The session that it stands for. */
  id: Type.Optional(Id),
  code: Type.Optional(Spoken),
  until: Type.Optional(Instant),
});
export const VoucherFetch = Type.Object({ product: Id, code: Spoken });
export const VoucherReply = Type.Object({ voucher: Token, keyset: Token, serverTime: Instant });

/** A code for a recovery that no other proof opens (F-10). `challenge` is what the medium shows; a code answers it alone. */
export const CodeCreate = Type.Object({
  challenge: Spoken,
  /** Which machine, for whom, why: kept with the author. */
  note: Type.String({ minLength: 1, maxLength: 500 }),
  dryRun: DryRun,
});
export const CodeCreated = Type.Object({
  epoch: Count,
  seq: Count,
  decision: DecisionMessage,
  dryRun: Type.Boolean(),
  id: Type.Optional(Id),
  code: Type.Optional(Spoken),
});
export const CodeRow = Type.Object({
  id: Id,
  media: Id,
  challenge: Spoken,
  note: Type.String({ maxLength: 500 }),
  author: Id,
  at: Instant,
});
export const CodePage = Type.Object({
  rows: Type.Array(CodeRow, { maxItems: 500 }),
  next: nullable(Id),
  total: Count,
});

/** A licensed agent makes a boot medium (AIP-9.1): its passport names the machines of the agent's own company. */
export const AgentStamp = Type.Object({
  instance: Id,
  product: Id,
  media: Id,
  base: oneOf(['linux', 'winpe']),
  licensee: Name,
  validDays: Type.Integer({ minimum: 1, maximum: 3660 }),
});
export const AgentStamped = Type.Object({ media: Id, passport: Token, keyset: Token, serverTime: Instant });
