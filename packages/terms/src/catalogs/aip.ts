import type { Catalog, CoverRule, Rule, TemperRule } from '../catalog.js';
import { itPro, media } from './aip-media.js';
import { activation, copies, migrate } from './aip-moves.js';
import { MEDIA, own, PUT, use } from './aip-sources.js';
import { common, expiresSoon, leaseGate, notes, policy, sources } from './defaults.js';

/** Licensing of machines and hypervisor hosts. The order of the rows is that of rules 1.5. */

const ENTIRE = ['system_image', 'image', 'volume', 'entire_host'] as const;

const cover: readonly CoverRule[] = [
  { id: 'AIP-0.2', kind: 'machine.no-edition', cite: use('7', '102'), code: 'OS_NOT_SUPPORTED' },
  { id: 'AIP-5.4', kind: 'machine.cluster-node', cite: use('5', '77-78'), base: 2, from: 3 },
  { id: 'AIP-8.1', kind: 'guest.on-client', cite: use('8', '99-101') },
  { id: 'AIP-5.3', kind: 'guest.on-hci', cite: use('5', '74-75') },
  { id: 'F-1', kind: 'guest.host-declared', cite: own('F-1') },
  { id: 'AIP-5.7', kind: 'guest.redundant', cite: use('5', '84') },
  { id: 'AIP-6.1', kind: 'guest.on-licensed-host', cite: use('6', '86-88') },
  { id: 'AIP-6.2', kind: 'guest.on-bare-host', cite: use('6', '88') },
  { id: 'AIP-0.2', kind: 'machine.edition-misfit', cite: use('2', '22, 55, 102, 111') },
  { id: 'AIP-2.2', kind: 'machine.superseded', cite: use('2', '27'), term: 'subscription' },
  { id: 'AIP-0.1', kind: 'machine.own-license', cite: use('1', '14, 84, 88') },
];

const backup: readonly Rule[] = [
  leaseGate,
  { id: 'AIP-0.1', kind: 'share.cover', on: ['backup'], cite: use('1', '20-21') },
  {
    id: 'AIP-1.4',
    kind: 'share.edition',
    on: ['backup'],
    cite: use('1', '21'),
    editions: ['desktop', 'linux'],
    code: 'EDITION_EXCLUDES_SHARES',
  },
  {
    id: 'AIP-1.5',
    kind: 'share.scope',
    on: ['backup'],
    cite: use('1', '22'),
    scopes: ['file'],
    code: 'FILE_BACKUP_ONLY',
  },
  { id: 'AIP-1.3', kind: 'share.allowed', on: ['backup'], cite: use('1', '20-21') },
  { id: 'AIP-8.3', kind: 'client-host.machine-only', on: ['backup'], cite: use('8', '103'), scopes: ENTIRE },
  {
    id: 'AIP-8.1',
    kind: 'client-host.guests',
    on: ['backup'],
    cite: use('8', '99-101'),
    scopes: ['guests', ...ENTIRE],
    alone: ['guests'],
  },
  {
    id: 'AIP-8.2',
    kind: 'client-host.system',
    on: ['backup'],
    cite: use('8', '102'),
    scopes: ['host_os', ...ENTIRE],
    alone: ['host_os'],
  },
  { id: 'AIP-7.1', kind: 'hyper-agent.required', on: ['backup'], cite: use('7', '90-92'), code: 'HYPERAGENT_REQUIRED' },
  { id: 'AIP-7.4', kind: 'hyper-agent.idle', on: ['backup'], cite: use('7', '96') },
  { id: 'AIP-7.2', kind: 'hyper-agent.on-licensed-host', on: ['backup'], cite: use('7', '93') },
  { id: 'AIP-7.3', kind: 'hyper-agent.counted', on: ['backup'], cite: use('7', '95') },
  { id: 'AIP-0.1', kind: 'backup.cover', on: ['backup'], cite: use('1', '14') },
];

const coverage: readonly Rule[] = [
  { id: 'AIP-5.3', kind: 'coverage.hci', on: ['coverage.check'], cite: use('5', '74-75') },
  { id: 'AIP-8.1', kind: 'coverage.client-host', on: ['coverage.check'], cite: use('8', '99-101') },
  { id: 'AIP-6.1', kind: 'coverage.host', on: ['coverage.check'], cite: use('6', '86-88') },
  { id: 'AIP-6.2', kind: 'coverage.bare-host', on: ['coverage.check'], cite: use('6', '88') },
  {
    id: 'AIP-5.4',
    kind: 'coverage.cluster',
    on: ['coverage.check'],
    cite: use('5', '77-78'),
    base: 2,
    from: 3,
    foreign: 'AIP-5.5',
  },
  { id: 'AIP-0.1', kind: 'coverage.small-cluster', on: ['coverage.check'], cite: use('5', '77-78') },
  { id: 'AIP-0.1', kind: 'coverage.machine', on: ['coverage.check'], cite: use('1', '14') },
];

/** Cover that a guest has by its host may rest on doubtful facts: then what was asked is told so. */
const BY_HOST = ['backup', 'migrate', 'standby.create'] as const;

const tempers: readonly TemperRule[] = [
  { id: 'F-4', kind: 'field.shortage', on: ['backup'], cite: own('F-4'), warning: 'SHORTAGE_GRACE' },
  { id: 'AIP-2.2', kind: 'field.parallel', on: ['backup'], cite: use('2', '27'), warning: 'PARALLEL_DAYS' },
  { id: 'D-3', kind: 'grade.grace', on: ['backup'], cite: own('D-3'), warning: 'IN_GRACE' },
  expiresSoon(['backup', 'itpro.session.start']),
  { id: 'F-1', kind: 'field.host-declared', on: BY_HOST, cite: own('F-1'), warning: 'HOST_UNVERIFIED' },
  { id: 'F-2', kind: 'field.hyper-agents', on: ['backup', ...PUT], cite: own('F-2'), warning: 'HYPERAGENT_UNKNOWN' },
  {
    id: 'F-3',
    kind: 'field.inventory',
    on: BY_HOST,
    cite: own('F-3'),
    warning: 'INVENTORY_STALE',
    freshHours: 72,
  },
  { id: 'F-10', kind: 'field.media', on: MEDIA, cite: own('F-10') },
];

export const aip: Catalog = {
  id: 'aip',
  version: '1',
  engine: 1,
  profile: 'aip',
  sources,
  policy,
  editions: {
    byOs: { windows_server: 'server', windows_client: 'desktop', linux: 'linux' },
    cloud: 'cloud',
    host: 'virtual',
    clientHost: 'server_vpack',
    node: 'additional_node',
    technician: 'it_pro',
  },
  cover,
  rules: [
    { id: 'D-1', kind: 'restore.machine', on: ['restore'], cite: own('D-1'), warning: 'RESTORE_ONLY' },
    ...backup,
    ...migrate,
    ...copies,
    ...coverage,
    ...activation,
    ...media,
    ...itPro,
    ...common,
  ],
  tempers,
  notes: [{ id: 'F-5', cite: own('F-5'), same: 'AIP-5.4' }, ...notes],
};
