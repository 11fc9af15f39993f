import { Type } from '@sinclair/typebox';
import { Count, DecisionMessage, Id, Instant, Name, nullable, oneOf } from './common.js';

/** What an enrollment key may draw from: named licenses, or all of a type that belong to its company (null: to none). */
const LICENSES = Type.Array(Id, { minItems: 1, maxItems: 50 });

/** A key for the roll-out to many machines: whoever shows it gets a seat of what it draws from, until it ends or its uses
 * are taken. Either `licenses` or `profile` and `type` say from what. */
export const EnrollmentKeyCreate = Type.Object({
  name: Name,
  company: Type.Optional(nullable(Id)),
  licenses: Type.Optional(LICENSES),
  profile: Type.Optional(oneOf(['aip', 'msp'])),
  type: Type.Optional(Id),
  /** Machines that may enroll by it; the same machine again is no further use. */
  maxUses: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  validDays: Type.Integer({ minimum: 1, maximum: 3660 }),
  dryRun: Type.Optional(Type.Boolean()),
});
/** The key is shown this once. `decision.value.free` says for how many machines seats are free today. */
export const EnrollmentKeyCreated = Type.Object({
  epoch: Count,
  seq: Count,
  decision: DecisionMessage,
  dryRun: Type.Boolean(),
  id: Type.Optional(Id),
  enrollmentKey: Type.Optional(Type.String({ maxLength: 64 })),
  expiresAt: Type.Optional(Instant),
});
export const EnrollmentKeyRow = Type.Object({
  id: Id,
  name: Name,
  companyId: nullable(Id),
  licenses: nullable(LICENSES),
  profile: nullable(oneOf(['aip', 'msp'])),
  type: nullable(Id),
  used: Count,
  maxUses: Count,
  createdAt: Instant,
  expiresAt: Instant,
  revokedAt: nullable(Instant),
  lastUsedAt: nullable(Instant),
  status: oneOf(['usable', 'used_up', 'expired', 'revoked']),
});
export const EnrollmentKeyPage = Type.Object({
  rows: Type.Array(EnrollmentKeyRow, { maxItems: 500 }),
  next: nullable(Id),
  total: Count,
});
