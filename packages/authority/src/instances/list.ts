import type { Message } from '@leasehold/protocol';
import { listHosts } from '../hosts/rows.js';
import type { Reader, SqlValue } from '../store/index.js';
import type { InstanceRow } from './instance.js';
import { machineRow, MARKS_SQL, SILENT_AFTER, STALE_AFTER, STATUS_SQL } from './rows.js';

interface Ask {
  readonly account: string;
  readonly after: string | null;
  readonly limit: number;
  readonly search: string | null;
  readonly status: string | null;
  readonly mark: string | null;
  readonly now: number;
}

/** Hosts of an account that are shown at once. */
const HOSTS = 5000;

/** Machines by id, a page from `after`. The search looks into ids and labels. */
export async function listMachines(reader: Reader, ask: Ask): Promise<Message<'MachinePage'>> {
  const { account, after, limit, now } = ask;
  const conditions = ['account = ?'];
  const params: SqlValue[] = [account];
  if (ask.status !== null && ask.status !== 'all') {
    conditions.push(`${STATUS_SQL} = ?`);
    params.push(now, now - SILENT_AFTER, ask.status);
  }
  const mark = MARKS_SQL[ask.mark ?? ''];
  if (mark !== undefined) {
    conditions.push(mark);
    if (ask.mark === 'stale') params.push(now - STALE_AFTER);
  }
  if (ask.search !== null && ask.search.trim() !== '') {
    conditions.push(`(lower(id) LIKE ? ESCAPE '!' OR lower(coalesce(label, '')) LIKE ? ESCAPE '!')`);
    const pattern = contains(ask.search);
    params.push(pattern, pattern);
  }
  const where = conditions.join(' AND ');
  const rows = await reader.all<InstanceRow>(`SELECT * FROM instances WHERE ${where} AND id > ? ORDER BY id LIMIT ?`, [
    ...params,
    after ?? '',
    limit,
  ]);
  const total = await reader.get<{ n: number }>(`SELECT count(*) AS n FROM instances WHERE ${where}`, params);
  return {
    rows: rows.map((row) => machineRow(row, now)),
    next: rows.length < limit ? null : rows.at(-1)!.id,
    total: total?.n ?? 0,
    hosts: await listHosts(reader, account, HOSTS),
  };
}

/** A LIKE pattern for "contains", without case; `!` escapes. */
export function contains(text: string): string {
  return `%${text.trim().toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`;
}
