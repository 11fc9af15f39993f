import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { within } from '../../../packages/authority/src/companies/reach.js';
import { listMachines } from '../../../packages/authority/src/instances/list.js';
import { overview } from '../../../packages/authority/src/overview/overview.js';
import type { Reader, SqlParams } from '../../../packages/authority/src/store/index.js';
import { SqliteEngine } from '../../../packages/authority/src/store/engines/sqlite.js';
import { registry } from '../../support/store-registry.js';

/** SQLite chooses its way without statistics, and takes an account for a few rows: where an order could come from the
 * key, it walks the whole account rather than to sort what an index finds. So whatever a statement seeks beside the
 * account has an index that gives its order, too, and here it is asked which way it would go. */

const AUTHORITY = fileURLToPath(new URL('../../../packages/authority/src', import.meta.url));
const now = Date.UTC(2026, 5, 15);
const file = join(mkdtempSync(join(tmpdir(), 'leasehold-plans-')), 'authority.db');
const engine = await SqliteEngine.open(file, registry, now);
await engine.commit([{ run: (tx) => registry.commands.createAccount(tx, { account: 'a' }, now), now }]);
afterAll(() => engine.close());

/** Few rows in any account, or a walk that is the purpose: the statement begins like one of these. */
const MAY_WALK: readonly (readonly [why: string, begins: RegExp])[] = [
  ['catalogs: a handful of an account', /^(SELECT|UPDATE|DELETE)\b.*\bcatalogs\b/],
  ['subscriptions: a handful of an account', /^(SELECT|UPDATE)\b.*\bsubscriptions\b/],
  ['hyper agents: a few of an account', /^SELECT\b.*\bhyper_agents\b/],
  ['how all orders were paid is asked when that changes', /^SELECT min\(payment_mode\)/],
  ['technician seats: one for each technician license', /^(SELECT|UPDATE|DELETE)\b.*\btechnician_seats\b/],
  ['media: a few for each technician', /^SELECT count\(\*\) AS n FROM media\b/],
  ['pool licenses and keys: some for each backup server', /^SELECT\b.*\b(pool_licenses|pool_keys k)\b/],
  [
    'instances of pools: one for each backup server, in an index of their own',
    /^SELECT \* FROM instances WHERE account = \? AND entitlement_kind/,
  ],
  [
    'a trial is asked for once in the life of a company',
    /^SELECT id FROM orders WHERE account = \? AND kind = 'trial'/,
  ],
  ['a report over every license of a type', /^SELECT (i\.id, i\.company_id, i\.os|l\.\*) FROM/],
  ['a list in the order of last contact', /^SELECT \* FROM instances WHERE account = \? AND state = 'active' AND co/],
  ['a host is forgotten by hand', /^DELETE FROM host_names\b/],
];

/** The statements that stand as they are in the sources; what is put together is asked for by name, below. */
function statements(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'migrations' ? [] : statements(path);
    if (!path.endsWith('.ts')) return [];
    const literals =
      readFileSync(path, 'utf8').match(/`(?:[^`\\]|\\.)*`|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/gs) ?? [];
    return literals
      .map((literal) => literal.slice(1, -1).replaceAll(/\s+/g, ' ').replaceAll('IN (*)', 'IN (?, ?)'))
      .filter((sql) => /^(SELECT|UPDATE|DELETE)\s/.test(sql) && !sql.includes('${'));
  });
}

/** Steps that look at every row of an account, where the statement seeks less. */
async function walks(sql: string): Promise<string[]> {
  if (!/\baccount = \? AND [\w.]+ (=|IN)(?! \?$)/.test(`${sql} `)) return [];
  const params = Array.from({ length: sql.split('?').length - 1 }, () => 'x');
  const steps = await engine.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params);
  return steps.map(({ detail }) => detail).filter((detail) => /^SEARCH \S+ USING .*\(account=\?\)$/.test(detail));
}

test('what is sought in an account is found by an index, and not by a walk through the account', async () => {
  const sought = [...new Set(statements(AUTHORITY))].filter((sql) => !MAY_WALK.some(([, begins]) => begins.test(sql)));
  expect(sought.length).toBeGreaterThan(100);
  const walking: Record<string, string[]> = {};
  for (const sql of sought) {
    const found = await walks(sql);
    if (found.length > 0) walking[sql] = found;
  }
  expect(walking).toEqual({});
});

test('the companies below one are found without a look at all others', async () => {
  const own = within('company_id', { account: 'a', scope: 'co_1' });
  expect(await walks(`SELECT id FROM instances WHERE account = ? AND ${own.sql}`)).toEqual([]);
});

/** Runs a query, and tells how SQLite finds its way in each of its statements. */
async function waysOf(query: (reader: Reader) => Promise<unknown>): Promise<string[]> {
  const ways: string[] = [];
  const explain = async (sql: string, params: SqlParams = []): Promise<void> => {
    const steps = await engine.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params);
    ways.push(...steps.map(({ detail }) => detail));
  };
  await query({
    all: async <Row>(sql: string, params?: SqlParams) => {
      await explain(sql, params);
      return engine.all<Row>(sql, params);
    },
    get: async <Row>(sql: string, params?: SqlParams) => {
      await explain(sql, params);
      return engine.get<Row>(sql, params);
    },
  });
  return ways;
}

const LOOKS_THROUGH_MACHINES =
  /^(SCAN (instances|[ic])\b|SEARCH (instances|[ic]) USING INDEX (?!instances_pooled )\w+ \(account=\?\))/;
const MACHINES = { account: 'a', scope: null, after: null, limit: 100, company: null, counts: '1', now } as const;

test.for([
  ...['id', 'name', '-os', 'version', 'lastSeenAt', '-leaseUntil'].map((sort) => ({ sort })),
  { status: 'valid' },
  { status: 'stopped', mark: 'stale' },
  { mark: 'fork', search: 'db' },
  { search: 'db', sort: 'name' },
  { scope: 'co_1', sort: 'name' },
  { company: 'co_1', status: 'grace' },
])('of all machines only what stands in an index is looked through: a page by %o, and its counts', async (by) => {
  const ask = { ...MACHINES, sort: null, search: null, status: null, mark: null, ...by };
  const ways = await waysOf((reader) => listMachines(reader, ask));
  expect(ways.filter((way) => /^(SEARCH|SCAN) instances\b/.test(way)).length).toBeGreaterThan(3);
  expect(ways.filter((way) => LOOKS_THROUGH_MACHINES.test(way))).toEqual([]);
});

test('of all machines only what stands in an index is looked through: the overview', async () => {
  const ways = await waysOf((reader) => overview(reader, { account: 'a', scope: null, now }));
  expect(ways.filter((way) => LOOKS_THROUGH_MACHINES.test(way))).toEqual([]);
});
