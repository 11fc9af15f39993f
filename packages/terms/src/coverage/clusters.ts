import type { Need } from '../decision.js';
import type { Judges } from '../kinds.js';
import type { ClusterGroup, License, Machine } from '../model.js';
import { allow, need, needs, type Question } from '../question.js';
import { coverOf } from './cover.js';
import { hostEdition, hostNeeds, hostsTogether } from './guests.js';
import { usable } from './licenses.js';
import { ownNeed } from './machines.js';
import { groupLicenses, hasOwnCover } from './nodes.js';

/** `coverage.check`: is a machine, a host, a hyper-converged system or a cluster group licensed as a whole? */
export interface ClusterParams {
  /** Every host of a hyper-converged system (AIP-5.3); names only the shortage. */
  'coverage.hci': object;
  /** A hypervisor of a client system (AIP-8.1). */
  'coverage.client-host': object;
  /** A host by itself: it has a license (AIP-6.1) … */
  'coverage.host': object;
  /** … or lacks one (AIP-6.2). */
  'coverage.bare-host': object;
  /** A group of `from` nodes and more: `base` nodes with cover of their own, the others with licenses bound to the group
   * (AIP-5.4). `foreign` is named when a license of another group lies around (AIP-5.5). */
  'coverage.cluster': { readonly base: number; readonly from: number; readonly foreign: string };
  /** A smaller group: every node by itself (AIP-0.1). */
  'coverage.small-cluster': object;
  /** A machine: its cover. */
  'coverage.machine': object;
}

interface Scope {
  readonly type: 'machine' | 'host' | 'hci' | 'cluster_group';
  readonly id: string;
}

const scopeOf = (question: Question): Scope => question.request['scope'] as Scope;

export const clusterKinds: Judges<ClusterParams> = {
  'coverage.hci': (question, row) => {
    const { type, id } = scopeOf(question);
    if (type !== 'hci' && type !== 'host') return undefined;
    const hosts = type === 'hci' ? question.ledger.hciHosts(id) : hostsTogether(question, id);
    if (hosts.length < 2 && type === 'host') return undefined;
    const missing = hostNeeds(question, hosts);
    return missing.length > 0 ? needs(row, missing) : undefined;
  },
  'coverage.client-host': (question, row) => {
    const { type, id } = scopeOf(question);
    const { editions } = question.catalog;
    if (type !== 'host' || hostEdition(question, id) === editions?.host) return undefined;
    const missing = hostNeeds(question, [id]);
    return missing.length > 0 ? needs(row, missing) : allow(row);
  },
  'coverage.host': (question, row) => {
    const { type, id } = scopeOf(question);
    if (type === 'hci') return allow(row);
    return type === 'host' && hostNeeds(question, [id]).length === 0 ? allow(row) : undefined;
  },
  'coverage.bare-host': (question, row) => {
    const { type, id } = scopeOf(question);
    return type === 'host' ? needs(row, hostNeeds(question, [id])) : undefined;
  },
  'coverage.cluster': (question, row) => {
    const group = groupOf(question);
    if (group === undefined) return undefined;
    const nodes = question.ledger.nodesOf(group);
    if (nodes.length < row.from) return undefined;
    const bare = nodes.filter((id) => !hasOwnCover(question, question.ledger.machine(id)));
    const baseShort = Math.max(0, row.base - (nodes.length - bare.length));
    const extraShort = nodes.length - row.base - groupLicenses(question, group).length;
    const missing = baseNeeds(question, bare.slice(0, baseShort));
    if (extraShort > 0) missing.push(nodeNeed(question, group, extraShort));
    if (missing.length === 0) return allow(row);
    return needs(row, missing, extraShort > 0 && heldElsewhere(question, group) ? { also: [row.foreign] } : {});
  },
  'coverage.small-cluster': (question, row) => {
    const group = groupOf(question);
    if (group === undefined) return undefined;
    const bare = question.ledger.nodesOf(group).filter((id) => !hasOwnCover(question, question.ledger.machine(id)));
    return bare.length > 0 ? needs(row, baseNeeds(question, bare)) : allow(row);
  },
  'coverage.machine': (question) => {
    const { type, id } = scopeOf(question);
    return type === 'machine' ? coverOf(question, question.ledger.get('machines', id, 'scope.id')) : undefined;
  },
};

function groupOf(question: Question): ClusterGroup | undefined {
  const { type, id } = scopeOf(question);
  return type === 'cluster_group' ? question.ledger.get('clusters', id, 'scope.id') : undefined;
}

/** What nodes lack of their own: a guest the license of its host, another machine its edition. */
function baseNeeds(question: Question, nodeIds: readonly string[]): Need[] {
  return nodeIds.flatMap((id) => {
    const machine: Machine | undefined = question.ledger.machine(id);
    if (machine === undefined) return [need('any', `machine:${id}`)];
    return machine.kind === 'guest' ? [...(coverOf(question, machine).needs ?? [])] : [ownNeed(question, machine)];
  });
}

function nodeNeed(question: Question, group: ClusterGroup, count: number): Need {
  return need(question.catalog.editions?.node ?? 'any', `cluster_group:${group.id}`, 'any', count);
}

function heldElsewhere(question: Question, group: ClusterGroup): boolean {
  const edition = question.catalog.editions?.node;
  for (const license of question.ledger.holders.ofKind('cluster_group') as Generator<License>) {
    const elsewhere = license.boundTo?.id !== group.id && license.edition === edition;
    if (elsewhere && usable(question, license)) return true;
  }
  return false;
}
