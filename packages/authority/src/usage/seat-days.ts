import { addDays, dayOf } from '@leasehold/terms';
import { seatsByCompany } from '../licenses/seat-counts.js';
import { calsByOwner, sumCals } from '../pools/cals.js';
import type { Reader, Tx } from '../store/index.js';
import { insertAll } from '../store/many.js';

/** Days that are kept: those of the usage line, and some over. */
const KEPT = 100;

/** What stands for the whole account in place of a company. */
export const ALL_COMPANIES = '*';

export interface SeatRow {
  readonly company_id: string;
  readonly kind: 'type' | 'pool';
  readonly name: string;
  readonly cal: string;
  readonly used: number;
  readonly owned: number;
}

/** Closes the first day that is over and not closed: what is owned and used now stands for its end, because nothing
 * changed since but by this authority, which looks at once after midnight, or when it starts again. Answers `limit` when
 * there may be another. Of an account that is older than this table nobody knows what was on
 * the days before the first look. */
export async function closeSeatDay(tx: Tx, account: string, limit: number, now: number): Promise<number> {
  const row = await tx.get<{ time_zone: string; seats_day: string | null }>(
    'SELECT time_zone, seats_day FROM accounts WHERE account = ?',
    [account],
  );
  const today = dayOf(now, row!.time_zone);
  const yesterday = addDays(today, -1);
  const last = row!.seats_day;
  // Days to come were closed by a clock that stood ahead.
  const wasAhead = last !== null && last > today;
  if (last !== null && last >= yesterday && !wasAhead) return 0;
  const oldest = addDays(yesterday, -KEPT);
  const next = last === null || wasAhead ? yesterday : addDays(last < oldest ? oldest : last, 1);
  // Conditional: of two nodes one closes the day.
  const closed = await tx.run(
    'UPDATE accounts SET seats_day = ? WHERE account = ? AND (seats_day IS NULL OR seats_day < ? OR seats_day > ?)',
    [next, account, next, today],
  );
  if (closed === 0 || last === null) return 0;
  const rows = await seatRows(tx, account, now);
  await tx.run('DELETE FROM seat_days WHERE account = ? AND (day < ? OR day >= ?)', [account, oldest, next]);
  await insertAll(
    tx,
    'INSERT INTO seat_days (account, company_id, day, kind, name, cal, used, owned) VALUES *',
    rows.map(({ company_id: company, kind, name, cal, used, owned }) => {
      return [account, company, next, kind, name, cal, used, owned];
    }),
  );
  return limit;
}

/** What is owned and used as it stands: of each company, and of the whole account. */
async function seatRows(reader: Reader, account: string, now: number): Promise<SeatRow[]> {
  const counted = await seatsByCompany(reader, { account, now });
  const totals = new Map<string, SeatRow>();
  const rows = counted.map(({ company_id: company, type, used, owned }): SeatRow => {
    const row = { company_id: company ?? '', kind: 'type', name: type, cal: '', used, owned } as const;
    const sum = totals.get(type) ?? { used: 0, owned: 0 };
    totals.set(type, { ...row, company_id: ALL_COMPANIES, used: sum.used + used, owned: sum.owned + owned });
    return row;
  });
  return [...rows, ...totals.values(), ...(await poolRows(reader, account))];
}

/** Pools are the account's: what each may give out, and what the servers with its keys use. */
export async function poolRows(reader: Reader, account: string): Promise<SeatRow[]> {
  const keys = await reader.all<{ id: string; pool_id: string }>(
    'SELECT id, pool_id FROM pool_keys WHERE account = ?',
    [account],
  );
  const quotas = await calsByOwner(reader, account, 'pool');
  const used = await calsByOwner(reader, account, 'key_used');
  return [...quotas].flatMap(([pool, quota]) => {
    const inUse = sumCals(keys.filter((key) => key.pool_id === pool).map(({ id }) => used.get(id) ?? {}));
    return Object.keys({ ...quota, ...inUse }).map((cal): SeatRow => {
      const counts = { used: inUse[cal] ?? 0, owned: quota[cal] ?? 0 };
      return { company_id: ALL_COMPANIES, kind: 'pool', name: pool, cal, ...counts };
    });
  });
}
