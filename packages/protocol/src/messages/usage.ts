import { Type } from '@sinclair/typebox';
import { Count, Id, Instant, Name, Token, nullable } from './common.js';

const Month = Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])$' });
const Bytes = Type.Integer({ minimum: 0 });

/** What one company's machines did in one month, in sum. `companyId` null: machines of no company. */
export const StatementRow = Type.Object({
  companyId: nullable(Id),
  companyName: nullable(Name),
  machines: Count,
  jobs: Count,
  bytes: Bytes,
});
export const StatementList = Type.Object({ month: Month, rows: Type.Array(StatementRow, { maxItems: 5000 }) });

/** What the authority signs for a company and a month. The days are those of `timeZone`. Usage that arrives later makes a
 * new statement; of two the one with the later `iat` counts. */
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
  lines: Type.Array(Type.Object({ instance: Id, name: nullable(Name), kind: Id, jobs: Count, bytes: Bytes }), {
    maxItems: 40_000,
  }),
  totals: Type.Object({ machines: Count, jobs: Count, bytes: Bytes }),
});
/** All that a customer needs beside the vendor's root key: kept as a file, it is verified offline. */
export const StatementReply = Type.Object({
  statement: Type.String({ minLength: 1, maxLength: 12_000_000 }),
  keyset: Token,
  issuedAt: Instant,
});
