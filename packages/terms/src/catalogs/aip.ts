import type { Catalog, CoverRule, Rule, TemperRule } from '../catalog.js';
import { media } from './aip-media.js';
import { moves } from './aip-moves.js';
import { common, expiresSoon, leaseGate, policy, shortage } from './defaults.js';

/** Licensing of machines and hypervisor hosts. The order of the rows is that of rules 1.5. */

const entire = ['system_image', 'image', 'volume', 'entire_host'] as const;

const cover: readonly CoverRule[] = [
  { id: 'AIP-0.2', kind: 'machine.no-edition', code: 'OS_NOT_SUPPORTED' },
  { id: 'AIP-5.4', kind: 'machine.cluster-node', base: 2 },
  { id: 'AIP-8.1', kind: 'guest.on-client' },
  { id: 'AIP-5.3', kind: 'guest.on-hci' },
  { id: 'F-1', kind: 'guest.host-declared' },
  { id: 'AIP-5.7', kind: 'guest.redundant' },
  { id: 'AIP-6.1', kind: 'guest.on-licensed-host' },
  { id: 'AIP-6.2', kind: 'guest.on-bare-host' },
  { id: 'AIP-0.2', kind: 'machine.edition-misfit' },
  { id: 'AIP-2.2', kind: 'machine.superseded', term: 'subscription' },
  { id: 'AIP-0.1', kind: 'machine.own-license' },
];

const backup: readonly Rule[] = [
  leaseGate,
  { id: 'AIP-0.1', kind: 'share.cover' },
  { id: 'AIP-1.4', kind: 'share.edition', editions: ['desktop', 'linux'], code: 'EDITION_EXCLUDES_SHARES' },
  { id: 'AIP-1.5', kind: 'share.scope', scopes: ['file'], code: 'FILE_BACKUP_ONLY' },
  { id: 'AIP-1.3', kind: 'share.allowed' },
  { id: 'AIP-8.3', kind: 'client-host.machine-only', scopes: entire },
  { id: 'AIP-8.1', kind: 'client-host.guests', scopes: ['guests', ...entire], alone: ['guests'] },
  { id: 'AIP-8.2', kind: 'client-host.system', scopes: ['host_os', ...entire], alone: ['host_os'] },
  { id: 'AIP-7.1', kind: 'hyper-agent.required', code: 'HYPERAGENT_REQUIRED' },
  { id: 'AIP-7.4', kind: 'hyper-agent.idle' },
  { id: 'AIP-7.2', kind: 'hyper-agent.on-licensed-host' },
  { id: 'AIP-7.3', kind: 'hyper-agent.counted' },
  { id: 'AIP-0.1', kind: 'backup.cover' },
];

const coverage: readonly Rule[] = [
  { id: 'AIP-5.3', kind: 'coverage.hci' },
  { id: 'AIP-8.1', kind: 'coverage.client-host' },
  { id: 'AIP-6.1', kind: 'coverage.host' },
  { id: 'AIP-6.2', kind: 'coverage.bare-host' },
  { id: 'AIP-5.4', kind: 'coverage.cluster', base: 2, from: 3, foreign: 'AIP-5.5' },
  { id: 'AIP-0.1', kind: 'coverage.small-cluster' },
  { id: 'AIP-0.1', kind: 'coverage.machine' },
];

/** Cover that a guest has by its host may rest on doubtful facts: then what was asked is told so. */
const unverified: TemperRule = { id: 'F-1', kind: 'field.host-declared', warning: 'HOST_UNVERIFIED' };
const stale: TemperRule = { id: 'F-3', kind: 'field.inventory', warning: 'INVENTORY_STALE', freshHours: 72 };
const agentsUnknown: TemperRule = { id: 'F-2', kind: 'field.hyper-agents', warning: 'HYPERAGENT_UNKNOWN' };
const doubts: TemperRule = { id: 'F-10', kind: 'field.media' };

export const aip: Catalog = {
  id: 'aip',
  version: '1',
  engine: 1,
  profile: 'aip',
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
  rules: {
    restore: [{ id: 'D-1', kind: 'restore.machine', warning: 'RESTORE_ONLY' }],
    backup,
    'coverage.check': coverage,
    ...moves,
    ...media,
    ...common,
  },
  tempers: {
    backup: [
      shortage,
      { id: 'AIP-2.2', kind: 'field.parallel', warning: 'PARALLEL_DAYS' },
      { id: 'D-3', kind: 'grade.grace', warning: 'IN_GRACE' },
      expiresSoon,
      unverified,
      agentsUnknown,
      stale,
    ],
    migrate: [unverified, stale],
    'standby.create': [unverified, stale],
    'license.activate': [agentsUnknown],
    'license.move': [agentsUnknown],
    'be_media.use': [doubts],
    'itpro.session.start': [expiresSoon, doubts],
  },
};
