import type { Judges } from '../kinds.js';
import { allow, warn, type Finding, type Question } from '../question.js';
import { leaseHolds } from './lease.js';

/** Restores are never blocked (D-1): what is not licensed, or no longer, is only said. */
export interface RestoreParams {
  /** Where nothing but the lease is known. */
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
  'restore.leased': (question, row) => openRestore(question, row, question.facts.lease !== undefined),
};
