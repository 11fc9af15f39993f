import { openRestore } from '../defaults/restore.js';
import type { Judges } from '../kinds.js';
import type { Machine } from '../model.js';
import type { Question } from '../question.js';
import { isCovered } from './cover.js';
import { allowanceOf } from './hyper-agents.js';

/** D-1 for a machine. */
export interface MachineRestoreParams {
  'restore.machine': { readonly warning: string };
}

export const machineRestoreKinds: Judges<MachineRestoreParams> = {
  'restore.machine': (question, row) => {
    const machine = question.ledger.machine(question.text('machine'));
    return openRestore(question, row, machine !== undefined && mayBackUp(question, machine));
  },
};

/** Covered by a license, or by the allowance for HyperAgents (AIP-7.2, 7.3). */
function mayBackUp(question: Question, machine: Machine): boolean {
  return isCovered(question, machine) || allowanceOf(question, machine)?.free === true;
}
