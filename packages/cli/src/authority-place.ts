import { dirname, join } from 'node:path';
import { readPolicy } from '@leasehold/authority';
import { isOrigin, LeaseholdError } from '@leasehold/protocol';
import type { Policy } from '@leasehold/terms';
import type { Given, Option } from './command.js';
import { readJsonFile } from './read-file.js';

export const DB_OPTION: Readonly<Record<string, Option>> = {
  db: { what: 'sqlite:PATH or postgres://…', value: 'URL', required: true },
};

/** Where an authority keeps what it holds. */
export const PLACE_OPTIONS: Readonly<Record<string, Option>> = {
  ...DB_OPTION,
  data: { what: 'Folder of its keys (keys, beside an SQLite database)', value: 'DIR' },
};

/** @throws LeaseholdError INPUT_INVALID when a PostgreSQL authority names no folder for its keys */
export function readPlace(given: Given): { readonly db: string; readonly dataDir: string } {
  return placeOf(given.get('db') ?? '', given.get('data'));
}

/** The same of values that come from elsewhere. */
export function placeOf(db: string, data: string | undefined): { readonly db: string; readonly dataDir: string } {
  if (data !== undefined) return { db, dataDir: data };
  const [, path] = /^sqlite:(.+)$/.exec(db) ?? [];
  if (path !== undefined) return { db, dataDir: join(dirname(path), 'keys') };
  // What is neither, the store refuses in its own words.
  if (!/^postgres(ql)?:/.test(db)) return { db, dataDir: 'keys' };
  throw new LeaseholdError('INPUT_INVALID', '--data DIR is missing: a PostgreSQL database has no folder beside it.', {
    path: 'data',
    remedy: 'Name the folder that holds the signing key and the keyset.',
  });
}

/** Where an authority is reached, as `--url` says. @throws LeaseholdError INPUT_INVALID */
export function readOrigin(given: Given): string | undefined {
  const url = given.get('url');
  if (url === undefined || isOrigin(url)) return url;
  throw new LeaseholdError('INPUT_INVALID', `--url takes an address without a path, not "${url}".`, {
    path: 'url',
    remedy: 'Write for example: --url https://licensing.example.com',
  });
}

/** What an account is called and for which product it licenses. */
export const ACCOUNT_OPTIONS: Readonly<Record<string, Option>> = {
  'grants-only': { what: 'Licenses come in by the vendor’s grants alone: for an authority that somebody else runs' },
  account: { what: 'Its id', value: 'ID', required: true },
  name: { what: 'Its name', value: 'NAME', required: true },
  product: { what: 'The product whose agents it licenses', value: 'ID', required: true },
  prefix: { what: 'Stands before the name of each Pool Key', value: 'TEXT' },
  'time-zone': { what: 'Zone in which its days end (UTC)', value: 'ZONE' },
  policy: { what: 'JSON of the periods and switches that differ from those of the rules', value: 'FILE' },
};

/** @throws LeaseholdError INPUT_INVALID naming the member of the policy that is wrong */
export async function readAccount(given: Given): Promise<{
  account: string;
  name: string;
  product: string;
  prefix?: string;
  timeZone?: string;
  byGrants?: boolean;
  policy?: Policy;
}> {
  const policy = given.get('policy');
  const [prefix, timeZone] = [given.get('prefix'), given.get('time-zone')];
  return {
    account: given.get('account') ?? '',
    name: given.get('name') ?? '',
    product: given.get('product') ?? '',
    ...(prefix === undefined ? {} : { prefix }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(given.has('grants-only') ? { byGrants: true } : {}),
    ...(policy === undefined ? {} : { policy: readPolicy(await readJsonFile(policy)) }),
  };
}
