import { decide, readCase, TermsError } from '@leasehold/terms';
import { expect, test } from 'vitest';

const license = {
  id: 'A',
  type: 'OEM',
  purchase: 'purchased',
  state: 'pooled',
  cals: { obm: 100 },
  freeUpgradeUntil: '2027-06-30',
  appliedTo: null,
  pooledAt: '2026-05-01T00:00:00Z',
};
const pool = { id: 'P1', name: 'P1', type: 'OEM', quota: { obm: 20 } };

function given(change: object = {}): object {
  return { profile: 'lmp', now: '2026-06-15T10:00:00Z', licenses: [license], pools: [pool], ...change };
}

const setQuota = { action: 'pool.set_quota', pool: 'P1', quota: { obm: 1 } };
const create = { action: 'key.create', pool: 'P1', licenseeName: 'K1', quota: { obm: 1 } };

/** What is wrong, and the code and the path that say so. */
const wrong: readonly (readonly [what: string, given: object, when: object, code: string, path: string])[] = [
  ['an unknown pool', given(), { ...setQuota, pool: 'P9' }, 'UNKNOWN_ID', 'when.pool'],
  ['a quota below zero', given(), { ...setQuota, quota: { obm: -1 } }, 'INPUT_INVALID', 'when.quota.obm'],
  ['half a client', given(), { ...setQuota, quota: { obm: 0.5 } }, 'INPUT_INVALID', 'when.quota.obm'],
  ['a quota as a number', given(), { ...setQuota, quota: 20 }, 'INPUT_INVALID', 'when.quota'],
  ['no quota to set', given(), { action: 'pool.set_quota', pool: 'P1' }, 'INPUT_INVALID', 'when.quota'],
  ['a key quota in words', given(), { ...create, quota: { obm: 'ten' } }, 'INPUT_INVALID', 'when.quota.obm'],
  ['a type that there is not', given(), { action: 'pool.totals', type: 'Gold' }, 'INPUT_INVALID', 'when.type'],
  ['an unknown key', given(), { action: 'key.view', key: 'K9' }, 'UNKNOWN_ID', 'when.key'],
  ['no server', given(), { action: 'server.status' }, 'INPUT_INVALID', 'when.server'],
  [
    'a confirmation in words',
    given(),
    { action: 'pool.convert', license: 'A', confirm: 'yes' },
    'INPUT_INVALID',
    'when.confirm',
  ],
  [
    'a renewal until no day',
    given(),
    { action: 'maintenance.renew', license: 'A', until: 'next year' },
    'INPUT_INVALID',
    'when.until',
  ],
  [
    'a license without a Free Upgrade Until',
    given({ licenses: [{ ...license, freeUpgradeUntil: null }] }),
    setQuota,
    'FACTS_INVALID',
    'given.licenses[0].freeUpgradeUntil',
  ],
  [
    'CALs below zero',
    given({ licenses: [{ ...license, cals: { obm: -5 } }] }),
    setQuota,
    'FACTS_INVALID',
    'given.licenses[0].cals.obm',
  ],
  [
    'a server on a license that was pooled nobody knows when',
    given({ licenses: [{ ...license, appliedTo: 'cbs1', pooledAt: null }] }),
    setQuota,
    'FACTS_INVALID',
    'given.licenses[0].pooledAt',
  ],
  ['two pools of one id', given({ pools: [pool, pool] }), setQuota, 'DUPLICATE_ID', 'given.pools[1].id'],
];

test.each(wrong)('%s', (_what, facts, when, code, path) => {
  const read = (): unknown => readCase({ given: facts, when });
  expect(read).toThrow(TermsError);
  expect(read).toThrow(expect.objectContaining({ code, path }));
});

test('an empty form is an answer of the rules, not an error', () => {
  const empty = { action: 'key.create', pool: null, licenseeName: null, quota: null };
  const { facts, request } = readCase({ given: given(), when: empty });
  expect(decide(facts, request)).toEqual({ decision: 'refuse', reason_rule: 'LMP-1.4', code: 'NO_POOL' });
});
