import type { Message } from '@leasehold/protocol';
import type { InstanceRow } from './instances/instance.js';
import { KEY_LEASE_DAYS } from './pools/key-lease.js';
import type { Reader } from './store/index.js';

type Todo = Message<'OverviewReply'>['todos'][number];

const DAY = 86_400_000;
/** F-4: how long a machine goes on after something else took its cover. */
const SHORTAGE_GRACE = 14 * DAY;
const SHOWN = 50;

/** What waits for a person, the most urgent first. */
export async function todos(reader: Reader, account: string, now: number): Promise<Todo[]> {
  const all = [...(await machineTodos(reader, account, now)), ...(await keyTodos(reader, account, now))];
  return all.sort((a, b) => (a.until < b.until ? -1 : 1)).slice(0, SHOWN);
}

async function machineTodos(reader: Reader, account: string, now: number): Promise<Todo[]> {
  const rows = await reader.all<InstanceRow>(
    `SELECT * FROM instances WHERE account = ? AND state = 'active' AND (forked_at IS NOT NULL OR short_since IS NOT NULL
       OR cover_decision NOT IN ('allow', 'warn') OR cover_code IN ('IN_GRACE', 'EXPIRES_SOON') OR lease_expires_at <= ?)
       ORDER BY last_seen_at DESC LIMIT ?`,
    [account, now + 3 * DAY, SHOWN],
  );
  return rows.map((row) => machineTodo(row, now));
}

function machineTodo(row: InstanceRow, now: number): Todo {
  const subject = { type: 'machine', id: row.id, name: row.label ?? row.id };
  const make = (kind: Todo['kind'], since: number, until: number): Todo => {
    return { id: `${kind}-${row.id}`, kind, subject, since: iso(since), until: iso(until) };
  };
  const lease = row.lease_expires_at ?? now;
  if (row.forked_at !== null) return make('fork', row.forked_at, lease);
  if (row.short_since !== null) return make('shortage_grace', row.short_since, row.short_since + SHORTAGE_GRACE);
  if (row.cover_code === 'IN_GRACE') return make('renewal_grace', row.last_seen_at, lease);
  if (row.cover_code === 'EXPIRES_SOON') return make('expires_soon', row.last_seen_at, lease);
  if (row.cover_decision === 'allow' || row.cover_decision === 'warn')
    return make('lease_ends', row.last_seen_at, lease);
  return make('stopped', row.last_seen_at, now);
}

/** Servers whose license went into a pool: each needs a Pool Key within 14 days (LMP-3.2, LMP-4.5). */
async function keyTodos(reader: Reader, account: string, now: number): Promise<Todo[]> {
  const rows = await reader.all<{ id: string; applied_to: string; pooled_at: number }>(
    `SELECT id, applied_to, pooled_at FROM pool_licenses
       WHERE account = ? AND state = 'pooled' AND applied_to IS NOT NULL AND pooled_at > ? ORDER BY pooled_at LIMIT ?`,
    [account, now - KEY_LEASE_DAYS * DAY, SHOWN],
  );
  return rows.map(({ id, applied_to: server, pooled_at: since }) => ({
    id: `replace_key-${id}`,
    kind: 'replace_key',
    subject: { type: 'server', id: server, name: server },
    since: iso(since),
    until: iso(since + KEY_LEASE_DAYS * DAY),
  }));
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
