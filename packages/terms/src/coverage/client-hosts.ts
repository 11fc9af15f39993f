import type { Need } from '../decision.js';
import type { Judges } from '../kinds.js';
import type { Machine } from '../model.js';
import { allow, needs, type Carrier, type Question } from '../question.js';
import { hostCarrier, hostNeeds, isOnClient } from './guests.js';
import { carrier, ownLicense } from './licenses.js';
import { ownNeed } from './machines.js';
import { scopeOf } from './requests.js';

/** A client machine that runs a hypervisor: guests and client system are licensed apart (section 8 of the use cases). */
export interface ClientHostParams {
  /** Its own license alone does not cover the entire host (AIP-8.3). */
  'client-host.machine-only': { readonly scopes: readonly string[] };
  /** The guests (AIP-8.1); where the scope holds the client system too, both shortages are listed. */
  'client-host.guests': { readonly scopes: readonly string[]; readonly alone: readonly string[] };
  /** The client system (AIP-8.2). */
  'client-host.system': { readonly scopes: readonly string[]; readonly alone: readonly string[] };
}

interface Parts {
  readonly machine: Machine;
  /** What the hypervisors on it lack. */
  readonly missing: readonly Need[];
  readonly guests: readonly Carrier[];
  readonly system: Carrier | undefined;
}

/** The parts of the client host that the request asks about; undefined for any other machine or scope. */
function partsOf(question: Question, scopes: readonly string[]): Parts | undefined {
  if (!scopes.includes(scopeOf(question))) return undefined;
  const machine = question.ledger.get('machines', question.text('machine'), 'machine');
  const hosts = question.ledger.hostsOn(machine.id).filter((host) => isOnClient(question, host));
  if (hosts.length === 0) return undefined;
  const own = ownLicense(question, machine);
  const ids = hosts.map((host) => host.id);
  return {
    machine,
    missing: hostNeeds(question, ids),
    guests: ids.flatMap((id) => hostCarrier(question, id) ?? []),
    system: own === undefined ? undefined : carrier(question, own),
  };
}

export const clientHostKinds: Judges<ClientHostParams> = {
  'client-host.machine-only': (question, row) => {
    const parts = partsOf(question, row.scopes);
    return parts?.system === undefined || parts.missing.length === 0 ? undefined : needs(row, parts.missing);
  },
  'client-host.guests': (question, row) => {
    const parts = partsOf(question, row.scopes);
    if (parts === undefined) return undefined;
    const alone = row.alone.includes(scopeOf(question));
    if (parts.missing.length === 0) return alone ? allow(row, { carriers: parts.guests }) : undefined;
    const system = alone || parts.system !== undefined ? [] : [ownNeed(question, parts.machine)];
    return needs(row, [...parts.missing, ...system]);
  },
  'client-host.system': (question, row) => {
    const parts = partsOf(question, row.scopes);
    if (parts === undefined) return undefined;
    if (parts.system === undefined) return needs(row, [ownNeed(question, parts.machine)]);
    return allow(row, {
      carriers: row.alone.includes(scopeOf(question)) ? [parts.system] : [...parts.guests, parts.system],
    });
  },
};
