import { changeCommand } from '../serving/changes.js';
import { machineDeclare } from './declare.js';
import { forkDecide } from './fork-decision.js';
import { machineRelease } from './release.js';
import { standbyCreate } from './standby.js';

/** What an admin changes about machines. */
export const machineCommands = {
  machineDeclare: changeCommand(machineDeclare),
  machineRelease: changeCommand(machineRelease),
  standbyCreate: changeCommand(standbyCreate),
  forkDecide: changeCommand(forkDecide),
};
