import type { EntitlementKind } from '../instances/instance.js';
import type { SeatUnit } from '../licenses/machine-license.js';
import type { Reader, SqlValue } from '../store/index.js';
import type { EnrollmentKey } from './row.js';

/** What a key draws from. */
export type Range = Pick<EnrollmentKey, 'account' | 'company_id' | 'licenses' | 'profile' | 'type'>;

/** A license that a machine can be activated by. */
export interface Stocked {
  readonly kind: EntitlementKind;
  readonly target: string;
}

/** A condition that an instant decides. */
type When = (now: number) => { readonly sql: string; readonly params: readonly SqlValue[] };

interface Table {
  readonly profile: 'aip' | 'msp';
  readonly from: string;
  readonly type: string;
  readonly seats: string;
  /** A seat of it is free. */
  readonly free: When;
  /** It has begun, and not ended. */
  readonly runs: When;
  /** It has ended, and its grace may still run (D-3); null where there is none. */
  readonly ended: When | null;
}

// A seat that waits for its former lease to end is free from that instant on.
const SEAT = `(used < quota OR id IN (SELECT license_id FROM seats
  WHERE seats.account = machine_licenses.account AND state = 'waiting' AND reusable_from <= ?))`;

const TABLES = {
  machine_license: {
    profile: 'aip',
    from: 'machine_licenses',
    type: 'edition',
    seats: 'quota - used',
    free: (now) => ({ sql: SEAT, params: [now] }),
    runs: (now) => ({
      sql: '(starts_at IS NULL OR starts_at <= ?) AND (ends_at IS NULL OR ends_at > ?)',
      params: [new Date(now).toISOString(), now],
    }),
    ended: (now) => ({ sql: 'ends_at <= ?', params: [now] }),
  },
  instance_license: {
    profile: 'msp',
    from: 'instance_licenses',
    type: 'type',
    seats: '1',
    free: () => ({ sql: 'assigned_to IS NULL', params: [] }),
    runs: (now) => ({ sql: 'ends_at > ?', params: [now] }),
    ended: null,
  },
} as const satisfies Readonly<Record<string, Table>>;
type Kind = keyof typeof TABLES;
const KINDS = Object.keys(TABLES) as Kind[];

/** Licenses of the range with a seat free at `now`: those that run, by their ids, which an index gives; only where these
 * are too few, and where it is asked for, those that have ended, the last of them first. */
export async function freeIn(
  reader: Reader,
  range: Range,
  now: number,
  { limit, endedToo }: { readonly limit: number; readonly endedToo: boolean },
): Promise<Stocked[]> {
  const found: Stocked[] = [];
  for (const kind of kindsOf(range)) {
    const { from, free, runs, ended }: Table = TABLES[kind];
    const { where, params } = conditionsOf(kind, range);
    const seat = free(now);
    const list = async (when: When, order: string, most: number): Promise<number> => {
      const { sql, params: more } = when(now);
      const query = `SELECT id FROM ${from} WHERE ${where} AND ${seat.sql} AND ${sql} ORDER BY ${order} LIMIT ?`;
      const rows = await reader.all<{ id: string }>(query, [...params, ...seat.params, ...more, most]);
      found.push(...rows.map(({ id }) => ({ kind, target: id })));
      return most - rows.length;
    };
    const left = await list(runs, 'id', limit);
    if (left > 0 && endedToo && ended !== null) await list(ended, 'ends_at DESC, id', left);
  }
  return found;
}

/** Licenses of the range that run and on which one of these units has a seat already, another guest's of its host say. */
export async function seatedIn(
  reader: Reader,
  range: Range,
  units: readonly SeatUnit[],
  now: number,
): Promise<Stocked[]> {
  const seats = await reader.all<{ license_id: string }>(
    `SELECT license_id FROM seats WHERE account = ? AND state = 'held' AND instance_id IN (${units.map(() => '?').join(', ')})
       ORDER BY license_id`,
    [range.account, ...units],
  );
  const found: Stocked[] = [];
  for (const { license_id: target } of seats) {
    const stocked = { kind: 'machine_license', target } as const;
    if ((await placeIn(reader, range, stocked, now)) === 'runs') found.push(stocked);
  }
  return found;
}

/** Any license of the range, where none is free: it says best what is missing. */
export async function anyIn(reader: Reader, range: Range): Promise<Stocked | undefined> {
  for (const kind of kindsOf(range)) {
    const { where, params } = conditionsOf(kind, range);
    const row = await reader.get<{ id: string }>(
      `SELECT id FROM ${TABLES[kind].from} WHERE ${where} ORDER BY id LIMIT 1`,
      params,
    );
    if (row !== undefined) return { kind, target: row.id };
  }
  return undefined;
}

/** How many machines the free seats of the range are enough for. */
export async function countFree(reader: Reader, range: Range, now: number): Promise<number> {
  let seats = 0;
  for (const kind of kindsOf(range)) {
    const table: Table = TABLES[kind];
    const { where, params } = conditionsOf(kind, range);
    const [seat, running] = [table.free(now), table.runs(now)];
    const row = await reader.get<{ n: number | null }>(
      `SELECT sum(${table.seats}) AS n FROM ${table.from} WHERE ${where} AND ${seat.sql} AND ${running.sql}`,
      [...params, ...seat.params, ...running.params],
    );
    seats += row?.n ?? 0;
  }
  return seats;
}

/** Is this license one that the range names? */
export async function isIn(reader: Reader, range: Range, stocked: Stocked): Promise<boolean> {
  return (await placeIn(reader, range, stocked, 0)) !== undefined;
}

/** Does the range name this license, and does that run at `now`? Undefined: it does not. */
export async function placeIn(
  reader: Reader,
  range: Range,
  { kind, target }: Stocked,
  now: number,
): Promise<'runs' | 'stands' | undefined> {
  const own = kindsOf(range).find((one) => one === kind);
  if (own === undefined) return undefined;
  const { from, runs }: Table = TABLES[own];
  const { where, params } = conditionsOf(own, range);
  const { sql, params: more } = runs(now);
  const row = await reader.get<{ runs: number }>(
    `SELECT CASE WHEN ${sql} THEN 1 ELSE 0 END AS runs FROM ${from} WHERE ${where} AND id = ?`,
    [...more, ...params, target],
  );
  if (row === undefined) return undefined;
  return row.runs === 1 ? 'runs' : 'stands';
}

function kindsOf({ profile }: Range): readonly Kind[] {
  return profile === null ? KINDS : KINDS.filter((kind) => TABLES[kind].profile === profile);
}

function conditionsOf(kind: Kind, range: Range): { readonly where: string; readonly params: SqlValue[] } {
  const { account, company_id: company, licenses, type } = range;
  const own = company === null ? [] : [company];
  if (licenses !== null) {
    const ids = JSON.parse(licenses) as string[];
    // What was given to another company since is that one's.
    const mine = company === null ? 'company_id IS NULL' : '(company_id IS NULL OR company_id = ?)';
    const where = `account = ? AND state = 'active' AND ${mine} AND id IN (${ids.map(() => '?').join(', ')})`;
    return { where, params: [account, ...own, ...ids] };
  }
  const owner = company === null ? 'company_id IS NULL' : 'company_id = ?';
  const where = `account = ? AND ${TABLES[kind].type} = ? AND ${owner} AND state = 'active'`;
  return { where, params: [account, type, ...own] };
}
