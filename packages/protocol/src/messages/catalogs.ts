import { Type } from '@sinclair/typebox';
import { Count, Digest, Id, Instant, nullable, oneOf } from './common.js';

/** A vendor's own rules (docs/catalogs.md). */
const Profile = oneOf(['aip', 'msp', 'lmp', 'generic']);
const Content = Type.Record(Type.String(), Type.Unknown());

const members = {
  version: Count,
  profile: Profile,
  /** What the catalog calls itself, and its own version. */
  label: Type.String({ maxLength: 300 }),
  digest: Digest,
  state: oneOf(['kept', 'active']),
  uploadedAt: Instant,
  uploadedBy: Id,
  activatedAt: nullable(Instant),
  /** The version that it took the place of; null: the built-in one. */
  replaced: nullable(Count),
};
export const CatalogRow = Type.Object(members);
export const CatalogList = Type.Object({ rows: Type.Array(CatalogRow, { maxItems: 500 }) });
export const CatalogDetail = Type.Object({ ...members, catalog: Content });
export const CatalogUpload = Type.Object({ catalog: Content, dryRun: Type.Optional(Type.Boolean()) });
/** What differs from the periods and switches of the rules (docs/rules.md, 1.6); judged by the rules' own reading. */
export const PolicyReply = Type.Object({ policy: Content });
export const PolicySet = Type.Object({ policy: Content, dryRun: Type.Optional(Type.Boolean()) });
export const CatalogRollBack = Type.Object({ profile: Profile, dryRun: Type.Optional(Type.Boolean()) });
