import type { EntitlementKind } from '../instances/instance.js';
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
  /** It has begun, not ended, and a seat is free. */
  readonly runs: When;
  /** It has ended with a seat free, and its grace may still run (D-3); null where there is none. */
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
    runs: (now) => ({
      sql: `${SEAT} AND (starts_at IS NULL OR starts_at <= ?) AND (ends_at IS NULL OR ends_at > ?)`,
      params: [now, new Date(now).toISOString(), now],
    }),
    ended: (now) => ({ sql: `${SEAT} AND ends_at <= ?`, params: [now, now] }),
  },
  instance_license: {
    profile: 'msp',
    from: 'instance_licenses',
    type: 'type',
    seats: '1',
    runs: (now) => ({ sql: 'assigned_to IS NULL AND ends_at > ?', params: [now] }),
    ended: null,
  },
} as const satisfies Readonly<Record<string, Table>>;
type Kind = keyof typeof TABLES;
const KINDS = Object.keys(TABLES) as Kind[];

/** Licenses of the range with a seat free at `now`: those that run, by their ids, which an index gives; only where these
 * are too few those that have ended, the last of them first. */
export async function freeIn(reader: Reader, range: Range, now: number, limit: number): Promise<Stocked[]> {
  const found: Stocked[] = [];
  for (const kind of kindsOf(range)) {
    const { from, runs, ended }: Table = TABLES[kind];
    const { where, params } = conditionsOf(kind, range);
    const list = async (when: When, order: string, most: number): Promise<number> => {
      const { sql, params: more } = when(now);
      const query = `SELECT id FROM ${from} WHERE ${where} AND ${sql} ORDER BY ${order} LIMIT ?`;
      const rows = await reader.all<{ id: string }>(query, [...params, ...more, most]);
      found.push(...rows.map(({ id }) => ({ kind, target: id })));
      return most - rows.length;
    };
    const left = await list(runs, 'id', limit);
    if (left > 0 && ended !== null) await list(ended, 'ends_at DESC, id', left);
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
    const { sql, params: more } = table.runs(now);
    const row = await reader.get<{ n: number | null }>(
      `SELECT sum(${table.seats}) AS n FROM ${table.from} WHERE ${where} AND ${sql}`,
      [...params, ...more],
    );
    seats += row?.n ?? 0;
  }
  return seats;
}

/** Is this license one that the range names? */
export async function isIn(reader: Reader, range: Range, { kind, target }: Stocked): Promise<boolean> {
  const own = kindsOf(range).find((one) => one === kind);
  if (own === undefined) return false;
  const { where, params } = conditionsOf(own, range);
  const row = await reader.get(`SELECT id FROM ${TABLES[own].from} WHERE ${where} AND id = ?`, [...params, target]);
  return row !== undefined;
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
