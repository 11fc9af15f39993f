import { createHash } from 'node:crypto';
import type { RequestOf } from '@leasehold/protocol';

type NewLicense = RequestOf<'licensesCreate'>['licenses'][number];

export const PRODUCT = 'acme-backup';
export const COMPANIES = [
  { id: 'north', parentId: null },
  { id: 'south', parentId: null },
  { id: 'north-1', parentId: 'north' },
] as const;
export const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Licenses of instances that a sequence begins with, and those of seats. */
export const FIRST_SINGLE = ['s0', 's1', 's2', 's3'] as const;
export const FIRST_SEATS = ['m0', 'm1', 'm2', 'm3'] as const;

export const FIRST_POOLABLE = [
  { id: 'pl0', type: 'OEM', purchase: 'purchased', cals: { obm: 9 }, freeUpgradeUntil: '2030-01-01' },
  { id: 'pl1', type: 'Standard', purchase: 'purchased', cals: { obm: 5 }, freeUpgradeUntil: '2031-01-01' },
] as const;

const PERIODIC = [
  'license:server',
  'license:desktop',
  'machine:server',
  'machine:virtual',
  'machine:linux',
  'machine:desktop',
];
/** Everything that a sequence orders has a price. */
export const PRICES = {
  currency: 'eur',
  prices: [
    ...PERIODIC.flatMap((item) => [
      { item, per: 'month' as const, amount: 10 },
      { item, per: 'year' as const, amount: 100 },
    ]),
    { item: 'machine:virtual', per: 'once' as const, amount: 1000 },
    { item: 'pool:OEM:obm', per: 'once' as const, amount: 10 },
    { item: 'pool:Standard:obm', per: 'once' as const, amount: 12 },
    { item: 'maintenance:obm', per: 'year' as const, amount: 2 },
  ],
};

export function firstLicenses(account: string): (NewLicense & { readonly id: string; readonly keyHash: string })[] {
  const plain = { kind: 'commercial', term: 'subscription', validUntil: '2027-06-30' } as const;
  const keyed = (id: string): { id: string; keyHash: string } => ({ id, keyHash: hash(`${account} ${id}`) });
  const single = FIRST_SINGLE.map((id, n) => {
    const type = n % 2 === 0 ? 'server' : 'desktop';
    const companyId = n === 1 ? 'north' : null;
    return { ...plain, ...keyed(id), profile: 'msp' as const, type, companyId, seats: 1, autoRenew: n === 0 };
  });
  const seats = FIRST_SEATS.map((id, n) => {
    const type = ['server', 'virtual', 'linux', 'it_pro'][n]!;
    const bound = type === 'it_pro' ? { boundTo: { type: 'technician' as const, id: 'tina' } } : {};
    const row = { profile: 'aip' as const, type, companyId: null, seats: n === 0 ? 2 : 1, autoRenew: false };
    return { ...plain, ...keyed(id), ...row, ...bound };
  });
  return [...single, ...seats];
}
