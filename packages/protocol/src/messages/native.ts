import { Type } from '@sinclair/typebox';
import { Count, DecisionMessage, Id, Instant, Name, nullable, oneOf } from './common.js';

/** What the console asks the native host of this machine for: what the agent knows, or to check in now first. */
export const NativeAsk = Type.Object({ ask: oneOf(['status', 'check']) });

/** What an agent tells every local user of itself (sdk/status.ts): nothing in it is secret or raw. */
export const LocalStatus = Type.Object({
  state: oneOf(['licensed', 'offline', 'lapsed', 'denied', 'not_activated', 'damaged']),
  product: Name,
  version: Name,
  instance: nullable(Id),
  license: nullable(Id),
  backup: DecisionMessage,
  offlineUntil: nullable(Instant),
  renewalGraceUntil: nullable(Instant),
  shortageGraceUntil: nullable(Instant),
  replaceKeyUntil: nullable(Instant),
  lastContact: nullable(Instant),
  nextContact: nullable(Instant),
  missedDays: Count,
  machine: oneOf(['same', 'changed']),
  identity: Type.Object({
    state: oneOf(['known', 'ambiguous', 'unknown']),
    parts: Type.Record(Type.String({ maxLength: 64 }), oneOf(['value', 'absent', 'not_permitted'])),
  }),
  clock: oneOf(['ok', 'behind', 'ahead', 'rolled_back']),
  keyset: nullable(Type.Object({ version: Count, until: Instant, endsSoon: Type.Boolean() })),
  restores: Type.Literal('open'),
  problems: Type.Array(
    Type.Object({
      code: Id,
      message: Type.String({ maxLength: 2000 }),
      remedy: Type.String({ maxLength: 2000 }),
      since: Instant,
    }),
    { maxItems: 64 },
  ),
});

/** The host's answer: the agent's status, or why there is none. */
export const NativeReply = Type.Union([
  Type.Object({ ok: Type.Literal(true), status: LocalStatus }),
  Type.Object({
    ok: Type.Literal(false),
    code: oneOf(['NO_AGENT', 'NOT_PERMITTED', 'NO_SETTINGS', 'ASK_UNKNOWN']),
    detail: Type.String({ maxLength: 2000 }),
  }),
]);
