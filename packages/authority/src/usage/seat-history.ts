import type { Message } from '@leasehold/protocol';
import { addDays, dayOf, isAllowed } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { within, type Scope } from '../companies/reach.js';
import { seatsByType } from '../licenses/seat-counts.js';
import { signIn } from '../pools/sign-in.js';
import type { Reader } from '../store/index.js';
import { ALL_COMPANIES, poolRows, type SeatRow } from './seat-days.js';

/** Days of the usage line, with today. */
const SHOWN = 90;

interface Ask {
  readonly account: string;
  readonly scope: Scope;
  readonly now: number;
}
type Row = Omit<SeatRow, 'company_id'> & { readonly day: string };
type Series = Message<'SeatHistory'>['series'][number];

/** Seats owned and used at the end of each of the last 90 days, and as they are today: of each type of license within the
 * scope, and of each pool for whom the pools are open (LMP-1.7). Days end in the account's time zone. */
export async function seatHistory(reader: Reader, ask: Ask): Promise<Message<'SeatHistory'>> {
  const { account, scope, now } = ask;
  const { timeZone } = await accountOf(reader, account);
  const today = dayOf(now, timeZone);
  const days = Array.from({ length: SHOWN }, (_, back) => addDays(today, back + 1 - SHOWN));
  const withPools = scope === null && isAllowed(await signIn(reader, ask));
  const own = scope === null ? { sql: 'company_id = ?', params: [ALL_COMPANIES] } : within('company_id', ask);
  const closed = await reader.all<Row>(
    `SELECT kind, name, cal, day, sum(used) AS used, sum(owned) AS owned FROM seat_days
       WHERE account = ? AND ${own.sql} AND day >= ? AND day < ? GROUP BY kind, name, cal, day ORDER BY kind, name, cal, day`,
    [account, ...own.params, days[0]!, today],
  );
  const types = (await seatsByType(reader, ask)).map(({ type, used, owned }): Row => {
    return { kind: 'type', name: type, cal: '', day: today, used, owned };
  });
  const pools = withPools ? (await poolRows(reader, account)).map((row): Row => ({ ...row, day: today })) : [];
  const names = await poolNames(reader, account);
  const series = new Map<string, Series>();
  for (const row of [...closed, ...types, ...pools]) {
    if (row.kind === 'pool' && !withPools) continue;
    const key = `${row.kind} ${row.name} ${row.cal}`;
    const one = series.get(key) ?? emptySeries(row, names, days.length);
    const place = days.indexOf(row.day);
    one.used[place] = row.used;
    one.owned[place] = row.owned;
    series.set(key, one);
  }
  return { timeZone, days, series: [...series].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one) };
}

function emptySeries({ kind, name, cal }: Row, names: ReadonlyMap<string, string>, days: number): Series {
  const unknown = (): null[] => Array.from({ length: days }, () => null);
  const called = kind === 'pool' ? (names.get(name) ?? name) : name;
  return { kind, id: name, name: called, cal: cal === '' ? null : cal, used: unknown(), owned: unknown() };
}

async function poolNames(reader: Reader, account: string): Promise<ReadonlyMap<string, string>> {
  const rows = await reader.all<{ id: string; name: string }>('SELECT id, name FROM license_pools WHERE account = ?', [
    account,
  ]);
  return new Map(rows.map(({ id, name }) => [id, name]));
}
