import type { Catalog, Citation, Rule } from '../catalog.js';
import { common, expiresSoon, leaseGate, notes, policy, sources } from './defaults.js';

/** Pooled licenses, pools and pool keys. The order of the rows is that of rules 1.5. */

const page = (section: string, lines: string): Citation => ({ source: 'pools', section, lines });
const field = (section: string): Citation => ({ source: 'field', section });

/** Days from the last contact of a key with the license server to the end of its lease. */
const LEASE_DAYS = 14;
/** Days from today that the Expiry Date of a key shows. */
const EXPIRY_DAYS = 14;
const CHANGES = ['pool.create', 'pool.set_quota', 'pool.convert', 'key.create', 'key.set_quota'] as const;
const STATUS = ['server.status', 'backup'] as const;

const portal: readonly Rule[] = [
  { id: 'LMP-1.7', kind: 'portal.locked', on: CHANGES, cite: page('1', '90'), code: 'PORTAL_LOCKED' },
  {
    id: 'LMP-1.7',
    kind: 'portal.sign-in-locked',
    on: ['portal.login'],
    cite: page('1', '90'),
    code: 'PORTAL_LOCKED',
    warning: 'READ_ONLY_UNTIL_RENEWED',
  },
  { id: 'LMP-1.7', kind: 'portal.sign-in', on: ['portal.login'], cite: page('1', '90') },
  { id: 'F-11', kind: 'maintenance.not-later', on: ['maintenance.renew'], cite: field('F-11'), code: 'DATE_NOT_LATER' },
  { id: 'F-11', kind: 'maintenance.renewed', on: ['maintenance.renew'], cite: field('F-11') },
];

const dates = { lowers: 'LOWERS_FREE_UPGRADE_UNTIL', soon: 'EXPIRES_SOON' };

const convert: readonly Rule[] = [
  { id: 'LMP-4.6', kind: 'convert.again', on: ['pool.convert'], cite: page('4.6', '220-222'), code: 'IRREVERSIBLE' },
  {
    id: 'LMP-4.2',
    kind: 'convert.metered',
    on: ['pool.convert'],
    cite: page('4.2', '194-196'),
    code: 'METERED_NOT_POOLABLE',
  },
  { id: 'LMP-1.5', kind: 'convert.too-late', on: ['pool.convert'], cite: page('1', '90'), code: 'MAINTENANCE_EXPIRED' },
  {
    id: 'LMP-3.1',
    kind: 'convert.unconfirmed',
    on: ['pool.convert'],
    cite: page('3', '141-145'),
    code: 'CONFIRM_IRREVERSIBLE',
  },
  {
    id: 'LMP-3.2',
    kind: 'convert.in-use',
    on: ['pool.convert'],
    cite: page('3', '147'),
    warning: 'CREATE_POOL_KEY_WITHIN_14_DAYS',
    ...dates,
  },
  { id: 'LMP-1.5', kind: 'convert.dated', on: ['pool.convert'], cite: page('1', '90, 287-303'), ...dates },
  { id: 'LMP-1.1', kind: 'open', on: ['pool.convert'], cite: page('1', '78') },
  { id: 'LMP-4.6', kind: 'convert.undo', on: ['pool.unconvert'], cite: page('4.6', '220-222'), code: 'IRREVERSIBLE' },
];

const pools: readonly Rule[] = [
  { id: 'LMP-1.2', kind: 'pool.totals', on: ['pool.totals'], cite: page('1', '80-83'), kinds: ['obm', 'acb'] },
  { id: 'LMP-4.11', kind: 'pool.mixed', on: ['pool.allocate'], cite: page('4.11', '247-254'), code: 'TYPE_MIXED' },
  { id: 'LMP-4.11', kind: 'open', on: ['pool.allocate'], cite: page('4.11', '247-254') },
  { id: 'LMP-3.3', kind: 'pool.unnamed', on: ['pool.create'], cite: page('3', '149-153'), code: 'POOL_NAME_AND_TYPE' },
  {
    id: 'LMP-2.3',
    kind: 'pool.over-total',
    on: ['pool.create', 'pool.set_quota'],
    cite: page('2', '122-127'),
    code: 'POOL_QUOTA_EXCEEDS_TOTAL',
    mixing: 'LMP-4.11',
  },
  {
    id: 'LMP-2.4',
    kind: 'pool.below-keys',
    on: ['pool.set_quota'],
    cite: page('2', '128-134'),
    code: 'KEY_QUOTA_EXCEEDS_POOL',
  },
  { id: 'LMP-3.3', kind: 'open', on: ['pool.create'], cite: page('3', '149-153') },
  { id: 'LMP-3.4', kind: 'open', on: ['pool.set_quota'], cite: page('3', '157') },
];

