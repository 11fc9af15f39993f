import type { Need } from '../decision.js';
import type { CoverJudges } from '../kinds.js';
import type { Host, Machine } from '../model.js';
import { allow, need, needs, type Carrier, type Doubts, type Finding, type Question } from '../question.js';
import { best, carrier } from './licenses.js';

/** Cover of a guest: its host is the unit (AIP-6.1); a license bound to the guest itself does not count (rules 1.8). */
export interface GuestParams {
  /** The guest cannot know its host: a declared one serves, unverified (F-1). */
  'guest.host-declared': object;
  /** On a hypervisor of a client system (AIP-8.1). */
  'guest.on-client': object;
  /** On a hyper-converged system every host counts (AIP-5.3). */
  'guest.on-hci': object;
  /** A redundant copy on a host without license (AIP-5.7). */
  'guest.redundant': object;
  /** The host has a license (AIP-6.1). */
  'guest.on-licensed-host': object;
  /** The host has none (AIP-6.2). */
  'guest.on-bare-host': object;
}

/** Host of a guest: reported by an inventory, else declared at activation. */
export function hostIdOf(machine: Machine): string | undefined {
  return machine.hostId ?? machine.declaredHostId;
}

/** Does this hypervisor run on a client system? A host that says nothing of its machine does, by its kind. */
export function isOnClient(question: Question, host: Host | undefined): boolean {
  if (host?.kind !== 'hosted') return false;
  return question.ledger.machine(host.onMachine)?.os !== 'windows_server';
}

/** The edition that a host needs. */
export function hostEdition(question: Question, hostId: string): string {
  const { editions } = question.catalog;
  return (isOnClient(question, question.ledger.host(hostId)) ? editions?.clientHost : editions?.host) ?? 'any';
}

/** The hosts that must be licensed together with this one: the whole of its hyper-converged systems, or itself. */
export function hostsTogether(question: Question, hostId: string): readonly string[] {
  const hosts = new Set(question.ledger.hcisOf(hostId).flatMap((hci) => question.ledger.hciHosts(hci)));
  return hosts.size === 0 ? [hostId] : [...hosts];
}

/** What these hosts lack, one license each. */
export function hostNeeds(question: Question, hostIds: readonly string[]): Need[] {
  return hostIds
    .filter((id) => hostCarrier(question, id) === undefined)
    .map((id) => need(hostEdition(question, id), `host:${id}`));
}

/** The license of a host that lasts longest. */
export function hostCarrier(question: Question, hostId: string, edition?: string): Carrier | undefined {
  const license = best(question, question.ledger.bound('host', hostId), edition ?? hostEdition(question, hostId));
  return license === undefined ? undefined : carrier(question, license);
}

/** Covered by its host: the licenses that carry it, and what is doubtful about it. */
function covered(question: Question, row: { readonly id: string }, machine: Machine, hostId: string): Finding {
  const carriers = hostsTogether(question, hostId).flatMap((id) => hostCarrier(question, id) ?? []);
  const inventoryAsOf = question.ledger.host(hostId)?.inventoryAsOf;
  const doubts: Doubts = {
    ...(machine.hostId === undefined && { hostDeclaredOnly: true }),
    ...(machine.hostId !== undefined && inventoryAsOf !== undefined && { inventoryAsOf }),
  };
  return allow(row, { carriers, doubts });
}

export const guestCovers: CoverJudges<GuestParams> = {
  'guest.host-declared': (question, row, machine) => {
    if (machine.kind !== 'guest' || machine.hostId !== undefined) return undefined;
    const declared = machine.declaredHostId;
    if (declared !== undefined && hostCarrier(question, declared) !== undefined) return undefined;
    return needs(row, [need(question.catalog.editions?.host ?? 'any', `host:${declared ?? 'unknown'}`)]);
  },
  'guest.on-client': (question, row, machine) => {
    const hostId = guestHost(machine);
    if (hostId === undefined || !isOnClient(question, question.ledger.host(hostId))) return undefined;
    const missing = hostNeeds(question, [hostId]);
    return missing.length > 0 ? needs(row, missing) : covered(question, row, machine, hostId);
  },
  'guest.on-hci': (question, row, machine) => {
    const hostId = guestHost(machine);
    if (hostId === undefined || question.ledger.hcisOf(hostId).length === 0) return undefined;
    const missing = hostNeeds(question, hostsTogether(question, hostId));
    return missing.length > 0 ? needs(row, missing) : undefined;
  },
  'guest.redundant': (question, row, machine) => {
    const hostId = guestHost(machine);
    if (hostId === undefined || machine.redundantOf === undefined) return undefined;
    const missing = hostNeeds(question, [hostId]);
    return missing.length > 0 ? needs(row, missing) : undefined;
  },
  'guest.on-licensed-host': (question, row, machine) => {
    const hostId = guestHost(machine);
    if (hostId === undefined || hostNeeds(question, [hostId]).length > 0) return undefined;
    return covered(question, row, machine, hostId);
  },
  'guest.on-bare-host': (question, row, machine) => {
    const hostId = guestHost(machine);
    return hostId === undefined ? undefined : needs(row, hostNeeds(question, [hostId]));
  },
};

function guestHost(machine: Machine): string | undefined {
  return machine.kind === 'guest' ? hostIdOf(machine) : undefined;
}
