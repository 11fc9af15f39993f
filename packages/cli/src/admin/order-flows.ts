import { LeaseholdError } from '@leasehold/protocol';
import type { Given } from '../command.js';
import { readJsonFile } from '../read-file.js';
import { filter, nothing, one, type Flow } from './flow.js';
import { membersOf, readCals, readCount } from './values.js';

const COMPANY = { company: { what: 'Whose they are (the global pool)', value: 'ID' } } as const;
const TYPE = { type: { what: 'License type', value: 'TYPE', required: true } } as const;
const PROFILE = { profile: { what: 'msp: of instances (default), aip: of machines', value: 'PROFILE' } } as const;
const QUANTITY = { quantity: { what: 'How many (1)', value: 'N' } } as const;
const PERIODS = { periods: { what: 'Months or years (1)', value: 'N' } } as const;
const REFERENCE = { reference: { what: 'What your books call it', value: 'TEXT' } } as const;
const UNTIL = { until: { what: 'The new Free Upgrade Until', value: 'YYYY-MM-DD', required: true } } as const;

/** Buying, renewing and paying. */
export const ORDER_FLOWS: Readonly<Record<string, Flow>> = {
  orders: { summary: 'List orders', route: 'orders', options: filter('status', 'company', 'kind') },
  order: { summary: 'Show an order', route: 'order', ...one('order') },
  'order create': {
    summary: 'Buy new licenses; they are there when the order is paid',
    route: 'orderCreate',
    options: {
      ...TYPE,
      profile: { what: 'msp: of instances (default), aip: of machines, lmp: of pools', value: 'PROFILE' },
      term: { what: 'Of machines: subscription or perpetual', value: 'TERM' },
      cal: { what: 'Of pools: what each license brings', value: 'KIND=N', many: true },
      quantity: { what: 'How many (of instances as many as are missing today, else 1)', value: 'N' },
      ...PERIODS,
      ...COMPANY,
      'add-on': { what: 'premium_support or onboarding', value: 'NAME', many: true },
      mode: { what: 'monthly or annual, with the first purchase', value: 'MODE' },
      'no-auto-renew': { what: 'Of instances: they end with their last day' },
    },
    body: (given) => ({
      ...membersOf(given, {
        type: 'type',
        profile: 'profile',
        term: 'term',
        companyId: 'company',
        paymentMode: 'mode',
      }),
      ...(given.all('cal').length > 0 ? { cals: readCals(given, 'cal') } : {}),
      ...(given.has('quantity') ? { quantity: readCount(given, 'quantity') } : {}),
      periods: readCount(given, 'periods', 1),
      addOns: given.all('add-on'),
      ...((given.get('profile') ?? 'msp') === 'msp' ? { autoRenew: !given.has('no-auto-renew') } : {}),
    }),
  },
  'order trial': {
    summary: 'Request trial licenses of a type, once',
    route: 'trialRequest',
    options: { ...TYPE, ...PROFILE, ...QUANTITY, ...COMPANY },
    body: (given) => ({
      ...membersOf(given, { type: 'type', profile: 'profile', companyId: 'company' }),
      quantity: readCount(given, 'quantity', 1),
    }),
  },
  'order renew': {
    summary: 'Order the renewal of licenses',
    route: 'renewalCreate',
    options: { license: { what: 'A license', value: 'ID', many: true }, ...PERIODS },
    body: (given) => ({ licenses: given.all('license'), periods: readCount(given, 'periods', 1) }),
  },
  'order link': {
    summary: 'A link at which an order is paid',
    route: 'orderPayLink',
    ...one('order'),
    body: nothing,
  },
  'order paid': {
    summary: 'Mark an invoice paid',
    route: 'orderPay',
    ...one('order'),
    options: REFERENCE,
    body: (given) => membersOf(given, { reference: 'reference' }),
  },
  'order void': { summary: 'Void an order that is not paid', route: 'orderVoid', ...one('order'), body: nothing },
  'order refund': {
    summary: 'Note a full refund and take back what the order brought',
    route: 'orderRefund',
    ...one('order'),
    options: REFERENCE,
    body: (given) => membersOf(given, { reference: 'reference' }),
  },
  'maintenance order': {
    summary: 'Order maintenance of a pool license',
    route: 'maintenanceOrder',
    ...one('license'),
    options: UNTIL,
    body: (given) => membersOf(given, { until: 'until' }),
  },
  'maintenance renew': {
    summary: 'Set a later Free Upgrade Until at once',
    route: 'maintenanceRenew',
    ...one('license'),
    options: UNTIL,
    body: (given) => membersOf(given, { until: 'until' }),
  },
  'license keys': {
    summary: 'Issue license keys, in place of those they had; shows them this once',
    route: 'licenseKeysIssue',
    options: { license: { what: 'A license or Pool Key', value: 'ID', many: true } },
    body: (given) => ({ licenses: given.all('license') }),
  },
  prices: { summary: 'The price list', route: 'prices' },
  'prices set': {
    summary: 'Replace the price list',
    route: 'pricesSet',
    options: { file: { what: 'JSON object: currency, prices', value: 'FILE', required: true } },
    body: priceList,
  },
};

async function priceList(given: Given): Promise<object> {
  const file = given.get('file') ?? '';
  const list = await readJsonFile(file);
  if (typeof list === 'object' && list !== null && !Array.isArray(list)) return list;
  throw new LeaseholdError('INPUT_INVALID', `${file} holds no price list.`, {
    path: 'file',
    remedy: 'Write {"currency": "eur", "prices": [{"item": "license:server", "per": "year", "amount": 12000}]}.',
  });
}
