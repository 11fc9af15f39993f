import type { Message } from '@leasehold/protocol';
import { keysetOf, nextPlace, sortedBy, type Sorts } from '../serving/sorting.js';
import type { ChangedRow, Reader, SqlValue } from '../store/index.js';

export interface MediaColumns {
  readonly id: string;
  readonly base: 'linux' | 'winpe';
  readonly licensee: string;
  readonly technician_id: string | null;
  readonly created_by: string;
  readonly created_at: number;
  readonly valid_until: number;
  readonly machines: number;
  readonly pin_hash: string | null;
  readonly pin_locked_until: number | null;
  readonly code_kid: string | null;
}

function mediaRow(row: MediaColumns): Message<'MediaRow'> {
  return {
    id: row.id,
    base: row.base,
    licensee: row.licensee,
    technician: row.technician_id,
    stampedAt: new Date(row.created_at).toISOString(),
    validUntil: new Date(row.valid_until).toISOString(),
    machines: row.machines,
  };
}

export async function findMedium(reader: Reader, account: string, id: string): Promise<MediaColumns | undefined> {
  return reader.get<MediaColumns>('SELECT * FROM media WHERE account = ? AND id = ?', [account, id]);
}

export async function mediaChanged(reader: Reader, account: string, id: string): Promise<ChangedRow> {
  const row = await findMedium(reader, account, id);
  return { table: 'media', id, row: row === undefined ? null : mediaRow(row) };
}

const SORTS: Sorts = {
  id: { sql: 'id', is: 'string' },
  licensee: { sql: "lower(coalesce(licensee, ''))", is: 'string' },
  stampedAt: { sql: 'created_at', is: 'number' },
  validUntil: { sql: 'coalesce(valid_until, 0)', is: 'number' },
};

interface Ask {
  readonly account: string;
  readonly after: string | null;
  readonly limit: number;
  readonly sort: string | null;
}

export async function listMedia(reader: Reader, ask: Ask): Promise<Message<'MediaPage'>> {
  const { account, limit } = ask;
  const sorted = sortedBy(SORTS, ask, 'id');
  const { place, beyond, params, order } = keysetOf(sorted);
  const rows = await reader.all<MediaColumns & { place: SqlValue }>(
    `SELECT *, ${place} FROM media WHERE account = ? ${beyond} ${order} LIMIT ?`,
    [account, ...params, limit],
  );
  const total = await reader.get<{ n: number }>('SELECT count(*) AS n FROM media WHERE account = ?', [account]);
  return { rows: rows.map((row) => mediaRow(row)), next: nextPlace(rows, limit, sorted), total: total?.n ?? 0 };
}
