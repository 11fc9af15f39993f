import type { ByAction, Catalog, Rule } from '../catalog.js';
import { common, expiresSoon, leaseGate, policy, shortage } from './defaults.js';

/** Pooled licenses, pools and pool keys. The order of the rows is that of rules 1.5. */

/** Days from the last contact of a key with the license server to the end of its lease. */
const leaseDays = 14;
/** Days from today that the Expiry Date of a key shows. */
const expiryDays = 14;

/** Before every change of the console. */
const locked: Rule = { id: 'LMP-1.7', kind: 'portal.locked', code: 'PORTAL_LOCKED' };
const overTotal: Rule = {
  id: 'LMP-2.3',
  kind: 'pool.over-total',
  code: 'POOL_QUOTA_EXCEEDS_TOTAL',
  mixing: 'LMP-4.11',
};
const overPool: Rule = { id: 'LMP-2.4', kind: 'key.over-pool', code: 'KEY_QUOTA_EXCEEDS_POOL' };
const dates = { lowers: 'LOWERS_FREE_UPGRADE_UNTIL', soon: 'EXPIRES_SOON' };

const pools: ByAction<Rule> = {
  'pool.convert': [
    locked,
    { id: 'LMP-4.6', kind: 'convert.again', code: 'IRREVERSIBLE' },
    { id: 'LMP-4.2', kind: 'convert.metered', code: 'METERED_NOT_POOLABLE' },
    { id: 'LMP-1.5', kind: 'convert.too-late', code: 'MAINTENANCE_EXPIRED' },
    { id: 'LMP-3.1', kind: 'convert.unconfirmed', code: 'CONFIRM_IRREVERSIBLE' },
    { id: 'LMP-3.2', kind: 'convert.in-use', warning: 'CREATE_POOL_KEY_WITHIN_14_DAYS', ...dates },
    { id: 'LMP-1.5', kind: 'convert.dated', ...dates },
    { id: 'LMP-1.1', kind: 'open' },
  ],
  'pool.unconvert': [{ id: 'LMP-4.6', kind: 'convert.undo', code: 'IRREVERSIBLE' }],
  'pool.totals': [{ id: 'LMP-1.2', kind: 'pool.totals', kinds: ['obm', 'acb'] }],
  'pool.allocate': [
    { id: 'LMP-4.11', kind: 'pool.mixed', code: 'TYPE_MIXED' },
    { id: 'LMP-4.11', kind: 'open' },
  ],
  'pool.create': [
    locked,
    { id: 'LMP-3.3', kind: 'pool.unnamed', code: 'POOL_NAME_AND_TYPE' },
    overTotal,
    { id: 'LMP-3.3', kind: 'open' },
  ],
  'pool.set_quota': [
    locked,
    overTotal,
    { id: 'LMP-2.4', kind: 'pool.below-keys', code: 'KEY_QUOTA_EXCEEDS_POOL' },
    { id: 'LMP-3.4', kind: 'open' },
  ],
};