const keys: readonly Rule[] = [
  { id: 'LMP-1.4', kind: 'key.no-pool', on: ['key.create'], cite: page('1', '84-86'), code: 'NO_POOL' },
  {
    id: 'LMP-4.15',
    kind: 'key.name',
    on: ['key.create'],
    cite: page('4.15', '277-279'),
    code: 'LICENSEE_NAME',
    pattern: '[A-Za-z0-9_-]+',
  },
  { id: 'LMP-3.5', kind: 'key.no-quota', on: ['key.create'], cite: page('3', '165-171'), code: 'QUOTA_REQUIRED' },
  {
    id: 'LMP-2.4',
    kind: 'key.over-pool',
    on: ['key.create', 'key.set_quota'],
    cite: page('2', '128-134'),
    code: 'KEY_QUOTA_EXCEEDS_POOL',
  },
  { id: 'LMP-3.5', kind: 'key.created', on: ['key.create'], cite: page('3', '165-171'), expiryDays: EXPIRY_DAYS },
  { id: 'LMP-3.10', kind: 'key.below-use', on: ['key.set_quota'], cite: page('3', '181'), warning: 'OVER_QUOTA' },
  { id: 'LMP-3.10', kind: 'open', on: ['key.set_quota'], cite: page('3', '181') },
  { id: 'LMP-4.16', kind: 'key.shown', on: ['key.view'], cite: page('4.16', '282-284'), expiryDays: EXPIRY_DAYS },
  {
    id: 'LMP-4.13',
    kind: 'key.too-young',
    on: ['key.delete'],
    cite: page('4.13', '262-269'),
    code: 'KEY_IN_USE_14_DAYS',
    days: 14,
  },
  {
    id: 'LMP-4.13',
    kind: 'key.lease-live',
    on: ['key.delete'],
    cite: page('4.13', '262-269'),
    code: 'KEY_LEASE_LIVE',
    leaseDays: LEASE_DAYS,
  },
  { id: 'LMP-4.13', kind: 'open', on: ['key.delete'], cite: page('4.13', '262-269') },
  {
    id: 'LMP-4.13',
    kind: 'key.taken-back',
    on: ['key.deactivate'],
    cite: page('4.13', '262-269'),
    code: 'KEY_LEASE_LIVE',
    leaseDays: LEASE_DAYS,
  },
  { id: 'LMP-4.13', kind: 'key.deactivated', on: ['key.deactivate'], cite: page('4.13', '262-269') },
  {
    id: 'F-12',
    kind: 'key.runs-out',
    on: ['key.stop_renewing'],
    cite: field('F-12'),
    warning: 'LEASE_ENDS',
    leaseDays: LEASE_DAYS,
  },
  { id: 'F-12', kind: 'open', on: ['key.stop_renewing'], cite: field('F-12') },
];

const apply: readonly Rule[] = [
  { id: 'LMP-4.14', kind: 'apply.offline', on: ['key.apply'], cite: page('4.14', '272-274'), code: 'ONLINE_REQUIRED' },
  {
    id: 'LMP-4.8',
    kind: 'apply.old-server',
    on: ['key.apply'],
    cite: page('4.8', '230-232'),
    code: 'SERVER_TOO_OLD',
    lowestVersion: 7,
  },
  {
    id: 'LMP-P1',
    kind: 'apply.key-elsewhere',
    on: ['key.apply'],
    cite: { source: 'public', section: 'Manage License' },
    code: 'KEY_IN_USE',
  },
  {
    id: 'LMP-4.9',
    kind: 'apply.of-nothing',
    on: ['key.apply'],
    cite: page('4.9', '235-239'),
    code: 'NO_POOLED_LICENSE',
  },
  {
    id: 'LMP-1.6',
    kind: 'apply.past-maintenance',
    on: ['key.apply'],
    cite: page('1', '90'),
    code: 'MAINTENANCE_EXPIRED',
  },
  { id: 'LMP-3.9', kind: 'apply.done', on: ['key.apply'], cite: page('2', '98, 135'), expiryDays: EXPIRY_DAYS },
  {
    id: 'LMP-4.4',
    kind: 'apply.pooled',
    on: ['license.apply'],
    cite: page('4.4', '206-212'),
    code: 'POOLED_NOT_APPLICABLE',
    freshInstall: true,
  },
  {
    id: 'LMP-4.3',
    kind: 'apply.pooled',
    on: ['license.apply'],
    cite: page('4.3', '199-203'),
    code: 'POOLED_NOT_APPLICABLE',
    freshInstall: false,
  },
  {
    id: 'LMP-P1',
    kind: 'apply.license-elsewhere',
    on: ['license.apply'],
    cite: { source: 'public', section: 'Manage License' },
    code: 'KEY_IN_USE',
  },
  { id: 'LMP-4.1', kind: 'open', on: ['license.apply'], cite: page('4.1', '189-191') },
];

