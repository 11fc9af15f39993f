import type { Rule } from '../catalog.js';
import { own, PUT, use } from './aip-sources.js';

/** What moves: machines, copies of them, and licenses. */

export const migrate: readonly Rule[] = [
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
  }),
  ends('AIP-2.4', '2', '34-35', { migrations: ['P2V'], targetTerm: 'perpetual' }),
  ends('AIP-3.1', '3', '42-44', {
    migrations: ['V2V'],
    source: 'uncovered',
    targetTerm: 'perpetual',
    anyTermByPolicy: true,
  }),
  ends('AIP-3.3', '3', '41', {
    migrations: ['V2V'],
    target: 'uncovered',
    targetTerm: 'perpetual',
    anyTermByPolicy: true,
    disposedOnly: true,
  }),
  ends('AIP-3.2', '3', '46-47', {
    migrations: ['V2V'],
    target: 'uncovered',
    targetTerm: 'perpetual',
    anyTermByPolicy: true,
  }),
  ends('AIP-6.1', '6', '86-88', { migrations: ['V2V'], targetTerm: 'perpetual', anyTermByPolicy: true }),
  ends('AIP-4.1', '4', '53-55', { migrations: ['P2C'], source: 'uncovered', targetTerm: 'any' }),
  ends('AIP-4.2', '4', '57-58', { migrations: ['P2C'], targetTerm: 'any' }),
  ends('AIP-4.3', '4', '60-62', { migrations: ['V2C'], source: 'uncovered', targetTerm: 'any' }),
  ends('AIP-4.4', '4', '64-65', { migrations: ['V2C'], target: 'uncovered', targetTerm: 'any' }),
  ends('AIP-0.1', '4', '67', {
    migrations: ['C2V'],
    source: 'uncovered',
    targetTerm: 'any',
    nameCover: true,
  }),
  ends('AIP-4.6', '4', '67', { migrations: ['V2C', 'C2V'], targetTerm: 'any' }),
  {
    id: 'F-9',
    kind: 'migration.ends',
    on: ['migrate'],
    cite: own('F-9'),
    migrations: ['V2P', 'C2P', 'C2C'],
    targetTerm: 'any',
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

export const copies: readonly Rule[] = [
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

export const activation: readonly Rule[] = [
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
