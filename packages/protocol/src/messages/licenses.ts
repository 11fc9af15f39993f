import { Type } from '@sinclair/typebox';
import { Count, Day, DecisionMessage, Id, Instant, Name, nullable, oneOf } from './common.js';

/** What an admin does with licenses, one by one, many at once and from a file. */
const DryRun = Type.Optional(Type.Boolean());

/** To whom a license belongs: a company (null: the global pool), and within it a user (null: nobody by name). */
export const LicenseGrant = Type.Object({
  company: nullable(Id),
  user: Type.Optional(nullable(Name)),
  dryRun: DryRun,
});
export const LicenseChangeType = Type.Object({ type: Id, dryRun: DryRun });
export const LicenseAutoRenew = Type.Object({ autoRenew: Type.Boolean(), dryRun: DryRun });

const Place = Type.Object({ type: oneOf(['machine', 'host']), id: Id });
/** `from` is what holds the seat now, and what becomes of it. */
export const LicenseMove = Type.Object({
  from: Place,
  to: Place,
  sourceDisposition: oneOf(['disposed', 'dead', 'parallel', 'undeclared']),
  dryRun: DryRun,
});
/** `machine` is the one that it was moved to. */
export const LicenseMoveBack = Type.Object({ machine: Id, dryRun: DryRun });

const BulkAction = oneOf(['assign', 'release', 'auto_renew', 'no_auto_renew', 'revoke', 'reinstate']);
/** `to` and `kind` are those of `assign`. */
const BulkItem = Type.Object({
  license: Id,
  to: Type.Optional(Id),
  kind: Type.Optional(oneOf(['computer', 'domain'])),
});
/** One transaction: all or nothing. A dry run answers the decision of each, refusals too. */
export const LicensesBulk = Type.Object({
  action: BulkAction,
  items: Type.Array(BulkItem, { minItems: 1, maxItems: 500 }),
  dryRun: DryRun,
});
export const BulkReply = Type.Object({
  epoch: Count,
  seq: Count,
  dryRun: Type.Boolean(),
  items: Type.Array(Type.Object({ license: Id, decision: DecisionMessage }), { maxItems: 500 }),
  /** The bulk that puts back what this one changed; null where it changed nothing. */
  undo: nullable(Type.Object({ action: BulkAction, items: Type.Array(BulkItem, { minItems: 1, maxItems: 500 }) })),
});

/** At most 1000 lines after the header; see docs/operating.md for the columns. */
export const LicensesImport = Type.Object({ csv: Type.String({ minLength: 1, maxLength: 1_000_000 }), dryRun: DryRun });
/** `errors` are those that a dry run found, by line (the header is line 1); without a dry run they are a problem. */
export const LicensesImported = Type.Object({
  epoch: Count,
  seq: Count,
  dryRun: Type.Boolean(),
  rows: Count,
  /** Columns of the file that an import does not read. */
  ignored: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100 }),
  errors: Type.Array(Type.Object({ path: Type.String({ maxLength: 300 }), detail: Type.String({ maxLength: 2000 }) }), {
    maxItems: 100,
  }),
  /** Shown this once, as for licenses that come in as JSON. */
  licenses: Type.Array(Type.Object({ id: Id, licenseKey: Type.String({ maxLength: 64 }) }), { maxItems: 1000 }),
});

/** Of `wanting` instances, `held` have a license that is valid on the day or renews itself (MSP-5). */
export const RequiredQuantity = Type.Object({
  type: Id,
  until: Day,
  wanting: Count,
  held: Count,
  required: Count,
});

/** Text of comma-separated values (RFC 4180) with a header. */
export const CsvText = Type.String();

/** Something else that was changed since the caller last looked. `members` are those of the row that differ. */
export const ChangedMeanwhile = Type.Object({
  at: Instant,
  actor: Id,
  name: nullable(Name),
  type: Id,
  members: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64 }),
});
