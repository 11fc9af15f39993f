import type { RequestOf } from '@leasehold/protocol';

type NewLicense = RequestOf<'licensesCreate'>['licenses'][number];
type Os = 'windows_server' | 'windows_client' | 'linux';

/** Company, machine, system, license type; one row a machine. */
export const FLEET: readonly (readonly [company: string, name: string, os: Os, license: string])[] = [
  ['harbor', 'hbr-sql-01', 'windows_server', 'SV-2QK7-9F3C-M4TD'],
  ['harbor', 'hbr-files-02', 'windows_server', 'SV-2QK7-9F3C-N8WA'],
  ['harbor', 'hbr-desk-11', 'windows_client', 'DT-7C1E-22AF-0K3P'],
  ['harbor', 'hbr-desk-12', 'windows_client', 'DT-7C1E-22AF-0K4R'],
  ['harbor', 'hbr-desk-14', 'windows_client', 'DT-7C1E-22AF-0K5S'],
  ['mirai', 'mir-wms-01', 'windows_server', 'SV-5HX0-71BD-C1RP'],
  ['mirai', 'mir-wms-02', 'windows_server', 'SV-5HX0-71BD-D7JE'],
  ['mirai', 'mir-dc-01', 'windows_server', 'SV-8ZB3-4402-Q0VG'],
  ['mirai', 'mir-desk-03', 'windows_client', 'DT-3MW8-90QA-1T7B'],
  ['mirai', 'mir-desk-04', 'windows_client', 'DT-3MW8-90QA-1T8C'],
  ['kestrel', 'kes-lic-01', 'windows_server', 'SV-1TN4-66E0-X6KB'],
  ['erlenau', 'erl-scada-01', 'windows_server', 'SV-9WC2-0B7D-F3HS'],
  ['erlenau', 'erl-scada-02', 'windows_server', 'SV-9WC2-0B7D-G5MZ'],
  ['erlenau', 'erl-desk-21', 'windows_client', 'DT-5RR9-1C3E-7Y2M'],
  ['erlenau', 'erl-desk-22', 'windows_client', 'DT-5RR9-1C3E-7Y3N'],
  ['pinecrest', 'prn-dc-01', 'windows_server', 'SV-6DM8-A1F4-R9TX'],
  ['pinecrest', 'prn-print-01', 'windows_server', 'SV-6DM8-A1F4-S4YC'],
  ['tolland', 'tol-files-01', 'windows_server', 'SV-3LR5-5D2B-A7NE'],
  ['tolland', 'tol-desk-31', 'windows_client', 'DT-8VQ1-6E4C-9P5T'],
];

const ENDS: Readonly<Record<string, string>> = {
  harbor: '2027-02-28',
  mirai: '2027-06-30',
  kestrel: '2026-12-12',
  erlenau: '2027-09-30',
  pinecrest: '2027-04-15',
  tolland: '2027-01-31',
};
const TRANSACTIONS: Readonly<Record<string, string>> = {
  harbor: 'T-20418',
  mirai: 'T-20977',
  kestrel: 'T-19803',
  erlenau: 'T-21220',
  pinecrest: 'T-18664',
  tolland: 'T-20305',
};
export const COMPANIES: Readonly<Record<string, string>> = {
  harbor: 'Harbor Dental',
  mirai: 'Mirai Logistics',
  kestrel: 'Kestrel Survey',
  erlenau: 'Erlenau Energie',
  pinecrest: 'Pinecrest',
  tolland: 'Tolland Foods',
};

const MSP = { profile: 'msp', kind: 'commercial', term: 'subscription', seats: 1, autoRenew: true } as const;
const AIP = {
  profile: 'aip',
  kind: 'commercial',
  term: 'perpetual',
  companyId: null,
  seats: 1,
  autoRenew: false,
} as const;

