import { Type } from '@sinclair/typebox';
import { Count, DecisionMessage, Id, Instant, Name, nullable } from './common.js';

/** Provider, resellers, companies: whose licenses are whose, and who gave how many to whom. */
const DryRun = Type.Optional(Type.Boolean());

/** `parentId` null or absent: directly below the provider. It never changes. */
export const CompanyRow = Type.Object({ id: Id, name: Name, parentId: Type.Optional(nullable(Id)) });
export const CompanyCreate = Type.Object({
  id: Type.Optional(Id),
  name: Name,
  parentId: Type.Optional(nullable(Id)),
  dryRun: DryRun,
});
export const CompanyRename = Type.Object({ name: Name, dryRun: DryRun });

/** `quantity` were given; of them `held` lie with the company still, `used` of these are in use. */
export const GrantRow = Type.Object({
  id: Id,
  from: nullable(Id),
  to: Id,
  type: Id,
  quantity: Count,
  held: Count,
  used: Count,
  grantedAt: Instant,
  grantedBy: Id,
});
export const GrantPage = Type.Object({
  rows: Type.Array(GrantRow, { maxItems: 500 }),
  next: nullable(Type.String({ maxLength: 300 })),
  total: Count,
});
/** `from` null or absent: out of the global pool. */
export const GrantCreate = Type.Object({
  from: Type.Optional(nullable(Id)),
  to: Id,
  type: Id,
  quantity: Type.Integer({ minimum: 1, maximum: 500 }),
  dryRun: DryRun,
});
/** Without a quantity: all that is unused. */
export const GrantTakeBack = Type.Object({
  quantity: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  dryRun: DryRun,
});
/** `licenses` are those that changed their owner. */
export const GrantReply = Type.Object({
  epoch: Count,
  seq: Count,
  decision: DecisionMessage,
  dryRun: Type.Boolean(),
  id: Type.Optional(Id),
  licenses: Type.Array(Id, { maxItems: 500 }),
});
