import type { Catalog, Citation, CoverRule, Rule, TemperRule } from '../catalog.js';
import { common, expiresSoon, leaseGate, notes, policy, sources } from './defaults.js';

/** Licensing of machines and hypervisor hosts. The order of the rows is that of rules 1.5. */

const use = (section: string, lines: string): Citation => ({ source: 'coverage', section, lines });
const own = (section: string): Citation => ({ source: section.startsWith('F') ? 'field' : 'defaults', section });

const RECOVERIES = ['system_recovery', 'file_recovery'] as const;
const RESTORES = ['restore', ...RECOVERIES] as const;
const ENTIRE = ['system_image', 'image', 'volume', 'entire_host'] as const;
const MEDIA = ['be_media.use', 'itpro.session.start'] as const;
const PUT = ['license.activate', 'license.move'] as const;

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

const migrate: readonly Rule[] = [
  { id: 'AIP-0.2', kind: 'migration.source-impossible', on: ['migrate'], cite: use('2', '22') },
  {
    id: 'AIP-2.1',
    kind: 'migration.move',
    on: ['migrate'],
    cite: use('2', '25-26'),
    code: 'DISPOSITION_UNDECLARED',
    obligations: ['DISPOSE_SOURCE', 'MOVE_LICENSE'],
  },
  {
    id: 'AIP-2.2',
    kind: 'migration.parallel',
    on: ['migrate'],
    cite: use('2', '27'),
    term: 'subscription',
    obligation: 'ASSIGN_LICENSE',
    warning: 'PARALLEL_DAYS',
  },
  ends('AIP-2.3', '2', '30-32', {
    migrations: ['P2V'],
    source: 'uncovered',
    targetTerm: 'perpetual',
    anyTermServes: 'no',
  }),
  ends('AIP-2.4', '2', '34-35', { migrations: ['P2V'], targetTerm: 'perpetual', anyTermServes: 'no' }),
  ends('AIP-3.1', '3', '42-44', {
    migrations: ['V2V'],
    source: 'uncovered',
    targetTerm: 'perpetual',
    anyTermServes: 'by_policy',
  }),
  ends('AIP-3.3', '3', '41', {
    migrations: ['V2V'],
    target: 'uncovered',
    targetTerm: 'perpetual',
    anyTermServes: 'by_policy',
    disposedOnly: true,
  }),
  ends('AIP-3.2', '3', '46-47', {
    migrations: ['V2V'],
    target: 'uncovered',
    targetTerm: 'perpetual',
    anyTermServes: 'by_policy',
  }),
  ends('AIP-6.1', '6', '86-88', { migrations: ['V2V'], targetTerm: 'perpetual', anyTermServes: 'by_policy' }),
  ends('AIP-4.1', '4', '53-55', { migrations: ['P2C'], source: 'uncovered', targetTerm: 'any', anyTermServes: 'yes' }),
  ends('AIP-4.2', '4', '57-58', { migrations: ['P2C'], targetTerm: 'any', anyTermServes: 'yes' }),
  ends('AIP-4.3', '4', '60-62', { migrations: ['V2C'], source: 'uncovered', targetTerm: 'any', anyTermServes: 'yes' }),
  ends('AIP-4.4', '4', '64-65', { migrations: ['V2C'], target: 'uncovered', targetTerm: 'any', anyTermServes: 'yes' }),
  ends('AIP-0.1', '4', '67', {
    migrations: ['C2V'],
    source: 'uncovered',
    targetTerm: 'any',
    anyTermServes: 'yes',
    nameCover: true,
  }),
  ends('AIP-4.6', '4', '67', { migrations: ['V2C', 'C2V'], targetTerm: 'any', anyTermServes: 'yes' }),
  {
    id: 'F-9',
    kind: 'migration.ends',
    on: ['migrate'],
    cite: own('F-9'),
    migrations: ['V2P', 'C2P', 'C2C'],
    targetTerm: 'any',
    anyTermServes: 'yes',
  },
];

function ends(
  id: string,
  section: string,
  lines: string,
  params: Omit<Extract<Rule, { kind: 'migration.ends' }>, 'id' | 'kind' | 'on' | 'cite'>,
): Rule {
  return { id, kind: 'migration.ends', on: ['migrate'], cite: use(section, lines), ...params };
}

