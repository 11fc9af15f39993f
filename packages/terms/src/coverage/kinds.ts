import { joined, type Judges } from '../kinds.js';
import { activationKinds, type ActivationParams } from './activation.js';
import { bootMediaKinds, type BootMediaParams } from './boot-media.js';
import { clientHostKinds, type ClientHostParams } from './client-hosts.js';
import { clusterKinds, type ClusterParams } from './clusters.js';
import { coverOf } from './cover.js';
import { hyperAgentKinds, type HyperAgentParams } from './hyper-agents.js';
import { itProKinds, type ItProParams } from './it-pro.js';
import { migrationKinds, type MigrationParams } from './migrations.js';
import { reachOf } from './hyper-agents.js';
import { hostIdOf } from './guests.js';
import { machineOf } from './requests.js';
import { machineRestoreKinds, type MachineRestoreParams } from './restore.js';
import { shareKinds, type ShareParams } from './shares.js';
import { standbyKinds, type StandbyParams } from './standby.js';

interface BackupParams {
  /** Cover of the machine to be backed up; answers with the rule of its cover. */
  'backup.cover': object;
}

/** Rule kinds of machine and hypervisor-host licensing. */
export interface CoverageParams
  extends
    ActivationParams,
    BackupParams,
    BootMediaParams,
    ClientHostParams,
    ClusterParams,
    HyperAgentParams,
    ItProParams,
    MachineRestoreParams,
    MigrationParams,
    ShareParams,
    StandbyParams {}

const backupKinds: Judges<BackupParams> = {
  'backup.cover': (question) => {
    const machine = machineOf(question);
    const cover = coverOf(question, machine);
    if (question.request['mode'] !== 'agentless' || reachOf(question, hostIdOf(machine)) !== 'unknown') return cover;
    return { ...cover, doubts: { ...cover.doubts, hyperAgentsUnknown: true } };
  },
};

export const coverageKinds: Judges<CoverageParams> = joined(
  activationKinds,
  backupKinds,
  bootMediaKinds,
  clientHostKinds,
  clusterKinds,
  hyperAgentKinds,
  itProKinds,
  machineRestoreKinds,
  migrationKinds,
  shareKinds,
  standbyKinds,
);
