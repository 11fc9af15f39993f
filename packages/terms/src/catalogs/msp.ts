import type { Catalog } from '../catalog.js';
import { common, expiresSoon, leaseGate, policy, shortage } from './defaults.js';

/** Licensing by instance. The order of the rows is that of rules 1.5. */
export const msp: Catalog = {
  id: 'msp',
  version: '1',
  engine: 1,
  profile: 'msp',
  policy,
  instanceTypes: {
    byOs: { windows_client: 'desktop', macos: 'desktop' },
    otherwise: 'server',
    only: { macos: ['desktop', 'server'], linux: ['desktop', 'server'] },
  },
  cover: [],
  rules: {
    restore: [{ id: 'D-1', kind: 'restore.instance', warning: 'RESTORE_ONLY' }],
    backup: [
      leaseGate,
      { id: 'MSP-1', kind: 'instance.covered' },
      { id: 'MSP-12', kind: 'instance.misfit' },
      { id: 'MSP-1', kind: 'instance.short' },
    ],
    'license.assign': [
      { id: 'MSP-2', kind: 'assign.taken', code: 'ALREADY_ASSIGNED' },
      { id: 'MSP-1', kind: 'assign.past', code: 'LICENSE_EXPIRED' },
      { id: 'MSP-12', kind: 'assign.misfit', code: 'TYPE_NOT_FOR_OS' },
      { id: 'MSP-4', kind: 'assign.other-company', code: 'COMPANY_MISMATCH' },
      { id: 'MSP-4', kind: 'assign.given', from: 'company' },
      { id: 'MSP-3', kind: 'assign.given', from: 'global' },
    ],
    'license.pick': [
      { id: 'MSP-4', kind: 'pick.free', from: 'company' },
      { id: 'MSP-3', kind: 'pick.free', from: 'global' },
      { id: 'MSP-12', kind: 'pick.misfit' },
      { id: 'MSP-4', kind: 'pick.short', buyer: 'company' },
      { id: 'MSP-2', kind: 'pick.short', buyer: 'instance' },
    ],
    'license.required_quantity': [{ id: 'MSP-5', kind: 'console.required' }],
    'license.list': [{ id: 'MSP-7', kind: 'console.list' }],
    'license.groups': [
      { id: 'MSP-10', kind: 'console.groups', neverRequested: true },
      { id: 'MSP-8', kind: 'console.groups', neverRequested: false },
    ],
    'license.buy': [
      { id: 'MSP-9', kind: 'buy.order', addOns: ['premium_support', 'onboarding'] },
      { id: 'MSP-11', kind: 'buy.payment' },
      { id: 'MSP-9', kind: 'open' },
    ],
    ...common,
  },
  tempers: { backup: [shortage, expiresSoon] },
};
