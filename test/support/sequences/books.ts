import { expect } from 'vitest';
import type { Books } from './registry.js';
import type { Site } from './site.js';

/** What moves by the clock or by a routine check-in, and is therefore no change that the journal tells of. */
const ROUTINE: Readonly<Record<string, readonly string[]>> = {
  // What a company is called is told with the company alone.
  license: ['status', 'graceUntil', 'companyName'],
  order: ['companyName'],
  grant: ['used'],
  machine: ['status', 'rule', 'lastSeenAt', 'leaseUntil', 'bytes', 'jobs', 'version'],
  pool_key: ['expiryDate', 'deletableFrom', 'lastCheckAt', 'fetchedQuota', 'used'],
  session: ['status', 'until'],
};

/** Quotas add up at every level, no seat is sold twice, the journal is whole, and whoever replays it has the tables. */
export async function expectBooksToBalance(site: Site): Promise<void> {
  await site.wait(0);
  const books = await site.store.read('books', { account: site.account, now: site.now });
  expectSeats(books, site.overuse);
  expectQuotas(books);
  expectCounts(books, site.now);
  expectGrants(books);
  expectOrders(books);
  expectForks(books);
  expectKeys(books);
  expect(books.verdict).toMatchObject({ ok: true, done: true });
  expect(replayed(books)).toEqual(Object.fromEntries(books.rows.map((row) => [`${row.table} ${row.id}`, steady(row)])));
}

type Row = Readonly<Record<string, unknown>>;

function steady({ table, row }: { readonly table: string; readonly row: object | null }): Row | null {
  if (row === null) return null;
  const routine = ROUTINE[table] ?? [];
  const left = Object.fromEntries(Object.entries(row).filter(([name]) => !routine.includes(name)));
  const marks = left['marks'] as readonly string[] | undefined;
  return marks === undefined ? left : { ...left, marks: marks.filter((mark) => mark !== 'stale') };
}

/** The rows as a page has them that upserts what each journal line carries. */
function replayed({ journal }: Books): Record<string, Row | null> {
  const rows: Record<string, Row | null> = {};
  for (const line of journal) {
    const payload = JSON.parse(line.payload!) as { rows: { table: string; id: string; row: object | null }[] };
    for (const changed of payload.rows) {
      const key = `${changed.table} ${changed.id}`;
      if (changed.row === null) delete rows[key];
      else if (!['refusal', 'media'].includes(changed.table)) rows[key] = steady(changed);
    }
  }
  return rows;
}

function expectSeats({ tables }: Books, overuse: number): void {
  for (const { id, quota, used } of tables.machine_licenses) {
    const seats = tables.seats.filter((seat) => seat['license_id'] === id);
    expect(seats.length, `seats of ${id}`).toBe(used);
    expect(seats.length, `quota of ${id}`).toBeLessThanOrEqual((quota as number) + overuse);
    expect(new Set(seats.map((seat) => seat['instance_id'])).size).toBe(seats.length);
  }
  // One technician, one live session (AIP-9.6).
  const open = tables.sessions.filter((session) => session['ended_at'] === null);
  expect(new Set(open.map((session) => session['license_id'])).size).toBe(open.length);
  // One key, one server (LMP-P1); one machine, one instance.
  const servers = tables.pool_keys.filter((key) => key['server_id'] !== null).map((key) => key['server_id']);
  expect(new Set(servers).size, 'servers with one key each').toBe(servers.length);
  // A copy has the device key of its original, also where it was activated for itself; a standby that waits has none yet.
  const own = tables.instances.filter(({ forked_from: from, jkt }) => from === null && jkt !== '');
  const machines = own.map(({ jkt, components }) => `${jkt as string} ${components as string}`);
  expect(new Set(machines).size, 'machines with one instance each').toBe(machines.length);
}

/** LMP-2.3, LMP-2.4: keys within their pool, pools within the pooled licenses of their type. */
function expectQuotas({ tables }: Books): void {
  const quota = (type: string, ids: readonly unknown[]): number =>
    tables.cals
      .filter((row) => row['owner_type'] === type && ids.includes(row['owner_id']))
      .reduce((sum, row) => sum + (row['quota'] as number), 0);
  const idsOf = (rows: readonly Row[], column: string, value: unknown): unknown[] =>
    rows.filter((row) => row[column] === value).map((row) => row['id']);
  for (const type of ['OEM', 'Standard']) {
    const pooled = tables.pool_licenses.filter((row) => row['state'] === 'pooled');
    const pools = idsOf(tables.license_pools, 'type', type);
    expect(quota('pool', pools), `pools of ${type}`).toBeLessThanOrEqual(quota('license', idsOf(pooled, 'type', type)));
  }
  for (const { id } of tables.license_pools)
    expect(quota('key', idsOf(tables.pool_keys, 'pool_id', id))).toBeLessThanOrEqual(quota('pool', [id]));
}

