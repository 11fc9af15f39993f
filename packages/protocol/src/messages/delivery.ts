import { Type } from '@sinclair/typebox';
import { Count, DecisionMessage, Id, Instant, Name, nullable, oneOf } from './common.js';

/** Where the journal is sent to, beside the feed: a webhook or a mailbox. `events` are types of the journal, or their
 * beginnings: `instance.` for all of an instance, `*` for everything. */
const Events = Type.Array(Type.String({ minLength: 1, maxLength: 64, pattern: '^(\\*|[a-z_]+\\.([a-z_]+)?)$' }), {
  minItems: 1,
  maxItems: 50,
});

export const SubscriptionCreate = Type.Object({
  kind: oneOf(['webhook', 'mail']),
  name: Name,
  /** https://… of a webhook; address of a mailbox. */
  target: Type.String({ minLength: 3, maxLength: 1000 }),
  events: Events,
  dryRun: Type.Optional(Type.Boolean()),
});
/** The secret of a webhook (Standard Webhooks, `whsec_…`), shown this once. */
export const SubscriptionCreated = Type.Object({
  epoch: Count,
  seq: Count,
  decision: DecisionMessage,
  dryRun: Type.Boolean(),
  id: Type.Optional(Id),
  secret: Type.Optional(Type.String({ maxLength: 100 })),
});
export const SubscriptionRotate = Type.Object({
  /** How long the old secret signs too; 24 hours by default. */
  overlapHours: Type.Optional(Type.Integer({ minimum: 0, maximum: 720 })),
  dryRun: Type.Optional(Type.Boolean()),
});
export const SubscriptionRow = Type.Object({
  id: Id,
  kind: oneOf(['webhook', 'mail']),
  name: Name,
  target: Type.String({ maxLength: 1000 }),
  events: Events,
  /** `stopped`: the receiver said that it is gone (410). */
  state: oneOf(['active', 'stopped']),
  createdAt: Instant,
  /** Up to which row of the journal it was looked through. */
  cursor: Count,
  waiting: Count,
  dead: Count,
});
export const SubscriptionList = Type.Object({ rows: Type.Array(SubscriptionRow, { maxItems: 200 }) });

/** One event on its way to one receiver. `dead`: every attempt failed; it is kept and can be replayed. */
export const DeliveryRow = Type.Object({
  id: Id,
  subscription: Id,
  seq: Count,
  type: Id,
  state: oneOf(['waiting', 'delivered', 'dead']),
  attempts: Count,
  createdAt: Instant,
  dueAt: Instant,
  deliveredAt: nullable(Instant),
  lastProblem: nullable(Type.String({ maxLength: 300 })),
});
export const DeliveryPage = Type.Object({ rows: Type.Array(DeliveryRow, { maxItems: 500 }), next: nullable(Id) });
