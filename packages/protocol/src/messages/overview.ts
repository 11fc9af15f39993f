import { Type } from '@sinclair/typebox';
import { Count, Day, Id, Instant, nullable } from './common.js';
import { PoolRow, RefusalRow, SessionRow } from './console.js';
import { Todo } from './todo.js';

/** Health at a glance. */
export const OverviewReply = Type.Object({
  serverTime: Instant,
  /** By what the list of machines says of each; the five are the total. */
  machines: Type.Object({
    total: Count,
    valid: Count,
    expiresSoon: Type.Optional(Count),
    offline: Type.Optional(Count),
    grace: Count,
    stopped: Count,
    online: Count,
    /** Inside their lease. */
    silent: Count,
    /** Whose lease lapses within 24 hours, and within 14 days, if it is not renewed. */
    lapsing: Type.Optional(Type.Object({ day: Count, fortnight: Count })),
  }),
  types: Type.Array(
    Type.Object({
      type: Id,
      used: Count,
      owned: Count,
      /** Of those that are owned: without an end. */
      perpetual: Type.Optional(Count),
      firstEnd: nullable(Type.String({ maxLength: 32 })),
    }),
  ),
  pools: Type.Array(PoolRow),
  ends: Type.Array(Type.Object({ day: Day, type: Id, count: Count })),
  sessions: Type.Array(SessionRow),
  /** How many more are live than are listed. */
  sessionsMore: Type.Optional(Count),
  refusals: Type.Array(RefusalRow),
  todos: Type.Array(Todo),
  /** How many more wait than are listed. */
  todosMore: Type.Optional(Count),
});
