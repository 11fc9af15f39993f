import type { ClusterGroup, License, Machine } from '../model.js';
import type { Carrier, Question } from '../question.js';
import { hostIdOf, hostNeeds, hostsTogether } from './guests.js';
import { carrier, ownLicense, usableOnes } from './licenses.js';

/** Has a machine cover without its group: a license of its own, or that of its host? */
export function hasOwnCover(question: Question, machine: Machine | undefined): boolean {
  if (machine === undefined) return false;
  if (machine.kind !== 'guest') return ownLicense(question, machine) !== undefined;
  const hostId = hostIdOf(machine);
  return hostId !== undefined && hostNeeds(question, hostsTogether(question, hostId)).length === 0;
}

/** Additional-node licenses bound to a group, the longest first. */
export function groupLicenses(question: Question, group: ClusterGroup): readonly License[] {
  const edition = question.catalog.editions?.node;
  return edition === undefined ? [] : usableOnes(question, question.ledger.bound('cluster_group', group.id), edition);
}

/** A group as a backup sees it (F-5): additional-node licenses must suffice for every node without cover of its own. */
export function nodeShortage(
  question: Question,
  group: ClusterGroup,
): { ownCovered: number; short: number; carriers: readonly Carrier[] } {
  const nodes = question.ledger.nodesOf(group);
  const ownCovered = nodes.filter((id) => hasOwnCover(question, question.ledger.machine(id))).length;
  const held = groupLicenses(question, group);
  const wanted = nodes.length - ownCovered;
  return {
    ownCovered,
    short: wanted - held.length,
    carriers: held.slice(0, wanted).map((license) => carrier(question, license)),
  };
}
