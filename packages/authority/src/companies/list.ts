import type { Message } from '@leasehold/protocol';
import type { Reader } from '../store/index.js';

/** Companies by id, a page from `after`. */
export async function listCompanies(
  reader: Reader,
  { account, after, limit }: { readonly account: string; readonly after: string | null; readonly limit: number },
): Promise<Message<'CompanyPage'>> {
  const rows = await reader.all<{ id: string; name: string }>(
    'SELECT id, name FROM companies WHERE account = ? AND id > ? ORDER BY id LIMIT ?',
    [account, after ?? '', limit],
  );
  const total = await reader.get<{ n: number }>('SELECT count(*) AS n FROM companies WHERE account = ?', [account]);
  return { rows, next: rows.length < limit ? null : rows.at(-1)!.id, total: total?.n ?? 0 };
}
