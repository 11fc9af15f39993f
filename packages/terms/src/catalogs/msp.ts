import type { Catalog, Citation, Rule } from '../catalog.js';
import { common, expiresSoon, leaseGate, notes, policy, sources } from './defaults.js';

/** Licensing by instance. The order of the rows is that of rules 1.5. */

const page = (lines: string): Citation => ({ source: 'instances', section: 'Manage and Purchase Licenses', lines });
const intro = (lines: string): Citation => ({ source: 'instances', section: 'Manage Licenses', lines });

const backup: readonly Rule[] = [
  leaseGate,
  { id: 'MSP-1', kind: 'instance.covered', on: ['backup'], cite: intro('3') },
  { id: 'MSP-12', kind: 'instance.misfit', on: ['backup'], cite: page('29') },
  { id: 'MSP-1', kind: 'instance.short', on: ['backup'], cite: intro('3') },
];

const assign: readonly Rule[] = [
  { id: 'MSP-2', kind: 'assign.taken', on: ['license.assign'], cite: intro('3'), code: 'ALREADY_ASSIGNED' },
  { id: 'MSP-1', kind: 'assign.past', on: ['license.assign'], cite: intro('3'), code: 'LICENSE_EXPIRED' },
  { id: 'MSP-12', kind: 'assign.misfit', on: ['license.assign'], cite: page('29'), code: 'TYPE_NOT_FOR_OS' },
  { id: 'MSP-4', kind: 'assign.other-company', on: ['license.assign'], cite: intro('5'), code: 'COMPANY_MISMATCH' },
  { id: 'MSP-4', kind: 'assign.given', on: ['license.assign'], cite: intro('5'), from: 'company' },
  { id: 'MSP-3', kind: 'assign.given', on: ['license.assign'], cite: intro('5'), from: 'global' },
];

const pick: readonly Rule[] = [
  { id: 'MSP-4', kind: 'pick.free', on: ['license.pick'], cite: intro('5'), from: 'company' },
  { id: 'MSP-3', kind: 'pick.free', on: ['license.pick'], cite: intro('5'), from: 'global' },
  { id: 'MSP-12', kind: 'pick.misfit', on: ['license.pick'], cite: page('29') },
  { id: 'MSP-4', kind: 'pick.short', on: ['license.pick'], cite: intro('5'), buyer: 'company' },
  { id: 'MSP-2', kind: 'pick.short', on: ['license.pick'], cite: intro('3'), buyer: 'instance' },
];

const licensesPage: readonly Rule[] = [
  { id: 'MSP-5', kind: 'console.required', on: ['license.required_quantity'], cite: page('11') },
  { id: 'MSP-7', kind: 'console.list', on: ['license.list'], cite: page('15-20') },
  { id: 'MSP-10', kind: 'console.groups', on: ['license.groups'], cite: page('25'), neverRequested: true },
  { id: 'MSP-8', kind: 'console.groups', on: ['license.groups'], cite: page('21'), neverRequested: false },
  {
    id: 'MSP-9',
    kind: 'buy.order',
    on: ['license.buy'],
    cite: page('22-23'),
    addOns: ['premium_support', 'onboarding'],
  },
  { id: 'MSP-11', kind: 'buy.payment', on: ['license.buy'], cite: page('27') },
  { id: 'MSP-9', kind: 'open', on: ['license.buy'], cite: page('22-23') },
];

export const msp: Catalog = {
  id: 'msp',
  version: '1',
  engine: 1,
  profile: 'msp',
  sources,
  policy,
  instanceTypes: {
    byOs: { windows_client: 'desktop', macos: 'desktop' },
    otherwise: 'server',
    only: { macos: ['desktop', 'server'], linux: ['desktop', 'server'] },
  },
  cover: [],
  rules: [
    {
      id: 'D-1',
      kind: 'restore.instance',
      on: ['restore'],
      cite: { source: 'defaults', section: 'D-1' },
      warning: 'RESTORE_ONLY',
    },
    ...backup,
    ...assign,
    ...pick,
    ...licensesPage,
    ...common,
  ],
  tempers: [expiresSoon(['backup'])],
  notes: [
    { id: 'MSP-6', cite: page('13-14') },
    { id: 'MSP-7.1', cite: page('16'), same: 'MSP-7' },
    { id: 'MSP-7.2', cite: page('17'), same: 'MSP-7' },
    { id: 'MSP-7.3', cite: page('18'), same: 'MSP-7' },
    { id: 'MSP-7.4', cite: page('19'), same: 'MSP-7' },
    { id: 'MSP-7.5', cite: page('20'), same: 'MSP-7' },
    { id: 'MSP-P1', cite: { source: 'public', section: 'Renew Licenses' }, same: 'D-2' },
    ...notes,
  ],
};
