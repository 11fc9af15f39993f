import { Type } from '@sinclair/typebox';
import { Count, Day, Digest, Id, Name, Token, nullable, oneOf } from './common.js';

const Month = Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])$' });
/** Of a month: whatever machines say adds up to a number that a reader takes. */
const Sum = Type.Integer({ minimum: 0 });

/** What one company's machines did in one month, in sum. `companyId` null: machines of no company. */
export const StatementRow = Type.Object({
  companyId: nullable(Id),
  companyName: nullable(Name),
  machines: Count,
  jobs: Count,
  bytes: Sum,
});
export const StatementList = Type.Object({ month: Month, rows: Type.Array(StatementRow, { maxItems: 5000 }) });

/** What one machine did in a month, by kind. */
const StatementRecord = Type.Object({ instance: Id, name: nullable(Name), kind: Id, jobs: Sum, bytes: Sum });
/** One line of a statement's file; a machine's records stand one after the other. */
export const StatementPart = Type.Object({ records: Type.Array(StatementRecord, { minItems: 1, maxItems: 500 }) });

/** What the authority signs for a company and a month: what stands over the parts, and the digest that chains them. The
 * days are those of `timeZone`. Usage that arrives later makes a new statement; of two the one with the later `iat`
 * counts. */
export const StatementClaims = Type.Object({
  iss: Id,
  product: Id,
  epoch: Count,
  iat: Type.Integer({ minimum: 0 }),
  month: Month,
  timeZone: Id,
  /** Is the month over? Until then it is a statement of the days so far. */
  complete: Type.Boolean(),
  companyId: nullable(Id),
  companyName: nullable(Name),
  /** How many parts, and base64url SHA-256 over them: each part's digest covers the digest before it and its line. */
  parts: Count,
  digest: Digest,
  totals: Type.Object({ machines: Count, jobs: Sum, bytes: Sum }),
});
/** The last line of a statement's file: all that a customer needs beside the parts and the vendor's root key. */
export const StatementSeal = Type.Object({ statement: Token, keyset: Token });
/** A statement's file: JSON lines, the parts and then the seal over them. It can have any length, and both sides read it
 * line by line. */
export const StatementFile = Type.String();

/** Numbers of each of the days that stand beside them; null: nobody knows, or there was nothing. */
const ByDay = Type.Array(nullable(Count), { maxItems: 90 });
/** Seats owned and used: at the end of every day before, as they are on the last. Days end in `timeZone`. */
export const SeatHistory = Type.Object({
  timeZone: Id,
  /** The oldest first, today the last. */
  days: Type.Array(Day, { maxItems: 90 }),
  series: Type.Array(
    Type.Object({
      kind: oneOf(['type', 'pool']),
      /** The type of license, or the pool's id. */
      id: Id,
      name: Name,
      /** The kind of client access license, of a pool. */
      cal: nullable(Id),
      used: ByDay,
      owned: ByDay,
    }),
    { maxItems: 5000 },
  ),
});
