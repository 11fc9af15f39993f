import type { Message } from '@leasehold/protocol';
import { isAllowed } from '@leasehold/terms';
import { within, type Scope } from '../companies/reach.js';
import { marksAt, SILENT_AFTER, STATUS_SQL } from '../instances/rows.js';
import { seatsByType } from '../licenses/seat-counts.js';
import { listPools } from '../pools/list.js';
import { signIn } from '../pools/sign-in.js';
import { listSessions } from '../sessions/list.js';
import type { Reader } from '../store/index.js';
import { todos } from './todos.js';
import { listRefusals } from '../usage/refusals.js';

interface Ask {
  readonly account: string;
  readonly scope: Scope;
  readonly now: number;
}

const DAY = 86_400_000;
/** How far ahead ends are listed: a year, for the timeline. */
const AHEAD = 366 * DAY;
const SHOWN = 20;
/** Days with ends, each type apart: every day of the year ahead for half a dozen types. */
const DAYS_SHOWN = 2000;

/** Health at a glance: what runs, what is owned, what ends, what waits for a person. */
export async function overview(reader: Reader, ask: Ask): Promise<Message<'OverviewReply'>> {
  const { now } = ask;
  const page = { ...ask, after: null, limit: SHOWN };
  const live = await listSessions(reader, { ...page, status: 'live' });
  return {
    serverTime: new Date(now).toISOString(),
    machines: await machineCounts(reader, ask),
    types: await licenseTypes(reader, ask),
    pools: await poolsShown(reader, ask),
    ends: await comingEnds(reader, ask),
    sessions: live.rows,
    sessionsMore: live.total - live.rows.length,
    refusals: (await listRefusals(reader, page)).rows,
    ...(await todos(reader, ask)),
  };
}

/** None where the literal switch closes the pools (LMP-1.7); they are the account's, and no company's. */
async function poolsShown(reader: Reader, ask: Ask): Promise<Message<'OverviewReply'>['pools']> {
  if (ask.scope !== null) return [];
  return isAllowed(await signIn(reader, ask)) ? (await listPools(reader, ask)).pools : [];
}

type MachineSums = Readonly<Record<'n' | 'online' | 'silent' | 'day' | 'fortnight', number>>;

/** All but those that are gone, a standby that was never started too (AIP-1.1), each under what its row in the list of
 * machines says: a count leads to its rows. */
async function machineCounts(reader: Reader, ask: Ask): Promise<Message<'OverviewReply'>['machines']> {
  const { account, now } = ask;
  const own = within('company_id', ask);
  const seen = now - SILENT_AFTER;
  const { lapses_day: day, lapses_fortnight: fortnight } = marksAt(now);
  const rows = await reader.all<MachineSums & { readonly status: string }>(
    `SELECT status, count(*) AS n, sum(online) AS online, sum(silent) AS silent, sum(day) AS day,
         sum(fortnight) AS fortnight FROM (
       SELECT ${STATUS_SQL} AS status,
           CASE WHEN state = 'active' AND last_seen_at >= ? THEN 1 ELSE 0 END AS online,
           CASE WHEN last_seen_at < ? AND lease_expires_at > ? THEN 1 ELSE 0 END AS silent,
           CASE WHEN ${day.sql} THEN 1 ELSE 0 END AS day, CASE WHEN ${fortnight.sql} THEN 1 ELSE 0 END AS fortnight
         FROM instances WHERE account = ? AND state IN ('active', 'standby') AND ${own.sql}) AS t GROUP BY status`,
    [now, seen, seen, seen, now, ...day.params, ...fortnight.params, account, ...own.params],
  );
  const of = (which: string): number => rows.find(({ status }) => status === which)?.n ?? 0;
  const sum = (column: keyof MachineSums): number => rows.reduce((whole, row) => whole + row[column], 0);
  return {
    total: sum('n'),
    valid: of('valid'),
    expiresSoon: of('expires_soon'),
    offline: of('offline'),
    grace: of('grace'),
    stopped: of('stopped'),
    online: sum('online'),
    silent: sum('silent'),
    lapsing: { day: sum('day'), fortnight: sum('fortnight') },
  };
}

async function licenseTypes(reader: Reader, ask: Ask): Promise<Message<'OverviewReply'>['types']> {
  const rows = await seatsByType(reader, ask);
  return rows.map(({ first_end: firstEnd, ...seats }) => ({ ...seats, firstEnd }));
}

/** Of commercial licenses, as the list that it leads to. */
async function comingEnds(reader: Reader, ask: Ask): Promise<Message<'OverviewReply'>['ends']> {
  const { account, now } = ask;
  const own = within('company_id', ask);
  const rows = await reader.all<{ day: string; type: string; n: number }>(
    `SELECT substr(valid_until, 1, 10) AS day, type, count(*) AS n FROM (
       SELECT edition AS type, valid_until, ends_at FROM machine_licenses
         WHERE account = ? AND state = 'active' AND term <> 'trial' AND ${own.sql}
       UNION ALL
       SELECT type, valid_until, ends_at FROM instance_licenses
         WHERE account = ? AND auto_renew = 0 AND state = 'active' AND kind = 'commercial' AND ${own.sql}
     ) AS t WHERE ends_at > ? AND ends_at <= ? GROUP BY substr(valid_until, 1, 10), type ORDER BY 1, 2 LIMIT ${DAYS_SHOWN}`,
    [account, ...own.params, account, ...own.params, now, now + AHEAD],
  );
  return rows.map(({ day, type, n }) => ({ day, type, count: n }));
}