const servers: readonly Rule[] = [
  {
    id: 'LMP-4.5',
    kind: 'server.pooled-grace',
    on: STATUS,
    cite: page('4.5', '215-217'),
    code: 'STOPPED_POOLED',
    warning: 'POOLED_GRACE',
  },
  { id: 'LMP-4.1', kind: 'server.poolable', on: STATUS, cite: page('4.1', '189-191') },
  {
    id: 'LMP-3.9',
    kind: 'server.nothing',
    on: [...STATUS, 'server.effective_quota'],
    cite: page('3', '179'),
    edition: 'pool_key',
  },
  {
    id: 'LMP-4.16',
    kind: 'server.lease-lapsed',
    on: STATUS,
    cite: page('4.16', '282-284'),
    code: 'LEASE_EXPIRED',
    leaseDays: LEASE_DAYS,
  },
  { id: 'LMP-4.9', kind: 'server.of-nothing', on: STATUS, cite: page('4.9', '235-239'), code: 'NO_POOLED_LICENSE' },
  { id: 'LMP-1.6', kind: 'server.past-maintenance', on: STATUS, cite: page('1', '90'), code: 'MAINTENANCE_EXPIRED' },
  {
    id: 'LMP-4.14',
    kind: 'server.offline',
    on: STATUS,
    cite: page('4.14', '272-274'),
    warning: 'OFFLINE',
    leaseDays: LEASE_DAYS,
  },
  { id: 'LMP-1.6', kind: 'server.runs', on: STATUS, cite: page('1', '90') },
  {
    id: 'LMP-3.11',
    kind: 'server.quota',
    on: ['server.effective_quota'],
    cite: page('3', '183'),
    dailyCheck: '08:01',
  },
];

export const lmp: Catalog = {
  id: 'lmp',
  version: '1',
  engine: 1,
  profile: 'lmp',
  sources,
  policy,
  cover: [],
  rules: [
    {
      id: 'D-1',
      kind: 'restore.server',
      on: ['restore'],
      cite: { source: 'defaults', section: 'D-1' },
      warning: 'RESTORE_ONLY',
      asks: 'server.status',
    },
    leaseGate,
    ...portal,
    ...convert,
    ...pools,
    ...keys,
    ...apply,
    ...servers,
    ...common,
  ],
  tempers: [expiresSoon([...STATUS, 'portal.login'])],
  notes: [
    { id: 'LMP-1.3', cite: page('1', '84'), same: 'LMP-4.11' },
    { id: 'LMP-1.5b', cite: page('1', '90, 287-303'), same: 'LMP-1.5' },
    { id: 'LMP-1.8', cite: page('1', '92'), same: 'LMP-3.10' },
    { id: 'LMP-2.1', cite: page('2', '110'), same: 'LMP-1.1' },
    { id: 'LMP-2.2', cite: page('2', '118'), same: 'LMP-4.3' },
    { id: 'LMP-2.5', cite: page('2', '98, 135'), same: 'LMP-3.9' },
    { id: 'LMP-3.6', cite: page('3', '177'), same: 'LMP-4.14' },
    { id: 'LMP-3.7', cite: page('3', '177'), same: 'LMP-4.16' },
    { id: 'LMP-3.8', cite: page('3', '177'), same: 'LMP-4.17' },
    { id: 'LMP-4.7', cite: page('4.7', '225-227'), same: 'LMP-2.4' },
    { id: 'LMP-4.10', cite: page('4.10', '242-244'), same: 'LMP-3.3' },
    { id: 'LMP-4.12', cite: page('4.12', '257-259'), same: 'LMP-2.4' },
    { id: 'LMP-4.17', cite: page('4.17', '287-303'), same: 'LMP-4.16' },
    ...notes,
  ],
};
