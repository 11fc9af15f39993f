import type { AdminClient } from '../admin/client.js';

/** Stock of the third source's case study (section 2): 100 + 100 client access licenses, three partners, four keys. */
const STOCK = { id: 'Ahsay-CSV-LMP-OEM', type: 'OEM', purchase: 'purchased', cals: { obm: 100, acb: 100 } } as const;
const PARTNERS = [
  {
    pool: 'NewCompany1-Pool',
    quota: 20,
    keys: [
      ['NewCompany1-LicenseKey1', 10],
      ['NewCompany1-LicenseKey2', 10],
    ],
  },
  { pool: 'NewCompany2-Pool', quota: 20, keys: [['NewCompany2-LicenseKey', 20]] },
  { pool: 'NewCompany3-Pool', quota: 20, keys: [['NewCompany3-LicenseKey', 20]] },
] as const;

const cals = (count: number): object => ({ obm: count, acb: count });

/** Converts the stock, makes the pools and their keys. @returns the keys by licensee name, as they are shown this once */
export async function createPools(admin: AdminClient, freeUpgradeUntil: string): Promise<ReadonlyMap<string, string>> {
  await admin.call({ route: 'poolLicensesCreate', body: { licenses: [{ ...STOCK, freeUpgradeUntil }] } });
  await admin.call({ route: 'poolConvert', params: { license: STOCK.id }, body: { confirmName: STOCK.id } });
  const keys = new Map<string, string>();
  for (const partner of PARTNERS) {
    const { id: pool } = await admin.call({ route: 'poolCreate', body: { name: partner.pool, type: STOCK.type } });
    const params = { pool: String(pool) };
    await admin.call({ route: 'poolSetQuota', params, body: { quota: cals(partner.quota) } });
    for (const [licenseeName, quota] of partner.keys) {
      const body = { licenseeName, quota: cals(quota) };
      const { licenseKey } = await admin.call({ route: 'poolKeyCreate', params, body });
      keys.set(licenseeName, String(licenseKey));
    }
  }
  return keys;
}

const COMPANIES = [
  { id: 'harbor-dental', name: 'Harbor Dental' },
  { id: 'fjord-freight', name: 'Fjord Freight' },
] as const;

/** Two companies with per-instance licenses, one of each kind the second source tells apart, and a global pool. */
export async function createCompanies(admin: AdminClient, validUntil: string): Promise<void> {
  for (const body of COMPANIES) await admin.call({ route: 'companyCreate', body });
  const [harbor, fjord] = COMPANIES.map(({ id }) => id);
  const licenses = [
    ...rows(8, { type: 'server', companyId: harbor, autoRenew: true, transaction: 'T-1001' }),
    ...rows(12, { type: 'desktop', companyId: harbor, autoRenew: true, transaction: 'T-1001' }),
    ...rows(4, { type: 'server', companyId: fjord, autoRenew: false, transaction: 'T-1002' }),
    ...rows(6, { type: 'desktop', companyId: null, autoRenew: false, transaction: 'T-1003' }),
    ...rows(2, { type: 'server', companyId: fjord, autoRenew: false, kind: 'trial', term: 'trial' }),
  ];
  const common = { profile: 'msp', kind: 'commercial', term: 'subscription', seats: 1, validUntil };
  await admin.call({ route: 'licensesCreate', body: { licenses: licenses.map((row) => ({ ...common, ...row })) } });
}

const rows = (count: number, row: object): object[] => Array.from({ length: count }, () => row);

/** A machine, hypervisor-host or technician license of the first source. */
export interface Sold {
  readonly id: string;
  readonly type: string;
  readonly term: 'perpetual' | 'subscription';
  readonly seats: number;
  readonly validUntil: string | null;
  readonly boundTo?: { readonly type: 'host' | 'technician'; readonly id: string };
}

/** Brings them in. @returns license keys by license id, as they are shown this once */
export async function sell(admin: AdminClient, sold: readonly Sold[]): Promise<ReadonlyMap<string, string>> {
  const common = { profile: 'aip', kind: 'commercial', companyId: null, autoRenew: false };
  const reply = await admin.call({
    route: 'licensesCreate',
    body: { licenses: sold.map((row) => ({ ...common, ...row })) },
  });
  const created = reply['licenses'] as readonly { readonly id: string; readonly licenseKey: string }[];
  return new Map(created.map(({ id, licenseKey }) => [id, licenseKey]));
}