const keys: ByAction<Rule> = {
  'key.create': [
    locked,
    { id: 'LMP-1.4', kind: 'key.no-pool', code: 'NO_POOL' },
    { id: 'LMP-4.15', kind: 'key.name', code: 'LICENSEE_NAME', pattern: '[A-Za-z0-9_-]+' },
    { id: 'LMP-3.5', kind: 'key.no-quota', code: 'QUOTA_REQUIRED' },
    overPool,
    { id: 'LMP-3.5', kind: 'key.created', expiryDays },
  ],
  'key.set_quota': [
    locked,
    overPool,
    { id: 'LMP-3.10', kind: 'key.below-use', warning: 'OVER_QUOTA' },
    { id: 'LMP-3.10', kind: 'open' },
  ],
  'key.view': [{ id: 'LMP-4.16', kind: 'key.shown', expiryDays }],
  'key.delete': [
    { id: 'LMP-4.13', kind: 'key.too-young', code: 'KEY_IN_USE_14_DAYS', days: 14 },
    { id: 'LMP-4.13', kind: 'key.lease-live', code: 'KEY_LEASE_LIVE', leaseDays },
    { id: 'LMP-4.13', kind: 'open' },
  ],
  'key.deactivate': [
    { id: 'LMP-4.13', kind: 'key.taken-back', code: 'KEY_LEASE_LIVE', leaseDays },
    { id: 'LMP-4.13', kind: 'key.deactivated' },
  ],
  'key.stop_renewing': [
    { id: 'F-12', kind: 'key.runs-out', warning: 'LEASE_ENDS', leaseDays },
    { id: 'F-12', kind: 'open' },
  ],
  'key.apply': [
    { id: 'LMP-4.14', kind: 'apply.offline', code: 'ONLINE_REQUIRED' },
    { id: 'LMP-4.8', kind: 'apply.old-server', code: 'SERVER_TOO_OLD', lowestVersion: 7 },
    { id: 'LMP-P1', kind: 'apply.key-elsewhere', code: 'KEY_IN_USE' },
    { id: 'LMP-4.9', kind: 'apply.of-nothing', code: 'NO_POOLED_LICENSE' },
    { id: 'LMP-1.6', kind: 'apply.past-maintenance', code: 'MAINTENANCE_EXPIRED' },
    { id: 'LMP-3.9', kind: 'apply.done', expiryDays },
  ],
  'license.apply': [
    { id: 'LMP-4.4', kind: 'apply.pooled', code: 'POOLED_NOT_APPLICABLE', freshInstall: true },
    { id: 'LMP-4.3', kind: 'apply.pooled', code: 'POOLED_NOT_APPLICABLE', freshInstall: false },
    { id: 'LMP-P1', kind: 'apply.license-elsewhere', code: 'KEY_IN_USE' },
    { id: 'LMP-4.1', kind: 'open' },
  ],
};

const noKey: Rule = { id: 'LMP-3.9', kind: 'server.nothing', edition: 'pool_key' };

/** A job asks what the console shows: does this server run? */
const status: readonly Rule[] = [
  { id: 'LMP-4.5', kind: 'server.pooled-grace', code: 'STOPPED_POOLED', warning: 'POOLED_GRACE' },
  { id: 'LMP-4.1', kind: 'server.poolable' },
  noKey,
  { id: 'LMP-4.16', kind: 'server.lease-lapsed', code: 'LEASE_EXPIRED', leaseDays },
  { id: 'LMP-4.9', kind: 'server.of-nothing', code: 'NO_POOLED_LICENSE' },
  { id: 'LMP-1.6', kind: 'server.past-maintenance', code: 'MAINTENANCE_EXPIRED' },
  { id: 'LMP-4.14', kind: 'server.offline', warning: 'OFFLINE', leaseDays },
  { id: 'LMP-1.6', kind: 'server.runs' },
];

export const lmp: Catalog = {
  id: 'lmp',
  version: '1',
  engine: 1,
  profile: 'lmp',
  policy,
  cover: [],
  rules: {
    restore: [{ id: 'D-1', kind: 'restore.server', warning: 'RESTORE_ONLY', asks: 'server.status' }],
    backup: [leaseGate, ...status],
    'server.status': status,
    'server.effective_quota': [noKey, { id: 'LMP-3.11', kind: 'server.quota', dailyCheck: '08:01' }],
    'portal.login': [
      { id: 'LMP-1.7', kind: 'portal.sign-in-locked', code: 'PORTAL_LOCKED', warning: 'READ_ONLY_UNTIL_RENEWED' },
      { id: 'LMP-1.7', kind: 'portal.sign-in' },
    ],
    'maintenance.renew': [
      { id: 'F-11', kind: 'maintenance.not-later', code: 'DATE_NOT_LATER' },
      { id: 'F-11', kind: 'maintenance.renewed' },
    ],
    ...pools,
    ...keys,
    ...common,
  },
  tempers: { backup: [shortage, expiresSoon], 'server.status': [expiresSoon], 'portal.login': [expiresSoon] },
};
