import { decide, readCase, TermsError } from '@leasehold/terms';
import { expect, test } from 'vitest';

const license = {
  id: 'L1',
  type: 'server',
  kind: 'commercial',
  companyId: null,
  assignedTo: null,
  validUntil: '2026-12-31',
  autoRenew: false,
};

function given(change: object = {}): object {
  return {
    profile: 'msp',
    now: '2026-06-15T10:00:00Z',
    instances: [{ id: 'i1', companyId: 'acme', os: 'linux' }],
    licenses: [license],
    ...change,
  };
}

const buy = { action: 'license.buy', type: 'server', quantity: 1 };
const required = { action: 'license.required_quantity', type: 'server', until: '2026-07-31' };

/** What is wrong, and the code and the path that say so. */
const wrong: readonly (readonly [what: string, given: object, when: object, code: string, path: string])[] = [
  ['no instance', given(), { action: 'backup' }, 'INPUT_INVALID', 'when.instance'],
  ['an unknown instance', given(), { action: 'backup', instance: 'i9' }, 'UNKNOWN_ID', 'when.instance'],
  [
    'an unknown license',
    given(),
    { action: 'license.assign', instance: 'i1', license: 'L9' },
    'UNKNOWN_ID',
    'when.license',
  ],
  ['an action of another profile', given(), { action: 'pool.totals' }, 'UNKNOWN_ACTION', 'when.action'],
  ['a quantity in words', given(), { ...buy, quantity: 'five' }, 'INPUT_INVALID', 'when.quantity'],
  ['no quantity', given(), { action: 'license.buy', type: 'server' }, 'INPUT_INVALID', 'when.quantity'],
  ['add-ons as a text', given(), { ...buy, addOns: 'onboarding' }, 'INPUT_INVALID', 'when.addOns'],
  ['an add-on that is no text', given(), { ...buy, addOns: [7] }, 'INPUT_INVALID', 'when.addOns[0]'],
  ['an unknown payment mode', given(), { ...buy, paymentMode: 'weekly' }, 'INPUT_INVALID', 'when.paymentMode'],
  ['a day that does not exist', given(), { ...required, until: '2026-02-30' }, 'INPUT_INVALID', 'when.until'],
  [
    'an unknown filter value',
    given(),
    { action: 'license.list', filters: { validity: 'soon' } },
    'INPUT_INVALID',
    'when.filters.validity',
  ],
  ['filters as a list', given(), { action: 'license.list', filters: [] }, 'INPUT_INVALID', 'when.filters'],
  ['types that are no texts', given(), { action: 'license.groups', types: [null] }, 'INPUT_INVALID', 'when.types[0]'],
  [
    'a license without its last day',
    given({ licenses: [{ ...license, validUntil: null }] }),
    buy,
    'FACTS_INVALID',
    'given.licenses[0].validUntil',
  ],
  [
    'a license that does not say whether it renews itself',
    given({ licenses: [{ ...license, autoRenew: undefined }] }),
    buy,
    'FACTS_INVALID',
    'given.licenses[0].autoRenew',
  ],
  ['two licenses of one id', given({ licenses: [license, license] }), buy, 'DUPLICATE_ID', 'given.licenses[1].id'],
  [
    'a number of purchases below zero',
    given({ account: { purchases: -1 } }),
    buy,
    'FACTS_INVALID',
    'given.account.purchases',
  ],
  [
    'a zone that does not exist',
    given({ account: { timeZone: 'Mars/Olympus' } }),
    buy,
    'FACTS_INVALID',
    'given.account.timeZone',
  ],
];

test.each(wrong)('%s', (_what, facts, when, code, path) => {
  const read = (): unknown => readCase({ given: facts, when });
  expect(read).toThrow(TermsError);
  expect(read).toThrow(expect.objectContaining({ code, path }));
});

test('what was read is judged', () => {
  const { facts, request } = readCase({ given: given(), when: buy });
  expect(decide(facts, request).reason_rule).toBe('MSP-11');
});
