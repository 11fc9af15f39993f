import type { Message } from '@leasehold/protocol';
import { within, type Scope } from '../companies/reach.js';
import { allowanceInUse } from '../hosts/hyper-agents.js';
import { listHosts } from '../hosts/rows.js';
import { keysetOf, nextPlace, type Sorts } from '../sorting.js';
import type { Reader, SqlValue } from '../store/index.js';
import type { InstanceRow } from './instance.js';
import { machineRow, MARKS_SQL, SILENT_AFTER, STALE_AFTER, STATUS_SQL } from './rows.js';

interface Ask {
  readonly account: string;
  readonly scope: Scope;
  readonly after: string | null;
  readonly limit: number;
  readonly sort: string | null;
  readonly search: string | null;
  readonly status: string | null;
  readonly mark: string | null;
  readonly now: number;
}

/** Hosts of an account that are shown at once. */
const HOSTS = 5000;

const SORTS: Sorts = {
  id: { sql: 'id', is: 'string' },
  name: { sql: "lower(coalesce(label, ''))", is: 'string' },
  os: { sql: 'os', is: 'string' },
  version: { sql: "coalesce(agent_version, '0')", is: 'string' },
  lastSeenAt: { sql: 'last_seen_at', is: 'number' },
  leaseUntil: { sql: 'coalesce(lease_expires_at, registered_at)', is: 'number' },
};

/** Machines by id or another column, a page from `after`. The search looks into ids and labels. */
export async function listMachines(reader: Reader, ask: Ask): Promise<Message<'MachinePage'>> {
  const { account, scope, limit, now } = ask;
  const { where, params } = conditionsOf(ask);
  const { place, beyond, params: from, order } = keysetOf(SORTS, ask, 'id');
  const rows = await reader.all<InstanceRow & { place: SqlValue }>(
    `SELECT *, ${place} FROM instances WHERE ${where} ${beyond} ${order} LIMIT ?`,
    [...params, ...from, limit],
  );
  const total = await reader.get<{ n: number }>(`SELECT count(*) AS n FROM instances WHERE ${where}`, params);
  return {
    rows: rows.map((row) => machineRow(row, now)),
    next: nextPlace(rows, limit),
    total: total?.n ?? 0,
    // A host carries machines of several companies: it is the account's.
    hosts: scope === null ? await listHosts(reader, account, HOSTS) : [],
    hyperAgents: scope === null ? await allowanceInUse(reader, account, now) : null,
  };
}

function conditionsOf(ask: Ask): { readonly where: string; readonly params: SqlValue[] } {
  const { account, now } = ask;
  const own = within('company_id', ask);
  const conditions = ['account = ?', own.sql];
  const params: SqlValue[] = [account, ...own.params];
  if (ask.status !== null && ask.status !== 'all') {
    conditions.push(`${STATUS_SQL} = ?`);
    params.push(now, now - SILENT_AFTER, ask.status);
  }
  const asked = ask.mark ?? '';
  const mark = Object.hasOwn(MARKS_SQL, asked) ? MARKS_SQL[asked] : undefined;
  if (mark !== undefined) {
    conditions.push(mark);
    if (ask.mark === 'stale') params.push(now - STALE_AFTER);
  }
  if (ask.search !== null && ask.search.trim() !== '') {
    conditions.push(`(lower(id) LIKE ? ESCAPE '!' OR lower(coalesce(label, '')) LIKE ? ESCAPE '!')`);
    const pattern = contains(ask.search);
    params.push(pattern, pattern);
  }
  return { where: conditions.join(' AND '), params };
}

/** A LIKE pattern for "contains", without case; `!` escapes. */
export function contains(text: string): string {
  return `%${text.trim().toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`;
}
