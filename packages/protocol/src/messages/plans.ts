import { Type } from '@sinclair/typebox';
import { Count, DecisionMessage, Id, oneOf } from './common.js';

const Plain = Type.Record(Type.String({ maxLength: 64 }), Type.Unknown());

/** What would a change need? Facts and request in the form of the rules (terms/facts.ts), without instant and policy, which
 * are the account's own; they may speak of what is not there yet. `watch`: whose cover is told before each step. */
export const AdviseAsk = Type.Object({
  given: Plain,
  when: Plain,
  watch: Type.Optional(Type.Array(Type.Object({ type: oneOf(['machine', 'host']), id: Id }), { maxItems: 64 })),
});

/** A plan (terms/advise.ts). A step has its own members by what it does. */
export const AdviseReply = Type.Object({
  before: DecisionMessage,
  possible: Type.Boolean(),
  steps: Type.Array(Type.Intersect([Type.Object({ do: Id, rule: Id }), Plain]), { maxItems: 500 }),
  after: DecisionMessage,
  licenses: Count,
  price: Type.Optional(Type.Number()),
  /** Covered before the first step, and after each. */
  cover: Type.Array(Type.Object({ id: Id, covered: Type.Array(Type.Boolean(), { maxItems: 501 }) }), { maxItems: 64 }),
});
