import { LeaseholdError } from '@leasehold/protocol';
import { addDays, catalogs as builtIn, dayOf, type Catalog, type Policy, type Profile } from '@leasehold/terms';
import { LRUCache } from 'lru-cache';
import { appendJournal, readOnce, type Reader, type Tx } from '../store/index.js';

/** One operator's realm: product, salt of its fingerprints, days, prefix of its pool keys, switches of the rules. */
export interface Account {
  readonly account: string;
  readonly name: string;
  readonly product: string;
  readonly salt: string;
  readonly timeZone: string;
  readonly prefix: string | null;
  readonly policy: Policy;
  /** Licenses come in by the vendor's grants alone. */
  readonly byGrants: boolean;
  /** The rules of each profile: the vendor's own where one was activated, else those that are built in. */
  readonly catalogs: Readonly<Record<Profile, Catalog>>;
  readonly epoch: number;
}

export function accountOf(reader: Reader, account: string): Promise<Account> {
  return readOnce(reader, `account ${account}`, () => readAccount(reader, account));
}

async function readAccount(reader: Reader, account: string): Promise<Account> {
  const row = await reader.get<{
    name: string;
    product: string;
    salt: string;
    time_zone: string;
    prefix: string | null;
    policy: string;
    catalogs: string | null;
    epoch: number;
    by_grants: number;
  }>(
    `SELECT a.name, a.product, a.salt, a.time_zone, a.prefix, a.policy, a.catalogs, a.by_grants, h.epoch
       FROM accounts a JOIN journal_heads h ON h.account = a.account WHERE a.account = ?`,
    [account],
  );
  if (row === undefined) {
    throw new LeaseholdError('NOT_FOUND', `There is no account ${account} in this database.`, {
      path: 'account',
      remedy: 'Create it first, or open the database that belongs to the keyset.',
    });
  }
  const { name, product, salt, prefix, epoch } = row;
  const policy = JSON.parse(row.policy) as Policy;
  const byGrants = row.by_grants === 1;
  const catalogs = catalogsOf(row.catalogs);
  return { account, name, product, salt, timeZone: row.time_zone, prefix, policy, byGrants, catalogs, epoch };
}

/** Catalogs are read from their text once: every command asks for its account. */
const readCatalogs = new LRUCache<string, Account['catalogs']>({ max: 20 });

function catalogsOf(text: string | null): Account['catalogs'] {
  if (text === null) return builtIn;
  const known = readCatalogs.get(text) ?? { ...builtIn, ...(JSON.parse(text) as Partial<Account['catalogs']>) };
  readCatalogs.set(text, known);
  return known;
}

export interface AccountCreate extends Omit<Account, 'policy' | 'catalogs' | 'byGrants'> {
  readonly byGrants?: boolean;
  readonly policy?: Policy;
}

export async function createAccount(tx: Tx, input: AccountCreate, now: number): Promise<void> {
  const { account, name, product, salt, timeZone, prefix, policy = {}, byGrants = false } = input;
  // The day before is over, and nothing was on it.
  const seatsDay = addDays(dayOf(now, timeZone), -1);
  const created = await tx.run(
    `INSERT INTO accounts (account, name, product, salt, time_zone, prefix, profile, policy, by_grants,
       created_at, seats_day) VALUES (?, ?, ?, ?, ?, ?, 'all', ?, ?, ?, ?) ON CONFLICT (account) DO NOTHING`,
    [account, name, product, salt, timeZone, prefix, JSON.stringify(policy), byGrants ? 1 : 0, now, seatsDay],
  );
  if (created === 0) throw new LeaseholdError('CONFLICT', `The account ${account} is there already.`);
  await tx.run("INSERT INTO journal_heads (account, epoch, seq, hash) VALUES (?, ?, 0, '')", [account, input.epoch]);
  appendJournal(tx, account, {
    type: 'account.created',
    subject: { type: 'account', id: account },
    actor: 'system',
    details: { name, product },
    rows: [],
  });
}
