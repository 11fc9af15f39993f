import type { Message } from '@leasehold/protocol';
import { within, type Scope } from '../companies/reach.js';
import type { Reader, SqlValue } from '../store/index.js';
import { sessionRow, type SessionColumns } from './session.js';

interface Ask {
  readonly account: string;
  readonly scope: Scope;
  readonly after: string | null;
  readonly limit: number;
  readonly status: string | null;
  readonly now: number;
}

/** The statuses as conditions; parameters: now. They are those of `statusOf`. */
const STATUS: Readonly<Record<string, string>> = {
  live: 'ended_at IS NULL AND lease_expires_at > ?',
  finishing: "end_reason IN ('stopped', 'taken_over') AND lease_expires_at > ?",
  lapsed: "(end_reason = 'lapsed' OR ended_at IS NULL) AND lease_expires_at <= ?",
  ended: "ended_at IS NOT NULL AND end_reason <> 'lapsed' AND (end_reason = 'ended' OR lease_expires_at <= ?)",
};

/** Sessions, the last started first. */
export async function listSessions(reader: Reader, ask: Ask): Promise<Message<'SessionPage'>> {
  const { account, after, limit, now } = ask;
  const condition = ask.status === null ? undefined : STATUS[ask.status];
  const own = licensedWithin(ask);
  const where = `account = ? AND ${own.sql}${condition === undefined ? '' : ` AND ${condition}`}`;
  const params: SqlValue[] = [account, ...own.params, ...(condition === undefined ? [] : [now])];
  const from = after === null ? undefined : await startOf(reader, account, after);
  const rows = await reader.all<SessionColumns>(
    from === undefined
      ? `SELECT * FROM sessions WHERE ${where} ORDER BY started_at DESC, id DESC LIMIT ?`
      : `SELECT * FROM sessions WHERE ${where} AND (started_at < ? OR (started_at = ? AND id < ?))
           ORDER BY started_at DESC, id DESC LIMIT ?`,
    from === undefined ? [...params, limit] : [...params, from, from, after, limit],
  );
  const total = await reader.get<{ n: number }>(`SELECT count(*) AS n FROM sessions WHERE ${where}`, params);
  return {
    rows: rows.map((row) => sessionRow(row, now)),
    next: rows.length < limit ? null : rows.at(-1)!.id,
    total: total?.n ?? 0,
  };
}

/** A session belongs to whoever has its license. */
function licensedWithin(ask: Ask): ReturnType<typeof within> {
  if (ask.scope === null) return within('', ask);
  const own = within('l.company_id', ask);
  const sql = `license_id IN (SELECT l.id FROM machine_licenses l WHERE l.account = ? AND ${own.sql})`;
  return { sql, params: [ask.account, ...own.params] };
}

async function startOf(reader: Reader, account: string, id: string): Promise<number | undefined> {
  const row = await reader.get<{ started_at: number }>('SELECT started_at FROM sessions WHERE account = ? AND id = ?', [
    account,
    id,
  ]);
  return row?.started_at;
}
