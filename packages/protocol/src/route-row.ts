import type * as Messages from './messages/index.js';
import type { Static, TSchema } from '@sinclair/typebox';

/** One schema per message; the wire type of each is derived from it. */
export type SchemaName = {
  [K in keyof typeof Messages]: (typeof Messages)[K] extends TSchema ? K : never;
}[keyof typeof Messages];
export type Message<K extends SchemaName> = (typeof Messages)[K] extends TSchema ? Static<(typeof Messages)[K]> : never;

/** Who may call: anyone; a device that proves possession of its key; a person's token with at least this role. */
export type Access = 'public' | 'device' | 'viewer' | 'operator' | 'owner';

/** What belongs to a company, and so lies within the reach of a token of that company or one above it. A holder of a
 * license is a machine, or a domain, which is nobody's. */
export type Owned =
  | 'company'
  | 'enrollmentKey'
  | 'grant'
  | 'holder'
  | 'license'
  | 'machine'
  | 'order'
  | 'session'
  | 'token';

/** Where a request names what it is about, and what that is: `license` (a parameter of the path), `query.company`,
 * `body.items.license` (of each item). With `?` it may be left out. */
export type Reach = Readonly<Record<string, Owned | `${Owned}?`>>;

interface Row {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Parameters in the path stand as `:name`. */
  readonly path: string;
  readonly summary: string;
  readonly request?: SchemaName;
  readonly reply: SchemaName;
  /** Query parameters by name: what they filter. All are optional texts. */
  readonly query?: readonly string[];
  /** What a list may be sorted by: `sort=NAME`, or `sort=-NAME` downwards. */
  readonly sort?: readonly string[];
  /** The media type of a reply that is no JSON and comes as a stream. */
  readonly as?: 'text/csv' | 'application/jsonl' | 'text/event-stream';
}

interface OpenRow extends Row {
  readonly access: 'public' | 'device';
}

interface PersonRow extends Row {
  readonly access: 'viewer' | 'operator' | 'owner';
  /** What a token of a company can do here: nothing (`account`: it takes a token of the whole account), or all that lies
   * within its company and those below. A list is cut to that; whatever the request names must belong there. */
  readonly scope: 'account' | Reach;
}

/** One call of the product. */
export type RouteRow = OpenRow | PersonRow;
