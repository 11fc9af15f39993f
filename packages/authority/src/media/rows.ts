import type { Message } from '@leasehold/protocol';
import type { ChangedRow, Reader } from '../store/index.js';

export interface MediaColumns {
  readonly id: string;
  readonly base: 'linux' | 'winpe';
  readonly licensee: string;
  readonly technician_id: string | null;
  readonly created_at: number;
  readonly valid_until: number;
  readonly machines: number;
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

export async function listMedia(
  reader: Reader,
  { account, after, limit }: { readonly account: string; readonly after: string | null; readonly limit: number },
): Promise<Message<'MediaPage'>> {
  const rows = await reader.all<MediaColumns>('SELECT * FROM media WHERE account = ? AND id > ? ORDER BY id LIMIT ?', [
    account,
    after ?? '',
    limit,
  ]);
  const total = await reader.get<{ n: number }>('SELECT count(*) AS n FROM media WHERE account = ?', [account]);
  const page = rows.map((row) => mediaRow(row));
  return { rows: page, next: rows.length < limit ? null : rows.at(-1)!.id, total: total?.n ?? 0 };
}
