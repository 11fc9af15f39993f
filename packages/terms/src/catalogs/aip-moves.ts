import type { ByAction, Rule } from '../catalog.js';

/** What moves: machines, copies of them, and licenses. */

const migrate: readonly Rule[] = [
  { id: 'AIP-0.2', kind: 'migration.source-impossible' },
  {
    id: 'AIP-2.1',
    kind: 'migration.move',
    code: 'DISPOSITION_UNDECLARED',
    obligations: ['DISPOSE_SOURCE', 'MOVE_LICENSE'],
  },
  {
    id: 'AIP-2.2',
    kind: 'migration.parallel',
    term: 'subscription',
    obligation: 'ASSIGN_LICENSE',
    warning: 'PARALLEL_DAYS',
  },
  ends('AIP-2.3', { migrations: ['P2V'], source: 'uncovered', targetTerm: 'perpetual' }),
  ends('AIP-2.4', { migrations: ['P2V'], targetTerm: 'perpetual' }),
  ends('AIP-3.1', { migrations: ['V2V'], source: 'uncovered', targetTerm: 'perpetual', anyTermByPolicy: true }),
  ends('AIP-3.3', {
    migrations: ['V2V'],
    target: 'uncovered',
    targetTerm: 'perpetual',
    anyTermByPolicy: true,
    disposedOnly: true,
  }),
  ends('AIP-3.2', { migrations: ['V2V'], target: 'uncovered', targetTerm: 'perpetual', anyTermByPolicy: true }),
  ends('AIP-6.1', { migrations: ['V2V'] }),
  ends('AIP-4.1', { migrations: ['P2C'], source: 'uncovered' }),
  ends('AIP-4.2', { migrations: ['P2C'] }),
  ends('AIP-4.3', { migrations: ['V2C'], source: 'uncovered' }),
  ends('AIP-4.4', { migrations: ['V2C'], target: 'uncovered' }),
  ends('AIP-0.1', { migrations: ['C2V'], source: 'uncovered', nameCover: true }),
  ends('AIP-4.6', { migrations: ['V2C', 'C2V'] }),
  ends('F-9', { migrations: ['V2P', 'C2P', 'C2C'] }),
];

function ends(id: string, params: Omit<Extract<Rule, { kind: 'migration.ends' }>, 'id' | 'kind'>): Rule {
  return { id, kind: 'migration.ends', ...params };
}

/** A license may be put there … */
const put: readonly Rule[] = [
  { id: 'AIP-4.5', kind: 'activation.cloud', code: 'VIRTUAL_NOT_FOR_CLOUD' },
  { id: 'AIP-5.5', kind: 'activation.other-group', code: 'BOUND_TO_OTHER_GROUP' },
  { id: 'AIP-9.7', kind: 'activation.technician', code: 'ITPRO_NOT_HOLDER' },
  { id: 'AIP-7.1a', kind: 'activation.hyper-agent', code: 'HYPERAGENT_REQUIRED' },
  { id: 'AIP-0.2', kind: 'activation.misfit', code: 'OS_NOT_SUPPORTED' },
  {
    id: 'AIP-0.1',
    kind: 'activation.unusable',
    ended: 'LICENSE_EXPIRED',
    revoked: 'LICENSE_REVOKED',
    early: 'LICENSE_NOT_STARTED',
    taken: 'ALREADY_ASSIGNED',
  },
];
/** … and this is what it then stands for. */
const placed: readonly Rule[] = [
  { id: 'AIP-5.5', kind: 'activation.group', obligation: 'BIND_FOREVER' },
  { id: 'AIP-6.1', kind: 'activation.host' },
  { id: 'AIP-0.1', kind: 'activation.machine' },
  { id: 'AIP-9.4', kind: 'activation.holder' },
];

export const moves: ByAction<Rule> = {
  migrate,
  'standby.deploy': [{ id: 'AIP-1.1', kind: 'standby.duplicate' }],
  disk_to_disk: [{ id: 'AIP-1.2', kind: 'migration.disk-copy' }],
  'standby.create': [
    { id: 'AIP-0.1', kind: 'standby.source' },
    { id: 'AIP-5.6', kind: 'standby.agentless' },
    { id: 'AIP-5.1', kind: 'standby.bare-host', of: 'backup_files' },
    { id: 'AIP-5.2', kind: 'standby.licensed-host', of: 'backup_files' },
    { id: 'AIP-3.4', kind: 'standby.host', of: 'live_guest' },
    { id: 'AIP-2.5', kind: 'standby.bare-host', of: 'live_machine' },
    { id: 'AIP-2.6', kind: 'standby.licensed-host', of: 'live_machine' },
  ],
  'license.activate': [...put, ...placed],
  'license.move': [
    ...put,
    {
      id: 'F-7',
      kind: 'activation.replacement',
      code: 'DISPOSITION_UNDECLARED',
      obligations: ['DISPOSE_SOURCE', 'MOVE_LICENSE'],
    },
    ...placed,
  ],
  'license.move_back': [{ id: 'F-8', kind: 'activation.move-back', code: 'TARGET_IN_USE', obligation: 'MOVE_LICENSE' }],
};
