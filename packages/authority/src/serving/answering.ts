import { Readable } from 'node:stream';
import { ROUTES, type RouteName, type RouteRow } from '@leasehold/protocol';
import type { FastifyReply } from 'fastify';
import type { Call, StreamHandler } from './call.js';
import { licensesExport } from '../handlers/licenses.js';
import { statement } from '../handlers/usage.js';
import { entityTag, type Seen } from './unchanged.js';

/** Routes whose reply is a file. */
export type FileRoute = {
  readonly [R in RouteName]: (typeof ROUTES)[R] extends { readonly as: 'text/csv' | 'application/jsonl' } ? R : never;
}[RouteName];

const FILES: { readonly [R in FileRoute]: StreamHandler<R> } = { licensesExport, statement };
const ENDINGS = { 'text/csv': 'csv', 'application/jsonl': 'jsonl' } as const;

export function isFile(name: RouteName): name is FileRoute {
  return name in FILES;
}

/** A file from its beginning. */
export function openFile(name: FileRoute, call: Call<FileRoute>): Promise<AsyncIterable<string>> {
  return FILES[name](call);
}

/** Sends a file as it is read: a reply of any length, never whole in memory. One that breaks off ends the connection, so
 * that nobody takes a part for the whole. */
export function sendFile(name: FileRoute, chunks: AsyncIterable<string>, reply: FastifyReply): FastifyReply {
  const { as } = ROUTES[name];
  return reply
    .type(`${as}; charset=utf-8`)
    .header('content-disposition', `attachment; filename="${name}.${ENDINGS[as]}"`)
    .send(Readable.from(chunks));
}

/** Does a person read here what he may edit? Then the reply says how far the journal had come (ETag). */
export function isTagged({ method, access, as }: RouteRow): boolean {
  return method === 'GET' && as === undefined && access !== 'public' && access !== 'device';
}

/** The tag of a list is where the journal stood before it was read; that of a change, where it stands after. */
export function tag(reply: FastifyReply, before: Seen | null, answer: object): void {
  const { epoch, seq } = before ?? (answer as Partial<Seen>);
  if (epoch !== undefined && seq !== undefined) void reply.header('etag', entityTag({ epoch, seq }));
}