const fleet: readonly NewLicense[] = FLEET.map(([companyId, name, os, id]): NewLicense => {
  const type = os === 'windows_client' ? 'desktop' : 'server';
  // Two that ended, one that ends soon: what an overview is for.
  const validUntil = name === 'prn-print-01' ? '2026-11-19' : (ENDS[companyId] ?? '2027-03-31');
  const autoRenew = !['kestrel', 'pinecrest'].includes(companyId);
  return { ...MSP, id, type, companyId, validUntil, autoRenew, transaction: TRANSACTIONS[companyId]! };
});
const spare: readonly NewLicense[] = ['DT-7C1E-22AF-0K6T', 'DT-7C1E-22AF-0K7V', 'SV-9WC2-0B7D-J2PA'].map(
  (id): NewLicense => ({
    ...MSP,
    id,
    type: id.startsWith('SV') ? 'server' : 'desktop',
    companyId: null,
    validUntil: '2026-12-03',
    autoRenew: false,
    transaction: 'T-21307',
  }),
);
const trials: readonly NewLicense[] = ['TR-0A1B-77C2-01', 'TR-0A1B-77C2-02'].map((id): NewLicense => ({
  ...MSP,
  id,
  kind: 'trial',
  term: 'trial',
  type: 'server',
  companyId: 'kestrel',
  validUntil: '2026-12-05',
  autoRenew: false,
}));
const machines: readonly NewLicense[] = [
  {
    ...AIP,
    id: 'VL-0C9D-3310-K5XW',
    type: 'virtual',
    validUntil: null,
    companyId: 'kestrel',
    boundTo: { type: 'host', id: 'esx-kes-01' },
  },
  {
    ...AIP,
    id: 'VL-6YE3-8841-D8ZN',
    type: 'virtual',
    validUntil: null,
    companyId: 'tolland',
    boundTo: { type: 'host', id: 'esx-tol-01' },
  },
  {
    ...AIP,
    id: 'VL-2BB7-1290-H1QF',
    type: 'virtual',
    term: 'subscription',
    validUntil: '2027-02-28',
    companyId: 'erlenau',
    seats: 4,
  },
  {
    ...AIP,
    id: 'CL-7RW2-5C0E-B1QN',
    type: 'cloud',
    term: 'subscription',
    validUntil: '2027-01-15',
    companyId: 'mirai',
    seats: 6,
  },
  {
    ...AIP,
    id: 'LX-4TT0-9A6D-M3VE',
    type: 'linux',
    term: 'subscription',
    validUntil: '2026-11-09',
    companyId: 'pinecrest',
    seats: 2,
  },
  {
    ...AIP,
    id: 'ITP-3VK8-2204-Q2',
    type: 'it_pro',
    term: 'subscription',
    validUntil: '2027-03-31',
    boundTo: { type: 'technician', id: 'mika' },
  },
  {
    ...AIP,
    id: 'ITP-9BD1-2205-H7',
    type: 'it_pro',
    term: 'subscription',
    validUntil: '2027-10-12',
    boundTo: { type: 'technician', id: 'ana' },
  },
  {
    ...AIP,
    id: 'ITP-5RW0-2206-K8',
    type: 'it_pro',
    term: 'subscription',
    validUntil: '2027-06-30',
    boundTo: { type: 'technician', id: 'jun' },
  },
  {
    ...AIP,
    id: 'AN-4FP1-0177-T2KD',
    type: 'additional_node',
    validUntil: null,
    companyId: 'erlenau',
    boundTo: { type: 'cluster_group', id: 'erl-hv' },
  },
];

/** What its companies own. */
export const LICENSES: readonly NewLicense[] = [...fleet, ...spare, ...trials, ...machines];

/** Those that go into pools, and one that cannot. */
const poolLicense = (
  id: string,
  type: 'OEM' | 'Standard',
  obm: number,
  acb: number,
  freeUpgradeUntil: string,
  purchase: 'purchased' | 'metered' = 'purchased',
) => ({ id, type, purchase, cals: { obm, acb }, freeUpgradeUntil }) as const;
export const POOL_LICENSES: RequestOf<'poolLicensesCreate'>['licenses'] = [
  poolLicense('Northlake-CSV-OEM-01', 'OEM', 100, 100, '2027-10-01'),
  poolLicense('Northlake-CSV-OEM-03', 'OEM', 20, 20, '2027-12-15'),
  poolLicense('Northlake-CSV-OEM-02', 'OEM', 40, 40, '2027-03-01'),
  poolLicense('Northlake-CSV-Standard-07', 'Standard', 15, 5, '2027-08-01'),
  poolLicense('Northlake-CSV-Metered-01', 'Standard', 500, 500, '2027-08-01', 'metered'),
];

/** Backup server → the Pool Key that was made for it. */
export const KEY_OF: Readonly<Record<string, string>> = {
  'cbs-nc1-east': 'NewCompany1-LicenseKey1',
  'cbs-nc1-west': 'NewCompany1-LicenseKey2',
  'cbs-north-01': 'North',
};