const copies: readonly Rule[] = [
  { id: 'AIP-1.1', kind: 'standby.duplicate', on: ['standby.deploy'], cite: use('1', '12-14') },
  { id: 'AIP-1.2', kind: 'migration.disk-copy', on: ['disk_to_disk'], cite: use('1', '16-18') },
  { id: 'AIP-0.1', kind: 'standby.source', on: ['standby.create'], cite: use('5', '70-71') },
  { id: 'AIP-5.6', kind: 'standby.agentless', on: ['standby.create'], cite: use('5', '81-83') },
  { id: 'AIP-5.1', kind: 'standby.bare-host', on: ['standby.create'], cite: use('5', '70-71'), of: 'backup_files' },
  { id: 'AIP-5.2', kind: 'standby.licensed-host', on: ['standby.create'], cite: use('5', '72'), of: 'backup_files' },
  { id: 'AIP-3.4', kind: 'standby.host', on: ['standby.create'], cite: use('3', '49-50'), of: 'live_guest' },
  { id: 'AIP-2.5', kind: 'standby.bare-host', on: ['standby.create'], cite: use('2', '37-38'), of: 'live_machine' },
  { id: 'AIP-2.6', kind: 'standby.licensed-host', on: ['standby.create'], cite: use('2', '39'), of: 'live_machine' },
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

const activation: readonly Rule[] = [
  { id: 'AIP-4.5', kind: 'activation.cloud', on: PUT, cite: use('4', '66'), code: 'VIRTUAL_NOT_FOR_CLOUD' },
  { id: 'AIP-5.5', kind: 'activation.other-group', on: PUT, cite: use('5', '79'), code: 'BOUND_TO_OTHER_GROUP' },
  { id: 'AIP-9.7', kind: 'activation.technician', on: PUT, cite: use('9', '114'), code: 'ITPRO_NOT_HOLDER' },
  { id: 'AIP-7.1a', kind: 'activation.hyper-agent', on: PUT, cite: use('7', '92'), code: 'HYPERAGENT_REQUIRED' },
  { id: 'AIP-0.2', kind: 'activation.misfit', on: PUT, cite: use('2', '22, 55, 102, 111'), code: 'OS_NOT_SUPPORTED' },
  {
    id: 'AIP-0.1',
    kind: 'activation.unusable',
    on: PUT,
    cite: use('1', '14'),
    ended: 'LICENSE_EXPIRED',
    revoked: 'LICENSE_REVOKED',
    early: 'LICENSE_NOT_STARTED',
    taken: 'ALREADY_ASSIGNED',
  },
  {
    id: 'F-7',
    kind: 'activation.replacement',
    on: ['license.move'],
    cite: own('F-7'),
    code: 'DISPOSITION_UNDECLARED',
    obligations: ['DISPOSE_SOURCE', 'MOVE_LICENSE'],
  },
  { id: 'AIP-5.5', kind: 'activation.group', on: PUT, cite: use('5', '79'), obligation: 'BIND_FOREVER' },
  { id: 'AIP-6.1', kind: 'activation.host', on: PUT, cite: use('6', '88') },
  { id: 'AIP-0.1', kind: 'activation.machine', on: PUT, cite: use('1', '14') },
  { id: 'AIP-9.4', kind: 'activation.holder', on: PUT, cite: use('9', '111') },
  {
    id: 'F-8',
    kind: 'activation.move-back',
    on: ['license.move_back'],
    cite: own('F-8'),
    code: 'TARGET_IN_USE',
    obligation: 'MOVE_LICENSE',
  },
];

const holder: Rule = {
  id: 'AIP-9.7',
  kind: 'it-pro.holder',
  on: ['itpro.session.start', 'itpro.media.create'],
  cite: use('9', '114'),
  code: 'ITPRO_NOT_HOLDER',
};

const media: readonly Rule[] = [
  holder,
  { id: 'AIP-9.1', kind: 'media.stamp', on: MEDIA, cite: use('9', '106-107'), code: 'UNLICENSED_MEDIA' },
  { id: 'F-10', kind: 'media.doubts', on: MEDIA, cite: own('F-10'), recoveries: RESTORES },
  {
    id: 'AIP-9.2',
    kind: 'media.os',
    on: MEDIA,
    cite: use('9', '108'),
    base: 'linux',
    systems: ['windows_server', 'windows_client', 'linux'],
    code: 'MEDIA_OS',
  },
  {
    id: 'AIP-9.3',
    kind: 'media.os',
    on: MEDIA,
    cite: use('9', '108'),
    base: 'winpe',
    systems: ['windows_server', 'windows_client'],
    code: 'MEDIA_OS',
  },
  { id: 'AIP-9.1', kind: 'media.covered', on: ['be_media.use'], cite: use('9', '106-107') },
  { id: 'F-10', kind: 'media.proof', on: ['be_media.use'], cite: own('F-10'), recoveries: RECOVERIES },
  {
    id: 'F-10',
    kind: 'media.undeclared',
    on: ['be_media.use'],
    cite: own('F-10'),
    purpose: 'system_recovery',
    obligation: 'DECLARE_SOURCE',
  },
  {
    id: 'AIP-9.1',
    kind: 'media.replacement',
    on: ['be_media.use'],
    cite: use('9', '106-107'),
    purpose: 'system_recovery',
    also: 'AIP-2.1',
    dispose: 'DISPOSE_SOURCE',
    move: 'MOVE_LICENSE',
  },
  {
    id: 'D-1',
    kind: 'media.had-license',
    on: ['be_media.use'],
    cite: own('D-1'),
    recoveries: RECOVERIES,
    imagePurpose: 'system_recovery',
    warning: 'RESTORE_ONLY',
  },
  { id: 'AIP-9.1', kind: 'media.needs', on: ['be_media.use'], cite: use('9', '106-107') },
];

const itPro: readonly Rule[] = [
  {
    id: 'AIP-9.6',
    kind: 'it-pro.concurrent',
    on: ['itpro.session.start'],
    cite: use('9', '113'),
    code: 'ITPRO_CONCURRENT',
  },
  {
    id: 'AIP-9.4',
    kind: 'it-pro.year',
    on: ['itpro.session.start', 'itpro.media.create'],
    cite: use('9', '111'),
    years: 1,
    term: 'subscription',
    restores: RESTORES,
    restoreRule: 'D-1',
    warning: 'RESTORE_ONLY',
  },
  {
    id: 'AIP-9.6',
    kind: 'it-pro.spare-medium',
    on: ['itpro.media.create'],
    cite: use('9', '113'),
    warning: 'SPARE_MEDIA_NOT_AT_SAME_TIME',
  },
  {
    id: 'AIP-9.5',
    kind: 'it-pro.allowed',
    on: ['itpro.session.start', 'itpro.media.create'],
    cite: use('9', '112'),
    years: 1,
    restores: RESTORES,
  },
  {
    id: 'AIP-9.7',
    kind: 'it-pro.reassign',
    on: ['itpro.reassign'],
    cite: use('9', '114'),
    code: 'ITPRO_NOT_HOLDER',
    obligation: 'AUDIT',
  },
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
