import type { Message } from '@leasehold/protocol';
import { accountOf } from '../accounts/account.js';
import { within, type Scope } from '../companies/reach.js';
import type { Reader } from '../store/index.js';
import { gracesOf } from './graces.js';
import { isCovered, type InstanceRow } from './instance.js';

type Graces = ReturnType<typeof gracesOf>;
export type Todo = Message<'OverviewReply'>['todos'][number];

const DAY = 86_400_000;
/** D-2: an end is told so long before. */
export const FIRST_WARNING: number = 30 * DAY;

interface Ask {
  readonly account: string;
  readonly scope: Scope;
  readonly now: number;
}

/** An instance with the end of the license that it was activated by. */
interface Ending extends InstanceRow {
  readonly license_ends: number | null;
  readonly license_term: string | null;
  readonly on_host: string | null;
  /** Guests of its host that are short of a license (F-4); copies wait for a decision of their own. */
  readonly short_there: number;
  /** Machines of which any of this is true, also those that are not shown. */
  readonly concerned: number;
}

/** What waits for a person about a machine: about those of `ids` alone, where they are given. The `most` urgent first, and
 * how many more there are. Who is concerned stands in an index; the rows of these alone are read beside it. */
export async function machineTodos(
  reader: Reader,
  ask: Ask,
  most: number,
  ids?: readonly string[],
): Promise<{ readonly all: Todo[]; readonly more: number }> {
  const { account, now } = ask;
  const own = within('c.company_id', ask);
  const graces = gracesOf(await accountOf(reader, account));
  const among = ids === undefined ? '' : `AND c.id IN (${ids.map(() => '?').join(', ')})`;
  const which = [account, now + 3 * DAY, ...own.params, ...(ids ?? [])];
  const params = [...which, graces.shortage, graces.shortage, now, graces.renewal, now, most];
  const rows = await reader.all<Ending>(
    `SELECT i.*, coalesce(m.ends_at, l.ends_at) AS license_ends, m.term AS license_term,
         coalesce(i.host_id, i.declared_host_id) AS on_host,
         sum(CASE WHEN i.short_since IS NULL OR i.forked_at IS NOT NULL THEN 0 ELSE 1 END)
           OVER (PARTITION BY coalesce(i.host_id, i.declared_host_id)) AS short_there,
         count(*) OVER () AS concerned
       FROM instances c CROSS JOIN instances i
       LEFT JOIN machine_licenses m
         ON m.account = i.account AND m.id = i.entitlement_id AND i.entitlement_kind = 'machine_license'
       LEFT JOIN instance_licenses l
         ON l.account = i.account AND l.id = i.entitlement_id AND i.entitlement_kind = 'instance_license'
       WHERE c.account = ? AND c.state = 'active' AND (c.forked_at IS NOT NULL OR c.short_since IS NOT NULL
         OR c.cover_decision NOT IN ('allow', 'warn') OR c.cover_code IN ('IN_GRACE', 'EXPIRES_SOON')
         OR c.lease_expires_at <= ?) AND ${own.sql} ${among} AND i.account = c.account AND i.id = c.id
       ORDER BY CASE WHEN i.forked_at IS NOT NULL THEN i.forked_at + ?
           WHEN i.short_since IS NOT NULL THEN i.short_since + ?
           WHEN i.cover_code = 'IN_GRACE' THEN coalesce(m.ends_at, l.ends_at, i.lease_expires_at, ?) + ?
           WHEN i.cover_code = 'EXPIRES_SOON' THEN coalesce(m.ends_at, l.ends_at, i.lease_expires_at, ?)
           WHEN i.cover_decision IN ('allow', 'warn') THEN i.lease_expires_at ELSE 0 END, i.id LIMIT ?`,
    params,
  );
  // Where nothing tells a copy from its original both are marked, and it is one decision: the copy's.
  const copied = new Set(rows.map((row) => (row.forked_at === null ? null : row.forked_from)));
  const all = rows
    .map((row) => (copied.has(row.id) ? { ...row, forked_at: null } : row))
    .filter((row) => isConcern(row, now))
    .map((row) => machineTodo(row, graces, now));
  return { all, more: (rows[0]?.concerned ?? 0) - rows.length };
}

/** The condition of the query above, for a row. */
export function isConcern(row: InstanceRow, now: number): boolean {
  const isEnding = row.cover_code === 'IN_GRACE' || row.cover_code === 'EXPIRES_SOON';
  const isSilent = row.lease_expires_at !== null && row.lease_expires_at <= now + 3 * DAY;
  return row.forked_at !== null || row.short_since !== null || !isCovered(row) || isEnding || isSilent;
}

function machineTodo(row: Ending, { shortage, renewal }: Graces, now: number): Todo {
  const subject = { type: 'machine', id: row.id, name: row.label ?? row.id };
  const make = (kind: Todo['kind'], since: number, until: number): Todo => {
    return { id: `${kind}-${row.id}`, kind, subject, since: iso(since), until: iso(until) };
  };
  const lease = row.lease_expires_at ?? now;
  const ends = row.license_ends ?? lease;
  if (row.forked_at !== null) return make('fork', row.forked_at, row.forked_at + shortage);
  if (row.short_since !== null) {
    // An original that waits with its copy is not counted above, and is one all the same.
    const host = row.on_host === null ? {} : { host: { id: row.on_host, guests: Math.max(1, row.short_there) } };
    return { ...make('shortage_grace', row.short_since, row.short_since + shortage), ...host };
  }
  if (row.cover_code === 'IN_GRACE') return make('renewal_grace', ends, ends + renewal);
  if (row.cover_code === 'EXPIRES_SOON') return make('expires_soon', ends - FIRST_WARNING, ends);
  if (isCovered(row)) return make('lease_ends', row.last_seen_at, lease);
  const stopped = Math.min(stoppedAt(row, renewal) ?? now, lease, now);
  return make('stopped', stopped - FIRST_WARNING, stopped);
}

/** When the license took the machine's cover away; undefined where something else did. */
function stoppedAt({ license_ends: ends, license_term: term }: Ending, renewal: number): number | undefined {
  if (ends === null) return undefined;
  return term === 'subscription' ? ends + renewal : ends;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
