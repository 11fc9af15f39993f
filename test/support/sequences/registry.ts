import { projectLicenses } from '../../../packages/authority/src/licenses/license-index.js';
import { registry as own } from '../../../packages/authority/src/registry.js';
import {
  defineRegistry,
  type ChangedRow,
  type JournalRow,
  type Reader,
  type SqlRow,
  type Tx,
} from '../../../packages/authority/src/store/index.js';
import { verifyWhole, wholeJournal } from '../whole-journal.js';
import { COMPANIES, FIRST_POOLABLE, firstLicenses, hash, PRICES, PRODUCT } from './start.js';

interface Ask {
  readonly account: string;
  readonly now: number;
}

/** All that an account has written, by table, and the rows that pages show of it. */
export interface Books {
  readonly rows: readonly ChangedRow[];
  readonly journal: readonly JournalRow[];
  readonly verdict: unknown;
  readonly tables: Readonly<Record<(typeof COUNTED)[number], readonly SqlRow[]>>;
}

const COUNTED = [
  'machine_licenses',
  'instance_licenses',
  'seats',
  'cals',
  'pool_licenses',
  'license_pools',
  'pool_keys',
  'instances',
  'sessions',
  'license_counts',
  'license_views',
  'grants',
  'grant_licenses',
  'orders',
  'order_licenses',
  'fulfillments',
] as const;

/** Reads everything at once: the accounts of this test are small. */
async function books(reader: Reader, { account, now }: Ask): Promise<Books> {
  const tables: Record<string, SqlRow[]> = {};
  for (const table of COUNTED) tables[table] = await reader.all(`SELECT * FROM ${table} WHERE account = ?`, [account]);
  const page = {
    account,
    scope: null,
    after: null,
    limit: 500,
    sort: null,
    search: null,
    company: null,
    status: null,
    mark: null,
    counts: null,
    parent: null,
    now,
  };
  const filters = { company: null, kind: null, validity: null, usage: null, autoRenew: null, type: null };
  const { licenses, machines, pools, sessions, companies } = own.queries;
  const { rows: machineRows, hosts } = await machines(reader, page);
  const pooled = await pools(reader, { account, now });
  const shown: Readonly<Record<string, readonly { readonly id: string }[]>> = {
    license: [
      ...(await licenses(reader, { ...page, ...filters, kind: 'commercial' })).rows,
      ...(await licenses(reader, { ...page, ...filters, kind: 'trial' })).rows,
    ],
    machine: machineRows,
    host: hosts,
    pool_license: pooled.licenses,
    pool: pooled.pools,
    pool_key: pooled.keys,
    session: (await sessions(reader, page)).rows,
    company: (await companies(reader, page)).rows,
    grant: (await own.queries.grants(reader, { ...page, company: null })).rows,
    order: (await own.queries.orders(reader, { ...page, company: null, kind: null })).rows,
  };
  const rows = Object.entries(shown).flatMap(([table, list]) =>
    list.map((row) => ({ table: table as ChangedRow['table'], id: row.id, row })),
  );
  const journal = await wholeJournal(reader, account);
  const verdict = await verifyWhole(reader, account);
  return { rows, journal, verdict, tables: tables as unknown as Books['tables'] };
}

/** Who holds each license of an instance. */
function holders(reader: Reader, { account }: { readonly account: string }): Promise<Holder[]> {
  return reader.all<Holder>('SELECT id, assigned_to FROM instance_licenses WHERE account = ?', [account]);
}
interface Holder {
  readonly id: string;
  readonly assigned_to: string | null;
}

/** What every sequence begins with, in one commit: some licenses of each sort, a pool and a key. */
async function prepare(tx: Tx, { account }: { readonly account: string }, now: number): Promise<void> {
  const by = { account, actor: 'admin:anna', scope: null, named: [], dryRun: false, idempotency: null, seen: null };
  const { createAccount, companyCreate, mediaStamp, licensesCreate, poolLicensesCreate } = own.commands;
  const frame = { account, name: account, product: PRODUCT, salt: 'salt', timeZone: 'UTC', prefix: 'P', epoch: 1 };
  await createAccount(tx, frame, now);
  for (const { id, parentId } of COMPANIES) await companyCreate(tx, { by, input: { id, name: id, parentId } }, now);
  const stick = { media: 'stick', base: 'linux', licensee: account, validDays: 3000 } as const;
  await mediaStamp(tx, { by, input: { ...stick, codes: [], codeKid: 'kid', pinHash: null } }, now);
  await own.commands.pricesSet(tx, { by, input: PRICES }, now);
  await licensesCreate(tx, { by, input: { licenses: firstLicenses(account) } }, now);
  await poolLicensesCreate(tx, { by, input: { licenses: FIRST_POOLABLE.map((row) => ({ ...row })) } }, now);
  await own.commands.poolConvert(tx, { by, input: { license: 'pl0', confirmName: 'pl0' } }, now);
  await own.commands.poolCreate(tx, { by, input: { id: 'pool0', name: 'pool0', type: 'OEM' } }, now);
  await own.commands.poolSetQuota(tx, { by, input: { pool: 'pool0', quota: { obm: 6 } } }, now);
  const key = { id: 'key0', pool: 'pool0', licenseeName: 'key0', quota: { obm: 3 }, keyHash: hash(`${account} key0`) };
  await own.commands.poolKeyCreate(tx, { by, input: key }, now);
}

export const registry = defineRegistry(
  import.meta.url,
  { ...own.commands, prepare },
  { ...own.queries, books, holders },
  { project: projectLicenses },
);
