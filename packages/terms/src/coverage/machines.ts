import type { CoverJudges } from '../kinds.js';
import type { Machine } from '../model.js';
import type { Need } from '../decision.js';
import { allow, need, needs, refuse, type Question } from '../question.js';
import { hasOwnCover, nodeShortage } from './nodes.js';
import { carrier, ownEdition, ownLicense, usable } from './licenses.js';

/** Cover of a machine by a license of its own, or as a node of its cluster group. */
export interface MachineParams {
  /** A system that has no edition at all (AIP-0.2). */
  'machine.no-edition': { readonly code: string };
  /** A node beside `base` nodes with cover of their own: additional-node licenses serve it (F-5). */
  'machine.cluster-node': { readonly base: number };
  /** A license is bound, of an edition that does not fit (AIP-0.2). */
  'machine.edition-misfit': object;
  /** Its license has moved on to its successor (AIP-2.2). */
  'machine.superseded': { readonly term: 'subscription' };
  /** Its own license, or what it lacks (AIP-0.1). */
  'machine.own-license': object;
}

/** The license that a machine lacks. */
export function ownNeed(question: Question, machine: Machine): Need {
  return need(ownEdition(question, machine.kind, machine.os) ?? 'any', `machine:${machine.id}`);
}

export const machineCovers: CoverJudges<MachineParams> = {
  'machine.no-edition': (question, row, machine) => {
    if (machine.kind === 'guest' || ownEdition(question, machine.kind, machine.os) !== undefined) return undefined;
    return refuse(row, row.code);
  },
  'machine.cluster-node': (question, row, machine) => {
    const group = question.ledger.clusterOf(machine);
    if (group === undefined || hasOwnCover(question, machine)) return undefined;
    const { ownCovered, short, carriers } = nodeShortage(question, group);
    if (ownCovered < row.base) return undefined;
    if (short <= 0) return allow(row, { carriers });
    return needs(row, [need(question.catalog.editions?.node ?? 'any', `cluster_group:${group.id}`, 'any', short)]);
  },
  'machine.edition-misfit': (question, row, machine) => {
    if (machine.kind !== 'physical' || ownLicense(question, machine) !== undefined) return undefined;
    const held = question.ledger.bound('machine', machine.id).some((license) => usable(question, license));
    return held ? needs(row, [ownNeed(question, machine)]) : undefined;
  },
  'machine.superseded': (question, row, machine) => {
    const gone = machine.supersededBy !== undefined || machine.declared === 'disposed';
    if (machine.kind === 'guest' || !gone || ownLicense(question, machine) !== undefined) return undefined;
    return needs(row, [{ ...ownNeed(question, machine), term: row.term }]);
  },
  'machine.own-license': (question, row, machine) => {
    const license = ownLicense(question, machine);
    if (license === undefined) return needs(row, [ownNeed(question, machine)]);
    return allow(row, { carriers: [carrier(question, license)] });
  },
};
