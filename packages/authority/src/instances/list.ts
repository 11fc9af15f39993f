import { LeaseholdError, type Message } from '@leasehold/protocol';
import { within, type Scope } from '../companies/reach.js';
import { allowanceInUse } from '../hosts/hyper-agents.js';
import { listHosts } from '../hosts/rows.js';
import { containing } from '../serving/searching.js';
import { keysetOf, nextPlace, sortedBy, type Placed, type Sorted, type Sorts } from '../serving/sorting.js';
import type { Reader, SqlValue } from '../store/index.js';
import { allOf } from '../store/many.js';
import type { InstanceRow } from './instance.js';
import { isConcern, machineTodos, type Todo } from './machine-todos.js';
import { machineRow, marksAt, SILENT_AFTER, STATUS_SQL } from './rows.js';

interface Ask {
  readonly account: string;
  readonly scope: Scope;
  readonly after: string | null;
  readonly limit: number;
  readonly sort: string | null;
  readonly search: string | null;
  readonly company: string | null;
  readonly status: string | null;
  readonly mark: string | null;
  /** Whether to count what each state and each mark would leave. */
  readonly counts: string | null;
  readonly now: number;
}

/** Hosts of an account that are shown at once. */
const HOSTS = 5000;

const SORTS: Sorts = {
  id: { sql: 'id', is: 'string' },
  name: { sql: "lower(coalesce(label, ''))", is: 'string' },
  os: { sql: 'os', is: 'string' },
  version: { sql: "coalesce(agent_version, '0')", is: 'string' },
  lastSeenAt: { sql: 'last_seen_at', is: 'number' },
  leaseUntil: { sql: 'coalesce(lease_expires_at, registered_at)', is: 'number' },
};

/** The same where few may be left: an order that no key gives, so that SQLite sorts what the index leaves and does not walk
 * through all rows in the order of their keys until the page is full. */
const SORTS_OF_FEW: Sorts = { ...SORTS, id: { sql: "coalesce(id, '')", is: 'string' } };

/** Machines by id or another column, a page from `after`. The search looks into ids and labels. */
export async function listMachines(reader: Reader, ask: Ask): Promise<Message<'MachinePage'>> {
  const { account, scope, limit, now } = ask;
  const isNarrowed = ask.status !== null || ask.mark !== null || ask.search !== null;
  const sorted = sortedBy(isNarrowed ? SORTS_OF_FEW : SORTS, ask, 'id');
  const rows = await pageOf(reader, ask, sorted);
  const concerned = rows.filter((row) => isConcern(row, now)).map(({ id }) => id);
  return {
    rows: rows.map((row) => machineRow(row, now)),
    ...(concerned.length === 0 ? {} : { todos: await todosOf(reader, ask, concerned) }),
    next: nextPlace(rows, limit, sorted),
    total: await totalOf(reader, ask),
    // A host carries machines of several companies: it is the account's.
    hosts: scope === null ? await listHosts(reader, account, HOSTS) : [],
    hyperAgents: scope === null ? await allowanceInUse(reader, account, now) : null,
    ...(ask.counts === null ? {} : { counts: await countsOf(reader, ask) }),
  };
}

/** The places of a page come from the one index that holds whatever machines are filtered and sorted by, their rows by
 * their keys: the index is read ten times as fast as the rows. */
async function pageOf(reader: Reader, ask: Ask, sorted: Sorted): Promise<(InstanceRow & Placed)[]> {
  const { where, params } = conditionsOf(ask);
  const { place, beyond, params: from, order } = keysetOf(sorted);
  const places = await reader.all<Placed>(
    `SELECT id, ${place} FROM instances WHERE ${where} ${beyond} ${order} LIMIT ?`,
    [...params, ...from, ask.limit],
  );
  const ids = places.map(({ id }) => id);
  const sql = 'SELECT * FROM instances WHERE account = ? AND id IN (*)';
  const rows = new Map((await allOf<InstanceRow>(reader, sql, ask.account, ids)).map((row) => [row.id, row]));
  return places.map((at) => ({ ...rows.get(at.id)!, ...at }));
}

async function totalOf(reader: Reader, ask: Ask): Promise<number> {
  const { where, params } = conditionsOf(ask);
  const total = await reader.get<{ n: number }>(`SELECT count(*) AS n FROM instances WHERE ${where}`, params);
  return total?.n ?? 0;
}

/** Without the count of a host's guests that are short: others of them stand on other pages. */
async function todosOf(reader: Reader, ask: Ask, ids: readonly string[]): Promise<Todo[]> {
  const { all } = await machineTodos(reader, ask, ids.length, ids);
  return all.map(({ host: _host, ...todo }) => todo);
}

/** What each state and each mark would leave, with the other filters kept. */
async function countsOf(reader: Reader, ask: Ask): Promise<NonNullable<Message<'MachinePage'>['counts']>> {
  const { now } = ask;
  const anyStatus = conditionsOf({ ...ask, status: null });
  const states = await reader.all<{ status: string; n: number }>(
    `SELECT status, count(*) AS n FROM (SELECT ${STATUS_SQL} AS status FROM instances WHERE ${anyStatus.where}) AS t
       GROUP BY status`,
    [now, now - SILENT_AFTER, ...anyStatus.params],
  );
  const status = Object.fromEntries(states.map((row) => [row.status, row.n]));
  const anyMark = conditionsOf({ ...ask, mark: null });
  const known = Object.entries(marksAt(now));
  const sums = known.map(([name, { sql }]) => `sum(CASE WHEN ${sql} THEN 1 ELSE 0 END) AS ${name}`);
  const marks = await reader.get<Record<string, number | null>>(
    `SELECT count(*) AS "all", ${sums.join(', ')} FROM instances WHERE ${anyMark.where}`,
    [...known.flatMap(([, { params }]) => params), ...anyMark.params],
  );
  return {
    status: { all: states.reduce((sum, { n }) => sum + n, 0), ...status },
    mark: Object.fromEntries(Object.entries(marks ?? {}).map(([name, n]) => [name, n ?? 0])),
  };
}

function conditionsOf(ask: Ask): { readonly where: string; readonly params: SqlValue[] } {
  const { account, now } = ask;
  const own = within('company_id', ask);
  const conditions = ['account = ?', own.sql];
  const params: SqlValue[] = [account, ...own.params];
  if (ask.company !== null) {
    conditions.push('company_id = ?');
    params.push(ask.company);
  }
  if (ask.status !== null) {
    conditions.push(`${STATUS_SQL} = ?`);
    params.push(now, now - SILENT_AFTER, ask.status);
  }
  if (ask.mark !== null) {
    const mark = markOf(ask.mark, now);
    conditions.push(mark.sql);
    params.push(...mark.params);
  }
  if (ask.search !== null && ask.search.trim() !== '') {
    const found = containing(['id', "coalesce(label, '')"], ask.search);
    conditions.push(found.sql);
    params.push(...found.params);
  }
  return { where: conditions.join(' AND '), params };
}

/** @throws LeaseholdError INPUT_INVALID: a mark that nobody knows leaves nothing out, and would say that it did */
function markOf(name: string, now: number): ReturnType<typeof marksAt>['fork'] {
  const marks = marksAt(now);
  const known = Object.entries(marks).find(([each]) => each === name)?.[1];
  if (known !== undefined) return known;
  throw new LeaseholdError('INPUT_INVALID', `Machines are not filtered by the mark ${name}.`, {
    path: 'query.mark',
    remedy: `One of ${Object.keys(marks).join(', ')}.`,
  });
}
