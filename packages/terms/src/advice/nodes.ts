import { hostIdOf, hostNeeds, hostsTogether } from '../coverage/guests.js';
import { ownNeed } from '../coverage/machines.js';
import { hasOwnCover } from '../coverage/nodes.js';
import type { Need } from '../decision.js';
import type { Machine } from '../model.js';
import type { Question } from '../question.js';
import { namedIn, questionOf, type Context } from './context.js';

/** What may take fewer licenses than the one that is named: a node's own in place of one for every node of its group that
 * lacks it (F-5), and, where the group is asked about, that of other nodes: any two make its base. */
export function nodesInstead(context: Context, { bindTo }: Need): readonly Need[] {
  const question = questionOf(context);
  const asked = namedIn(context.request);
  const bare = (context.facts.machines ?? []).filter((machine) => {
    const group = question.ledger.clusterOf(machine);
    return group !== undefined && (asked.has(machine.id) || asked.has(group.id)) && !hasOwnCover(question, machine);
  });
  const needs = new Map(bare.flatMap((machine) => ownNeeds(question, machine)).map((need) => [need.bindTo, need]));
  return [...needs.values()].filter((need) => need.bindTo !== bindTo);
}

/** The one license that a node lacks of its own; more than one is no shorter way. */
function ownNeeds(question: Question, machine: Machine): readonly Need[] {
  if (machine.kind !== 'guest') return [ownNeed(question, machine)];
  const host = hostIdOf(machine);
  const missing = host === undefined ? [] : hostNeeds(question, hostsTogether(question, host));
  return missing.length === 1 ? missing : [];
}
