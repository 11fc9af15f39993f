import { expect } from 'vitest';
import type { RequestOf } from '@leasehold/protocol';
import { asPerson, type Bench } from '../authority.js';
import { elsewhere, http, same, type Proof } from './proof.js';

type Type = 'OEM' | 'Standard';

/** Client access licenses of a kind of its own, so that no rule's totals meet another's. */
async function poolable(bench: Bench, cal: string, quota: number, type: Type = 'OEM'): Promise<string> {
  const row = { id: `${cal}-${type}`, type, purchase: 'purchased', cals: { [cal]: quota } } as const;
  const licenses: RequestOf<'poolLicensesCreate'>['licenses'] = [{ ...row, freeUpgradeUntil: '2029-06-30' }];
  await asPerson(bench, 'poolLicensesCreate', { body: { licenses } });
  return row.id;
}
const convert = (bench: Bench, license: string) =>
  asPerson(bench, 'poolConvert', { params: { license }, body: { confirmName: license } });
async function pooled(bench: Bench, cal: string, quota: number, type: Type = 'OEM'): Promise<void> {
  await convert(bench, await poolable(bench, cal, quota, type));
}
async function pool(bench: Bench, name: string, type: Type = 'OEM'): Promise<string> {
  return (await asPerson(bench, 'poolCreate', { body: { name, type } })).body.id!;
}
const quotaOf = (bench: Bench, id: string, cal: string, quota: number) =>
  asPerson(bench, 'poolSetQuota', { params: { pool: id }, body: { quota: { [cal]: quota } } });
const key = (bench: Bench, id: string, name: string, cal: string, quota: number) =>
  asPerson(bench, 'poolKeyCreate', { params: { pool: id }, body: { licenseeName: name, quota: { [cal]: quota } } });

const POOLS = 'authority/pools.test.ts';
const CONVERTED = elsewhere(POOLS, '100 OBM and 100 ACB are converted, with confirmation and for good');
const NOT_POOLABLE = elsewhere(POOLS, 'metered licenses are not poolable, and neither is one whose date is past');
const SHARED = elsewhere(POOLS, 'three pools share the total, and no more than it');
const KEYS = elsewhere(POOLS, 'four keys draw from their pools');
const APPLIED = elsewhere(POOLS, 'a key is applied to one server; quota changes reach it with its check');
const LOWERED = elsewhere(POOLS, 'a lease never outlives the Free Upgrade Until that the key inherits');
/** Each question of the FAQ is a test there, by its number. */
const faq = (number: string): Proof => elsewhere('authority/pools-faq.test.ts', `number: '${number}'`);
const faqOfKeys = (number: string): Proof => elsewhere('authority/pools-faq-keys.test.ts', `number: '${number}'`);

