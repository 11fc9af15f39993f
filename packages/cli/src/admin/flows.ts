import { inventoryBody } from '../inventory/admin-body.js';
import { SOURCE_OPTIONS } from '../inventory/sources.js';
import { readJsonFile } from '../read-file.js';
import type { Option } from '../command.js';
import { filter, nothing, one, type Flow } from './flow.js';
import { ENROLLMENT_FLOWS } from './enrollment-flows.js';
import { LICENSE_FLOWS } from './license-flows.js';
import { MACHINE_FLOWS } from './machine-flows.js';
import { CATALOG_FLOWS } from './catalog-flows.js';
import { DELIVERY_FLOWS } from './delivery-flows.js';
import { OPERATION_FLOWS } from './operation-flows.js';
import { ORDER_FLOWS } from './order-flows.js';
import { TECHNICIAN_FLOWS } from './technician-flows.js';
import { membersOf, readCals, readCount, rowsOfFile } from './values.js';

const FILE = { file: { what: 'JSON array of the rows', value: 'FILE', required: true } } satisfies Record<
  string,
  Option
>;
/** The whole of it, so that a kind left out gets none; nothing typed would take all away. */
const QUOTA = {
  quota: { what: 'Licenses by kind; a kind left out gets none', value: 'KIND=N', many: true, required: true },
} satisfies Record<string, Option>;

/** Every flow of the console, by the words after `leasehold admin`. */
export const FLOWS: Readonly<Record<string, Flow>> = {
  ...DELIVERY_FLOWS,
  ...ENROLLMENT_FLOWS,
  ...OPERATION_FLOWS,
  ...ORDER_FLOWS,
  me: { summary: 'Whose token this is', route: 'me' },
  overview: { summary: 'Health at a glance', route: 'overview' },
  ...LICENSE_FLOWS,
  pools: { summary: 'List pooled licenses, pools and keys', route: 'pools' },
  'pool-license create': {
    summary: 'Bring poolable licenses in',
    route: 'poolLicensesCreate',
    options: FILE,
    body: async (given) => ({ licenses: await rowsOfFile(given) }),
  },
  'pool-license convert': {
    summary: 'Add it to the pool of its type; this cannot be undone',
    route: 'poolConvert',
    ...one('license'),
    options: { confirm: { what: 'The name of the license again', value: 'NAME' } },
    body: (given) => membersOf(given, { confirmName: 'confirm' }),
  },
  'pool create': {
    summary: 'Create a License Pool',
    route: 'poolCreate',
    options: { name: { what: 'Its name', value: 'NAME' }, type: { what: 'OEM or Standard', value: 'TYPE' } },
    body: (given) => membersOf(given, { name: 'name', type: 'type' }),
  },
  'pool quota': {
    summary: 'Set the quota of a pool',
    route: 'poolSetQuota',
    ...one('pool'),
    options: QUOTA,
    body: (given) => ({ quota: readCals(given) }),
  },
  'key create': {
    summary: 'Create a Pool Key; shows it this once',
    route: 'poolKeyCreate',
    ...one('pool'),
    options: { name: { what: 'Licensee name', value: 'NAME', required: true }, ...QUOTA },
    body: (given) => ({
      licenseeName: given.get('name'),
      quota: given.has('quota') ? readCals(given) : null,
    }),
  },
  'key quota': {
    summary: 'Set the quota of a Pool Key',
    route: 'poolKeySetQuota',
    ...one('key'),
    options: QUOTA,
    body: (given) => ({ quota: readCals(given) }),
  },
  'key renewing': {
    summary: 'Go on renewing the lease of a Pool Key; with --stop no more',
    route: 'poolKeySetRenewing',
    ...one('key'),
    options: { stop: { what: 'Its server runs on to the end of its lease' } },
    body: (given) => ({ renewing: !given.has('stop') }),
  },
  'key deactivate': {
    summary: 'Take back a Pool Key whose lease has ended',
    route: 'poolKeyDeactivate',
    ...one('key'),
    body: nothing,
  },
  'key delete': { summary: 'Delete a Pool Key', route: 'poolKeyDelete', ...one('key') },
  machines: {
    summary: 'List machines and hosts',
    route: 'machines',
    options: filter('sort', 'search', 'company', 'status', 'mark'),
  },
  ...MACHINE_FLOWS,
  advise: {
    summary: 'What would a change need? FILE holds {given, when}',
    route: 'advise',
    options: FILE,
    body: async (given) => (await readJsonFile(given.get('file') ?? '')) as object,
  },
  'inventory report': {
    summary: 'Report hosts and their guests',
    route: 'inventoryReport',
    options: {
      file: { ...FILE.file, required: false },
      ...SOURCE_OPTIONS,
      product: { what: 'With --from: the product whose agents run in the guests', value: 'NAME' },
    },
    body: inventoryBody,
  },
  'host forget': {
    summary: 'Forget a host that is gone for good; --dry-run names its guests and what becomes of them',
    route: 'hostForget',
    ...one('host'),
  },
  ...CATALOG_FLOWS,
  ...TECHNICIAN_FLOWS,
  refusals: { summary: 'List the last refusals', route: 'refusals', options: filter() },
  usage: {
    summary: 'Usage by machine and month',
    route: 'usage',
    options: { month: { what: 'The month', value: 'YYYY-MM' } },
  },
  'usage seats': { summary: 'Seats owned and used on each of the last 90 days', route: 'seatHistory' },
  journal: { summary: 'The journal', route: 'journal', options: filter() },
  tokens: { summary: 'List tokens', route: 'tokens' },
  'token create': {
    summary: 'Create a token and its connection string; shows them this once',
    route: 'tokenCreate',
    options: {
      name: { what: 'Whose it is', value: 'NAME', required: true },
      role: { what: 'owner, operator or viewer', value: 'ROLE', required: true },
      company: { what: 'Acts for this company and all below it (the whole account)', value: 'ID' },
      days: { what: 'How long it is valid (90)', value: 'DAYS' },
    },
    body: (given) => ({
      ...membersOf(given, { name: 'name', role: 'role', companyId: 'company' }),
      validDays: readCount(given, 'days', 90),
    }),
  },
  'token rotate': {
    summary: 'Renew your own token; shows the new one this once',
    route: 'tokenRotate',
    options: { overlap: { what: 'Hours until the old one ends (24)', value: 'HOURS' } },
    body: (given) => ({ overlapHours: readCount(given, 'overlap', 24) }),
  },
  'token revoke': { summary: 'Revoke a token', route: 'tokenRevoke', ...one('token') },
};
