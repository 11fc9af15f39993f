import { LeaseholdError, type Message } from '@leasehold/protocol';
import type { Catalog, Profile } from '@leasehold/terms';
import type { Reader } from '../store/index.js';

/** A version as it is stored. */
export interface CatalogColumns {
  readonly version: number;
  readonly profile: Profile;
  readonly label: string;
  readonly digest: string;
  readonly token: string;
  readonly author: string;
  readonly state: 'kept' | 'active';
  readonly created_at: number;
  readonly activated_at: number | null;
  readonly replaced: number | null;
}

export const contentOf = ({ token }: CatalogColumns): Catalog => JSON.parse(token) as Catalog;

/** @throws LeaseholdError NOT_FOUND */
export async function catalogVersion(reader: Reader, account: string, version: number): Promise<CatalogColumns> {
  const row = await reader.get<CatalogColumns>('SELECT * FROM catalogs WHERE account = ? AND version = ?', [
    account,
    version,
  ]);
  if (row !== undefined) return row;
  throw new LeaseholdError('NOT_FOUND', `There is no version ${version} of a catalog.`, {
    path: 'version',
    remedy: 'Take one of the versions that are listed: leasehold admin catalogs.',
  });
}

/** The version in force in a profile; undefined: the built-in catalog decides. */
export async function activeIn(reader: Reader, account: string, profile: Profile): Promise<CatalogColumns | undefined> {
  return reader.get<CatalogColumns>("SELECT * FROM catalogs WHERE account = ? AND profile = ? AND state = 'active'", [
    account,
    profile,
  ]);
}

function catalogRow(row: CatalogColumns): Message<'CatalogRow'> {
  return {
    version: row.version,
    profile: row.profile,
    label: row.label,
    digest: row.digest,
    state: row.state,
    uploadedAt: new Date(row.created_at).toISOString(),
    uploadedBy: row.author,
    activatedAt: row.activated_at === null ? null : new Date(row.activated_at).toISOString(),
    replaced: row.replaced,
  };
}

/** Every version, the last first. */
export async function listCatalogs(
  reader: Reader,
  { account }: { readonly account: string },
): Promise<Message<'CatalogList'>> {
  const rows = await reader.all<CatalogColumns>(
    'SELECT * FROM catalogs WHERE account = ? ORDER BY version DESC LIMIT 500',
    [account],
  );
  return { rows: rows.map((row) => catalogRow(row)) };
}

/** One version with all that it says. Rejects with NOT_FOUND. */
export async function showCatalog(
  reader: Reader,
  { account, version }: { readonly account: string; readonly version: number },
): Promise<Message<'CatalogDetail'>> {
  const row = await catalogVersion(reader, account, version);
  return { ...catalogRow(row), catalog: { ...contentOf(row) } };
}
