import type { Message } from '@leasehold/protocol';
import { containing } from '../serving/searching.js';
import { keysetOf, nextPlace, sortedBy, type Sorts } from '../serving/sorting.js';
import { within, type Scope } from './reach.js';
import type { ChangedRow, Reader, SqlValue } from '../store/index.js';

interface Columns {
  readonly id: string;
  readonly name: string;
  readonly parent_id: string | null;
}
interface Ask {
  readonly account: string;
  readonly scope: Scope;
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

const SORTS: Sorts = { id: { sql: 'id', is: 'string' }, name: { sql: 'name', is: 'string' } };

/** Companies by id or name, a page from `after`. The search looks into both. */
export async function listCompanies(reader: Reader, ask: Ask): Promise<Message<'CompanyPage'>> {
  const { limit } = ask;
  const { where, params } = conditionsOf(ask);
  const sorted = sortedBy(SORTS, ask, 'id');
  const { place, beyond, params: from, order } = keysetOf(sorted);
  const rows = await reader.all<Columns & { place: SqlValue }>(
    `SELECT id, name, parent_id, ${place} FROM companies WHERE ${where} ${beyond} ${order} LIMIT ?`,
    [...params, ...from, limit],
  );
  const total = await reader.get<{ n: number }>(`SELECT count(*) AS n FROM companies WHERE ${where}`, params);
  return { rows: rows.map((row) => companyRow(row)), next: nextPlace(rows, limit, sorted), total: total?.n ?? 0 };
}

function conditionsOf(ask: Ask): { readonly where: string; readonly params: SqlValue[] } {
  const { account, search, parent } = ask;
  const own = within('id', ask);
  const conditions = ['account = ?', own.sql];
  const params: SqlValue[] = [account, ...own.params];
  if (parent !== null) {
    conditions.push('parent_id = ?');
    params.push(parent);
  }
  if (search !== null && search.trim() !== '') {
    const found = containing(['id', 'name'], search);
    conditions.push(found.sql);
    params.push(...found.params);
  }
  return { where: conditions.join(' AND '), params };
}