/** What lies in a grant belongs to the company that got it, or to one below it. */
function expectGrants({ tables, rows }: Books): void {
  const owners = [...tables.machine_licenses, ...tables.instance_licenses];
  const owner = new Map(owners.map((row) => [row['id'], row['company_id']]));
  const parents = new Map(
    rows.filter(({ table }) => table === 'company').map(({ id, row }) => [id, (row as Row)['parentId']]),
  );
  for (const { grant_id: id, license_id: license } of tables.grant_licenses) {
    const to = tables.grants.find((grant) => grant['id'] === id)!['to_company'];
    const company = owner.get(license) as string;
    expect([company, parents.get(company)], `owner of ${String(license)}`).toContain(to);
  }
}

/** What was ordered was brought once: as many licenses as were bought, each of one order. */
function expectOrders({ tables }: Books): void {
  const bringing = tables.orders.filter(({ kind }) => kind === 'licenses' || kind === 'trial');
  const brought = bringing.flatMap(({ id, quantity, fulfilled_at: at }) => {
    const named = tables.order_licenses.filter((one) => one['order_id'] === id).map((one) => one['license_id']);
    expect(named.length, `brought by ${String(id)}`).toBe(at === null ? 0 : quantity);
    return named;
  });
  expect(new Set(brought).size).toBe(brought.length);
  const fulfilled = tables.orders.filter((order) => order['fulfilled_at'] !== null).map((order) => order['id']);
  expect(new Set(tables.fulfillments.map((one) => one['order_id']))).toEqual(new Set(fulfilled));
}

/** The counters beside the filters are those of the rows that they count. */
function expectCounts({ tables }: Books, now: number): void {
  const count = (rows: readonly Row[], by: (row: Row) => number): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const row of rows) {
      const key = [row['view'], row['type'], row['facet']].join(' ');
      counts[key] = (counts[key] ?? 0) + by(row);
    }
    return Object.fromEntries(Object.entries(counts).filter(([, n]) => n !== 0));
  };
  expect(count(tables.license_counts, (row) => row['n'] as number)).toEqual(count(tables.license_views, () => 1));
  const facets = new Map(
    tables.license_views.filter(({ view }) => view === '*').map((row) => [row['id'], row['facet']]),
  );
  const licenses = [...tables.machine_licenses, ...tables.instance_licenses];
  expect(facets.size).toBe(licenses.length);
  for (const row of licenses) {
    const { id, term, kind, used, assigned_to: holder = null, auto_renew: renews = 0, ends_at: ends } = row;
    const trial = (kind ?? term) === 'trial';
    const taken = used === undefined ? holder !== null : (used as number) > 0;
    const ended = ends !== null && (ends as number) <= now;
    const facet = Number(trial) + 2 * Number(taken) + 4 * (renews as number) + 8 * Number(ended);
    expect(facets.get(id), `facet of ${String(id)}`).toBe(facet);
  }
}

/** A copy waits for a decision, or an original that nothing told from one; nobody else is marked so. */
function expectForks({ tables }: Books): void {
  const waits = (row: Row): boolean => row['forked_at'] !== null && row['state'] === 'active';
  for (const row of tables.instances.filter(waits)) {
    const copies = tables.instances.filter((one) => one['forked_from'] === row['id'] && waits(one));
    expect(row['entitlement_id'] === null || copies.length > 0, `fork ${String(row['id'])}`).toBe(true);
  }
}

/** A key is in use where a server has it, and only of such is told what they use. */
function expectKeys({ tables }: Books): void {
  const keys = new Set(tables.pool_keys.map((key) => key['id']));
  for (const { id, status, server_id: server } of tables.pool_keys)
    expect(server !== null, `server of ${String(id)}`).toBe(status === 'in_use');
  const told = tables.cals.filter((row) => row['owner_type'] === 'key_used' || row['owner_type'] === 'key');
  for (const { owner_id: key } of told) expect(keys).toContain(key);
}
