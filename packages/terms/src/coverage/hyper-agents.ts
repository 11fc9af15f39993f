import type { Judges } from '../kinds.js';
import type { License, Machine } from '../model.js';
import { allow, needs, refuse, type Question } from '../question.js';
import { coverOf } from './cover.js';
import { hostCarrier, hostIdOf } from './guests.js';
import { serves, usable } from './licenses.js';
import { machineOf } from './requests.js';

/** HyperAgents: agentless backups run through them (7.1), and a number of them is covered with that (7.2 to 7.4). */
export interface HyperAgentParams {
  /** An agentless backup needs one that reaches the host (AIP-7.1). */
  'hyper-agent.required': { readonly code: string };
  /** A HyperAgent machine while no agentless backup runs (AIP-7.4). */
  'hyper-agent.idle': object;
  /** Covered by the allowance, on a licensed host (AIP-7.2). */
  'hyper-agent.on-licensed-host': object;
  /** Covered by the allowance elsewhere, or beyond it (AIP-7.3). */
  'hyper-agent.counted': object;
}

export type Reach = 'reached' | 'unknown' | 'none';

/** Can a HyperAgent connect to the host? None reported yet is unknown, not none (F-2). */
export function reachOf(question: Question, hostId: string | undefined): Reach {
  const agents = question.ledger.hyperAgents();
  const reached = agents.some(
    ({ hyperAgent }) => hostId !== undefined && hyperAgent?.connectableHosts.includes(hostId) === true,
  );
  if (reached) return 'reached';
  if (question.facts.unknown?.includes('hyper_agents') === true) return 'unknown';
  // Of a host that is not known nobody can say that no HyperAgent reaches it.
  return hostId === undefined && agents.length > 0 ? 'reached' : 'none';
}

/** The allowance of a machine that is not otherwise covered; undefined when it has no HyperAgent.
 * As many machines as there are valid Virtual licenses, first in, first served. */
export function allowanceOf(
  question: Question,
  machine: Machine,
): { inUse: boolean; onLicensedHost: boolean; free: boolean } | undefined {
  if (machine.hyperAgent === undefined || coverOf(question, machine).decision !== 'needs') return undefined;
  const { agentlessInUse = false, hyperAgentAllowanceUsedBy: users = [] } = question.facts.usage ?? {};
  const served = [...new Set([...users, machine.id])].indexOf(machine.id);
  return {
    inUse: agentlessInUse,
    onLicensedHost: sitsOnLicensedHost(question, machine),
    free: agentlessInUse && served < validHostLicenses(question),
  };
}

function sitsOnLicensedHost(question: Question, machine: Machine): boolean {
  const parents = question.ledger.hostsOn(machine.id).map((host) => host.id);
  const own = machine.kind === 'guest' ? hostIdOf(machine) : undefined;
  const edition = question.catalog.editions?.host;
  return [...parents, ...(own === undefined ? [] : [own])].some(
    (id) => hostCarrier(question, id, edition) !== undefined,
  );
}

/** Virtual licenses that count: activated on a host and usable, grace included (rules 1.8). */
export function validHostLicenses(question: Question): number {
  const edition = question.catalog.editions?.host ?? '';
  return question.remember('valid-host-licenses', () => {
    let count = 0;
    for (const license of question.ledger.holders.ofKind('host') as Generator<License>) {
      if (serves(question, license.edition, edition) && usable(question, license)) count += 1;
    }
    return count;
  });
}

export const hyperAgentKinds: Judges<HyperAgentParams> = {
  'hyper-agent.required': (question, row) => {
    if (question.request['mode'] !== 'agentless') return undefined;
    const machine = machineOf(question);
    const hostId = machine.kind === 'guest' ? hostIdOf(machine) : undefined;
    return reachOf(question, hostId) === 'none' ? refuse(row, row.code) : undefined;
  },
  'hyper-agent.idle': (question, row) => {
    const machine = machineOf(question);
    const allowance = allowanceOf(question, machine);
    if (allowance === undefined || allowance.inUse) return undefined;
    return needs(row, coverOf(question, machine).needs ?? []);
  },
  'hyper-agent.on-licensed-host': (question, row) => {
    const allowance = allowanceOf(question, machineOf(question));
    return allowance?.free === true && allowance.onLicensedHost ? allow(row) : undefined;
  },
  'hyper-agent.counted': (question, row) => {
    const machine = machineOf(question);
    const allowance = allowanceOf(question, machine);
    if (allowance === undefined) return undefined;
    return allowance.free ? allow(row) : needs(row, coverOf(question, machine).needs ?? []);
  },
};
