import { isCovered } from '../coverage/cover.js';
import { allowanceOf } from '../coverage/hyper-agents.js';
import type { Judges } from '../kinds.js';
import type { Machine } from '../model.js';
import { allow, warn, type Finding, type Question } from '../question.js';
import { leaseHolds } from './lease.js';

/** Restores are never blocked (D-1): what is not licensed, or no longer, is only said. */
export interface RestoreParams {
  'restore.machine': { readonly warning: string };
  'restore.leased': { readonly warning: string };
}

/** Allow where the license lives, else warn; never anything that stops. */
export function openRestore(
  question: Question,
  row: { readonly id: string; readonly warning: string },
  covered: boolean,
): Finding {
  const { lease } = question.facts;
  const lapsed = lease !== undefined && !leaseHolds(question, lease);
  return covered && !lapsed ? allow(row) : warn(row, [row.warning]);
}

export const restoreKinds: Judges<RestoreParams> = {
  'restore.machine': (question, row) => {
    const machine = question.ledger.machine(question.text('machine'));
    return openRestore(question, row, machine !== undefined && mayBackUp(question, machine));
  },
  'restore.leased': (question, row) => openRestore(question, row, question.facts.lease !== undefined),
};

/** Covered by a license, or by the allowance for HyperAgents (AIP-7.2, 7.3). */
function mayBackUp(question: Question, machine: Machine): boolean {
  return isCovered(question, machine) || allowanceOf(question, machine)?.free === true;
}
