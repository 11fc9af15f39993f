import type { Message } from '@leasehold/protocol';
import { contains } from '../instances/list.js';
import { readPlace } from '../licenses/place.js';
import type { ChangedRow, Reader, SqlValue } from '../store/index.js';

interface Columns {
  readonly id: string;
  readonly name: string;
  readonly parent_id: string | null;
}
interface Ask {
  readonly account: string;
  readonly after: string | null;
  readonly limit: number;
  readonly sort: string | null;
  readonly search: string | null;
  /** Only those directly below this one. */
  readonly parent: string | null;
}

function companyRow({ id, name, parent_id: parentId }: Columns): Message<'CompanyRow'> {
  return { id, name, parentId };
}

export async function companyChanged(reader: Reader, account: string, id: string): Promise<ChangedRow> {
  const row = await reader.get<Columns>('SELECT id, name, parent_id FROM companies WHERE account = ? AND id = ?', [
    account,
    id,
  ]);
  return { table: 'company', id, row: row === undefined ? null : companyRow(row) };
}

/** Companies by id or name, a page from `after`. The search looks into both. */
export async function listCompanies(reader: Reader, ask: Ask): Promise<Message<'CompanyPage'>> {
  const { after, limit, sort } = ask;
  const { where, params } = conditionsOf(ask);
  const column = sort?.endsWith('name') === true ? 'name' : 'id';
  const [beyond, direction] = sort?.startsWith('-') === true ? ['<', 'DESC'] : ['>', 'ASC'];
  const place = readPlace(after);
  const rows = await reader.all<Columns>(
    `SELECT id, name, parent_id FROM companies WHERE ${where} ${place === undefined ? '' : `AND ${column} ${beyond} ?`}
       ORDER BY ${column} ${direction} LIMIT ?`,
    [...params, ...(place === undefined ? [] : [place[0]]), limit],
  );
  const total = await reader.get<{ n: number }>(`SELECT count(*) AS n FROM companies WHERE ${where}`, params);
  const last = rows.at(-1);
  const next = rows.length < limit || last === undefined ? null : JSON.stringify([last[column], last.id]);
  return { rows: rows.map((row) => companyRow(row)), next, total: total?.n ?? 0 };
}

function conditionsOf({ account, search, parent }: Ask): { readonly where: string; readonly params: SqlValue[] } {
  const conditions = ['account = ?'];
  const params: SqlValue[] = [account];
  if (parent !== null) {
    conditions.push('parent_id = ?');
    params.push(parent);
  }
  if (search !== null && search.trim() !== '') {
    conditions.push(`(lower(id) LIKE ? ESCAPE '!' OR lower(name) LIKE ? ESCAPE '!')`);
    params.push(contains(search), contains(search));
  }
  return { where: conditions.join(' AND '), params };
}
