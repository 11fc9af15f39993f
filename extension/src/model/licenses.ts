import { isCompanyPage, isLicensePage } from '@leasehold/protocol/guards';
import type { RequestOf } from '@leasehold/protocol';
import type { Live } from './live.js';
import { createResource, type Resource } from './resource.js';
import type { CompanyRow, LicensePage, LicenseRow } from './rows.js';
import { upsert, type Keeper } from './tables.js';

/** Types of license that exist, so that one never requested can say so (MSP-10). Those of a profile are shown to an
 * account that holds any license of it. */
const TYPES: Readonly<Record<LicenseRow['profile'], readonly string[]>> = {
  aip: ['server', 'desktop', 'linux', 'virtual', 'cloud', 'server_vpack', 'cluster', 'additional_node', 'it_pro'],
  msp: ['server', 'desktop', 'ultimate', 'workstation', 'sql_server', 'exchange', 'vm_server', 'file_backup'],
};

export function typesNeverRequested(requested: readonly string[]): readonly string[] {
  const held = new Set(requested);
  const profiles = Object.values(TYPES).filter((types) => types.some((type) => held.has(type)));
  return [...new Set(profiles.flat())].filter((type) => !held.has(type));
}

export type Goods = NonNullable<RequestOf<'orderCreate'>['profile']>;
/** What can be ordered of each kind of goods. */
export const GOODS: Readonly<Record<Goods, readonly string[]>> = { ...TYPES, lmp: ['OEM', 'Standard'] };

/** The goods that somebody asked for, else those that have the type, else those that the account has. */
export function goodsOf(asked: string | undefined, type: string, requested: readonly string[]): Goods {
  const all = ['msp', 'aip', 'lmp'] as const;
  const held = (goods: Goods) => GOODS[goods].includes(type) || requested.some((one) => GOODS[goods].includes(one));
  return (
    all.find((goods) => goods === asked) ?? all.find((goods) => GOODS[goods].includes(type)) ?? all.find(held) ?? 'msp'
  );
}

/** The search box and the filters in the source's order (MSP-7); what is left out stands for its default. */
export interface LicenseFilters {
  readonly search?: string;
  readonly company?: string;
  readonly kind?: string;
  readonly validity?: string;
  readonly usage?: string;
  readonly autoRenew?: string;
  /** Column, with a minus for the other way round. */
  readonly sort?: string;
}

export type FilterName = Exclude<keyof LicenseFilters, 'sort'>;
export const DEFAULTS: Readonly<Record<FilterName, string>> = {
  search: '',
  company: 'all',
  kind: 'commercial',
  validity: 'all',
  usage: 'all',
  autoRenew: 'all',
};

/** Filters that hide rows. Commercial or Trial is a view, not a filter that can be cleared away; a trial is not asked whether
 * it is used (MSP-7.4). */
export function hidingFilters(filters: LicenseFilters): FilterName[] {
  const hides = (name: FilterName) => (filters[name] ?? DEFAULTS[name]) !== DEFAULTS[name];
  const usage = filters.kind === 'trial' ? [] : (['usage'] as const);
  return (['search', 'company', 'validity', ...usage, 'autoRenew'] as const).filter(hides);
}

type Ask = Readonly<Record<string, string | undefined>>;
const askOf = ({ autoRenew, ...filters }: LicenseFilters): Ask => ({
  ...filters,
  autoRenew: autoRenew === 'only' ? 'only' : undefined,
});

/** Groups and counts; one row comes along because a page has at least one. */
export function licenseGroups(live: Live, filters: LicenseFilters): Resource<LicensePage> {
  return createResource((signal) =>
    live.authority.call('licenses', isLicensePage, {
      query: { ...askOf(filters), sort: undefined, limit: '1' },
      signal,
    }),
  );
}

export const ROWS_AT_ONCE = 100;
/** How often one page is asked on: with a search, an answer may be short, even empty, and yet not the last. */
const ASKED_ON = 10;

/** The rows of one type, as many pages of them as were asked for. */
export function licenseRows(
  live: Live,
  filters: LicenseFilters,
  type: string,
  pages: number,
  keep: Keeper<LicenseRow>,
): Resource<readonly LicenseRow[]> {
  return createResource<readonly LicenseRow[]>(
    async (signal) => {
      const rows: LicenseRow[] = [];
      let after: string | undefined;
      for (let asked = 0; asked < pages * ASKED_ON && rows.length < pages * ROWS_AT_ONCE; asked += 1) {
        const query = { ...askOf(filters), type, limit: String(ROWS_AT_ONCE), after };
        const reply = await live.authority.call('licenses', isLicensePage, { query, signal });
        rows.push(...reply.rows);
        if (reply.next === null) break;
        after = reply.next;
      }
      return keep(rows);
    },
    (rows, changes) => upsert(rows, 'license', changes, 'known'),
  );
}

/** What one act on many takes at most. */
export const AT_MOST = 500;

/** All that the filters leave of a type, or of every type, and that fits; as many as one act takes. */
export async function allLicenses(
  live: Live,
  filters: LicenseFilters,
  type?: string,
  fits: (license: LicenseRow) => boolean = () => true,
): Promise<readonly LicenseRow[]> {
  const rows: LicenseRow[] = [];
  let after: string | undefined;
  do {
    const query = { ...askOf(filters), sort: undefined, type, limit: String(AT_MOST), after };
    const reply = await live.authority.call('licenses', isLicensePage, { query });
    rows.push(...reply.rows.filter(fits));
    after = reply.next ?? undefined;
  } while (after !== undefined && rows.length < AT_MOST);
  return rows.slice(0, AT_MOST);
}

/** Pages of companies that are asked for at most: ten thousand companies. */
const COMPANY_PAGES = 20;

/** All companies by name, for filters and forms. The feed brings every change of one whole: nothing else loads them anew. */
export function companies(live: Live): Resource<readonly CompanyRow[]> {
  const resource = createResource<readonly CompanyRow[]>(
    async (signal) => {
      const rows: CompanyRow[] = [];
      let after: string | null | undefined;
      for (let page = 0; page < COMPANY_PAGES && after !== null; page += 1) {
        const query = { limit: '500', after };
        const reply = await live.authority.call('companies', isCompanyPage, { query, signal });
        rows.push(...reply.rows);
        after = reply.next;
      }
      return rows.toSorted((a, b) => a.name.localeCompare(b.name));
    },
    (rows, changes) => upsert(rows, 'company', changes, 'append'),
  );
  const changed: typeof resource.changed = (changes) => {
    if (changes.some(({ table }) => table === 'company')) resource.changed(changes);
  };
  return { ...resource, changed };
}

/** The licenses that the filters leave, as CSV (RFC 4180). */
export function licensesCsv(live: Live, filters: LicenseFilters): Promise<string> {
  return live.authority.text('licensesExport', { query: { ...askOf(filters), sort: undefined } });
}
