import { Type } from '@sinclair/typebox';
import { Count, DecisionMessage, Id, Instant, Name, oneOf } from './common.js';

/** What waits for a person: since when, and until when it may. */
export const Todo = Type.Object({
  id: Id,
  kind: oneOf(['stopped', 'renewal_grace', 'shortage_grace', 'replace_key', 'fork', 'expires_soon', 'lease_ends']),
  subject: Type.Object({ type: Id, id: Id, name: Name }),
  /** Where the guests of one host are short of a license: whose guest it is, and how many of them there are. */
  host: Type.Optional(Type.Object({ id: Id, guests: Count })),
  since: Instant,
  until: Instant,
  decision: Type.Optional(DecisionMessage),
});
