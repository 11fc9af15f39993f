import type * as Messages from './messages/index.js';
import type { Static, TSchema } from '@sinclair/typebox';

/** One schema per message; the wire type of each is derived from it. */
export type SchemaName = {
  [K in keyof typeof Messages]: (typeof Messages)[K] extends TSchema ? K : never;
}[keyof typeof Messages];
export type Message<K extends SchemaName> = (typeof Messages)[K] extends TSchema ? Static<(typeof Messages)[K]> : never;

/** Who may call: anyone; a device that proves possession of its key; a person's token with at least this role. */
export type Access = 'public' | 'device' | 'viewer' | 'operator' | 'owner';

/** One call of the product. */
export interface RouteRow {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Parameters in the path stand as `:name`. */
  readonly path: string;
  readonly access: Access;
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