/** License Management Portal Overview. */
export const POOL_RULES: Readonly<Record<string, Proof>> = {
  'LMP-1.1': CONVERTED,
  'LMP-1.2': http(async (bench) => {
    await pooled(bench, 'k12', 7);
    const row = { id: 'k12-more', type: 'OEM', purchase: 'purchased', cals: { k12: 5 } } as const;
    const licenses = [{ ...row, freeUpgradeUntil: '2029-06-30' }];
    await asPerson(bench, 'poolLicensesCreate', { body: { licenses } });
    await convert(bench, 'k12-more');
    await pooled(bench, 'k12', 3, 'Standard');
    const { totals } = (await asPerson(bench, 'pools')).body;
    expect(totals.map(({ type, cals }) => [type, cals['k12']])).toEqual([
      ['OEM', 12],
      ['Standard', 3],
    ]);
  }),
  'LMP-1.3': same('LMP-4.11'),
  'LMP-1.4': KEYS,
  'LMP-1.5': NOT_POOLABLE,
  'LMP-1.5b': LOWERED,
  'LMP-1.6': LOWERED,
  'LMP-1.7': LOWERED,
  'LMP-1.8': same('LMP-3.10'),
  'LMP-2.1': http(async (bench) => {
    const license = await poolable(bench, 'k21', 1);
    expect((await convert(bench, license)).body.decision).toMatchObject({ decision: 'allow', reason_rule: 'LMP-1.1' });
  }),
  'LMP-2.2': same('LMP-4.3'),
  'LMP-2.3': http(async (bench) => {
    await pooled(bench, 'k23', 10);
    const [one, two] = [await pool(bench, 'k23-1'), await pool(bench, 'k23-2')];
    expect((await quotaOf(bench, one, 'k23', 6)).status).toBe(200);
    const over = await quotaOf(bench, two, 'k23', 5);
    expect(over.problem).toMatchObject({ code: 'REFUSED', rule: 'LMP-2.3', reason: 'POOL_QUOTA_EXCEEDS_TOTAL' });
    expect((await quotaOf(bench, two, 'k23', 4)).status).toBe(200);
  }),
  'LMP-2.4': http(async (bench) => {
    await pooled(bench, 'k24', 10);
    const id = await pool(bench, 'k24');
    await quotaOf(bench, id, 'k24', 10);
    expect((await key(bench, id, 'k24-1', 'k24', 6)).status).toBe(200);
    const over = await key(bench, id, 'k24-2', 'k24', 5);
    expect(over.problem).toMatchObject({ code: 'REFUSED', rule: 'LMP-2.4', reason: 'KEY_QUOTA_EXCEEDS_POOL' });
    expect((await quotaOf(bench, id, 'k24', 5)).problem).toMatchObject({ code: 'REFUSED', rule: 'LMP-2.4' });
  }),
  'LMP-2.5': same('LMP-3.9'),
  'LMP-3.1': CONVERTED,
  'LMP-3.2': faq('4.4'),
  'LMP-3.3': SHARED,
  'LMP-3.4': SHARED,
  'LMP-3.5': KEYS,
  'LMP-3.6': same('LMP-4.14'),
  'LMP-3.7': same('LMP-4.16'),
  'LMP-3.8': same('LMP-4.17'),
  'LMP-3.9': APPLIED,
  'LMP-3.10': APPLIED,
  'LMP-3.11': APPLIED,
  'LMP-4.1': faq('4.1'),
  'LMP-4.2': NOT_POOLABLE,
  'LMP-4.3': faq('4.3'),
  'LMP-4.4': faq('4.4'),
  'LMP-4.5': faq('4.5'),
  'LMP-4.6': CONVERTED,
  'LMP-4.7': http(async (bench) => {
    await pooled(bench, 'k47', 10);
    const [small, large] = [await pool(bench, 'k47-small'), await pool(bench, 'k47-large')];
    await quotaOf(bench, small, 'k47', 1);
    await quotaOf(bench, large, 'k47', 9);
    expect((await key(bench, small, 'k47', 'k47', 2)).problem).toMatchObject({ rule: 'LMP-2.4' });
    expect((await key(bench, large, 'k47', 'k47', 2)).status).toBe(200);
  }),
  'LMP-4.8': APPLIED,
  'LMP-4.9': http(async (bench) => {
    await poolable(bench, 'k49', 5);
    const id = await pool(bench, 'k49');
    // Not pooled yet: the type has none of this kind to give.
    expect((await quotaOf(bench, id, 'k49', 1)).problem).toMatchObject({ code: 'REFUSED', rule: 'LMP-2.3' });
    await convert(bench, 'k49-OEM');
    expect((await key(bench, id, 'k49', 'k49', 1)).problem).toMatchObject({ code: 'REFUSED', rule: 'LMP-2.4' });
    expect((await quotaOf(bench, id, 'k49', 1)).status).toBe(200);
    expect((await key(bench, id, 'k49', 'k49', 1)).status).toBe(200);
  }),
  'LMP-4.10': SHARED,
  'LMP-4.11': http(async (bench) => {
    await pooled(bench, 'k411', 5, 'Standard');
    const refused = await quotaOf(bench, await pool(bench, 'k411', 'OEM'), 'k411', 1);
    expect(refused.problem).toMatchObject({ code: 'REFUSED', rule: 'LMP-2.3' });
    expect((await quotaOf(bench, await pool(bench, 'k411-s', 'Standard'), 'k411', 1)).status).toBe(200);
  }),
  'LMP-4.12': KEYS,
  'LMP-4.13': APPLIED,
  'LMP-4.14': faqOfKeys('4.14'),
  'LMP-4.15': KEYS,
  'LMP-4.16': KEYS,
  'LMP-4.17': KEYS,
  'LMP-P1': APPLIED,
};
