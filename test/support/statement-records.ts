import { defineRegistry, type SqlValue, type Tx } from '../../packages/authority/src/store/index.js';
import { migrations } from '../../packages/authority/src/store/migrations/index.js';

const ACCOUNT = 'acme';

interface Fill {
  readonly like: string;
  readonly from: number;
  readonly to: number;
  readonly month: string;
  readonly days: number;
}

/** Machines like one that was activated, each with one job on every day of a month. */
async function fill(tx: Tx, { like, from, to, month, days }: Fill): Promise<void> {
  const row = (await tx.get<Record<string, SqlValue>>('SELECT * FROM instances WHERE account = ? AND id = ?', [
    ACCOUNT,
    like,
  ]))!;
  const columns = Object.keys(row);
  for (let n = from; n <= to; n += 1) {
    const id = `inst_${String(n).padStart(6, '0')}`;
    const own = { ...row, id, jkt: `key ${n}`, label: `machine ${n}` };
    await tx.run(
      `INSERT INTO instances (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      Object.values<SqlValue>(own),
    );
    const records = Array.from({ length: days }, (_, day) => `${month}-${String(day + 1).padStart(2, '0')}`);
    await tx.run(
      `INSERT INTO usage_totals (account, instance_id, day, kind, runs, bytes)
         VALUES ${records.map(() => `(?, ?, ?, 'backup', 1, 1000000)`).join(', ')}`,
      records.flatMap((day) => [ACCOUNT, id, day]),
    );
  }
}

export const registry = defineRegistry(import.meta.url, { fill }, {}, { migrations });
