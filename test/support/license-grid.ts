import { indexLicenses, expireLicenses } from '../../packages/authority/src/licenses/license-index.js';
import { companyRenamed, followRenames } from '../../packages/authority/src/licenses/follow-renames.js';
import { listLicenses } from '../../packages/authority/src/licenses/list.js';
import { licenseOrders } from '../../packages/authority/src/store/migrations/0030-license-orders.js';
import { licenseOrderIndexes } from '../../packages/authority/src/store/migrations/0031-license-order-indexes.js';
import {
  defineRegistry,
  maintenanceCommands,
  type SqlValue,
  type Tx,
} from '../../packages/authority/src/store/index.js';
import { registry as base } from './store-registry.js';

const DAY = 86_400_000;
const TYPES = ['server', 'desktop', 'vm', 'm365'];

interface Fill {
  readonly account: string;
  readonly from: number;
  readonly to: number;
  readonly companies: number;
}

/** Companies whose names stand in another order than their ids. */
async function fillCompanies(tx: Tx, { account, companies }: { account: string; companies: number }, now: number) {
  for (let from = 0; from < companies; from += 500) {
    const some = Array.from({ length: Math.min(500, companies - from) }, (_, index) => from + index);
    await tx.run(
      `INSERT INTO companies (account, id, name, created_at) VALUES ${some.map(() => '(?, ?, ?, ?)').join(', ')}`,
      some.flatMap((n) => [account, `company-${n}`, nameOf(n, companies), now]),
    );
  }
}

export const nameOf = (company: number, companies: number): string => `Firm ${(company * 7919) % companies}`;

/** Licenses as a large operator has them: most used, some of nobody's company, one in a thousand of a rare type, ends
 * from a year ago to a year ahead. */
async function fill(tx: Tx, { account, from, to, companies }: Fill, now: number): Promise<void> {
  const rows = Array.from({ length: to - from }, (_, index) => rowOf(account, from + index, companies, now));
  const one = `(${rows[0]!.map(() => '?').join(', ')})`;
  await tx.run(
    `INSERT INTO instance_licenses (account, id, number, type, kind, company_id, assigned_to, computer_name, user_name,
       valid_until, ends_at, auto_renew, created_at, updated_at) VALUES ${rows.map(() => one).join(', ')}`,
    rows.flat(),
  );
  await indexLicenses(
    tx,
    account,
    rows.map((row) => row[1] as string),
    now,
  );
}

export function rowOf(account: string, n: number, companies: number, now: number): SqlValue[] {
  const id = `L${String(n).padStart(7, '0')}`;
  const day = Math.floor(now / DAY) + ((n * 7) % 730) - 365;
  const type = n % 1000 === 0 ? 'rare' : TYPES[n % 4]!;
  const kind = n % 10 === 0 ? 'trial' : 'commercial';
  const company = n % 5 === 0 ? null : `company-${n % companies}`;
  const holder = n % 3 === 0 ? [null, null, null] : [`i${n}`, `PC-${n}`, `user${n % 977}`];
  const validUntil = new Date(day * DAY).toISOString().slice(0, 10);
  const autoRenew = n % 4 === 0 ? 1 : 0;
  return [account, id, id, type, kind, company, ...holder, validUntil, (day + 1) * DAY, autoRenew, now, now];
}

async function rename(tx: Tx, { account, company, name, told }: Renamed, now: number): Promise<void> {
  await tx.run('UPDATE companies SET name = ? WHERE account = ? AND id = ?', [name, account, company]);
  if (told) await companyRenamed(tx, account, company, now);
}
interface Renamed {
  readonly account: string;
  readonly company: string;
  readonly name: string;
  readonly told: boolean;
}

/** The indexes of the orders, made anew when all is filled: a fraction of the time that each row would take them. */
async function withoutOrders(tx: Tx): Promise<void> {
  for (const order of ['company', 'computer', 'user', 'until']) await tx.run(`DROP INDEX license_views_${order}`);
}
async function withOrders(tx: Tx): Promise<void> {
  for (const statement of licenseOrderIndexes.statements) await tx.run(statement);
}

/** As the rows were before they knew their places, and a slice of the migration that fills them in. */
async function forgetOrders(tx: Tx, { account, from }: { account: string; from: string }): Promise<void> {
  await tx.run("UPDATE license_views SET company_key = '', user_key = '', until_key = 0 WHERE account = ? AND id > ?", [
    account,
    from,
  ]);
}

export const registry = defineRegistry(
  import.meta.url,
  {
    createAccount: base.commands.createAccount,
    fill,
    fillCompanies,
    withoutOrders,
    withOrders,
    expireLicenses,
    rename,
    followRenames: (tx: Tx, { account, limit }: { account: string; limit: number }, now: number) =>
      followRenames(tx, account, limit, now),
    forgetOrders,
    fillOrders: (tx: Tx, { progress }: { progress: string }) => licenseOrders.backfill!(tx, progress),
    takeStock: maintenanceCommands.takeStock,
  },
  { licenses: listLicenses },
);
