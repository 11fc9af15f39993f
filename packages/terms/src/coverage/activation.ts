import { instant } from '../dates.js';
import type { Judges } from '../kinds.js';
import type { Binding, License } from '../model.js';
import { allow, need, needs, refuse, type Question } from '../question.js';
import { hostEdition, hostIdOf } from './guests.js';
import { reachOf } from './hyper-agents.js';
import { begun, ownEdition, serves, usable } from './licenses.js';
import { dispositionOf } from './requests.js';

/** `license.activate`, `license.move`, `license.move_back`: where a license may be put. A move that replaces nothing is
 * judged like an activation (rules 1.8). */
export interface ActivationParams {
  /** An edition that must not go onto a cloud machine (AIP-4.5). */
  'activation.cloud': { readonly code: string };
  /** An additional-node license stays with its group (AIP-5.5). */
  'activation.other-group': { readonly code: string };
  /** A technician's license is not handed on (AIP-9.7). */
  'activation.technician': { readonly code: string };
  /** A host license needs a HyperAgent that reaches the host (AIP-7.1a). */
  'activation.hyper-agent': { readonly code: string };
  /** The edition does not fit what it is put on (AIP-0.2). */
  'activation.misfit': { readonly code: string };
  /** A license that is over, revoked, not begun, or held by something else. */
  'activation.unusable': {
    readonly ended: string;
    readonly revoked: string;
    readonly early: string;
    readonly taken: string;
  };
  /** Replacement hardware: the old one must be gone (F-7). */
  'activation.replacement': { readonly code: string; readonly obligations: readonly string[] };
  /** Bound to its group for good (AIP-5.5). */
  'activation.group': { readonly obligation: string };
  /** Allowed on a host (AIP-6.1). */
  'activation.host': object;
  /** Allowed on a machine, or held by its technician (AIP-0.1, AIP-9.4). */
  'activation.machine': object;
  'activation.holder': object;
  /** Back to where it came from, until the target has backed up (F-8). */
  'activation.move-back': { readonly code: string; readonly obligation: string };
}

function licenseOf(question: Question): License {
  return question.ledger.get('licenses', question.text('license'), 'license') as License;
}

/** What the license is put on. One of hosts that is entered in a guest goes to its host, the unit (AIP-6.1, AIP-8.1). */
function targetOf(question: Question): Binding {
  const asked = (question.request['on'] ?? question.request['to']) as Binding;
  const machine = asked.type === 'machine' ? question.ledger.machine(asked.id) : undefined;
  if (machine?.kind !== 'guest' || !isOfHosts(question, licenseOf(question))) return asked;
  const host = hostIdOf(machine);
  return host === undefined ? asked : { type: 'host', id: host };
}

function isOfHosts(question: Question, { edition }: License): boolean {
  const { host, clientHost } = question.catalog.editions ?? {};
  return [host, clientHost].some((one) => one !== undefined && serves(question, edition, one));
}

/** The edition that the target takes. A guest takes none of its own: its host is the unit. */
function fitting(question: Question, { type, id }: Binding): { edition: string | undefined; bindTo: string } {
  const { editions } = question.catalog;
  if (type === 'host') return { edition: hostEdition(question, id), bindTo: `host:${id}` };
  if (type === 'cluster_group') return { edition: editions?.node, bindTo: `cluster_group:${id}` };
  if (type === 'technician') return { edition: editions?.technician, bindTo: `technician:${id}` };
  const machine = question.ledger.get('machines', id, 'on.id');
  if (machine.kind !== 'guest')
    return { edition: ownEdition(question, machine.kind, machine.os), bindTo: `machine:${id}` };
  const host = hostIdOf(machine) ?? 'unknown';
  return { edition: editions?.host && hostEdition(question, host), bindTo: `host:${host}` };
}

/** The rule that speaks of a guest whose host nobody knows (F-1). */
function homeless(question: Question, row: { readonly id: string }): { readonly id: string } {
  return question.catalog.cover.find(({ kind }) => kind === 'guest.host-declared') ?? row;
}

function isHostEdition(question: Question, license: License): boolean {
  return serves(question, license.edition, question.catalog.editions?.host ?? '');
}

function isOnCloud(question: Question): boolean {
  const { type, id } = targetOf(question);
  return type === 'machine' && question.ledger.machine(id)?.kind === 'cloud';
}

export const activationKinds: Judges<ActivationParams> = {
  'activation.cloud': (question, row) =>
    isOnCloud(question) && isHostEdition(question, licenseOf(question)) ? refuse(row, row.code) : undefined,
  'activation.other-group': (question, row) => {
    const { edition, boundTo } = licenseOf(question);
    const { type, id } = targetOf(question);
    if (edition !== question.catalog.editions?.node || boundTo === null) return undefined;
    const same = boundTo.type === type && boundTo.id === id;
    return same ? undefined : refuse(row, row.code);
  },
  'activation.technician': (question, row) => {
    const { boundTo } = licenseOf(question);
    const { type, id } = targetOf(question);
    return boundTo?.type === 'technician' && (type !== 'technician' || id !== boundTo.id)
      ? refuse(row, row.code)
      : undefined;
  },
  'activation.hyper-agent': (question, row) => {
    const { type, id } = targetOf(question);
    if (type !== 'host' || !isHostEdition(question, licenseOf(question))) return undefined;
    return reachOf(question, id) === 'none' ? refuse(row, row.code) : undefined;
  },
  'activation.misfit': (question, row) => {
    const { type, id } = targetOf(question);
    const { edition, bindTo } = fitting(question, { type, id });
    if (edition === undefined) return refuse(row, row.code);
    const license = licenseOf(question);
    const lacking = [need(edition, bindTo)];
    if (bindTo !== `${type}:${id}`) return needs(isOfHosts(question, license) ? homeless(question, row) : row, lacking);
    return serves(question, license.edition, edition) ? undefined : needs(row, lacking);
  },
  'activation.unusable': (question, row) => {
    const license = licenseOf(question);
    if (license.state === 'revoked') return refuse(row, row.revoked);
    if (!begun(question, license)) return refuse(row, row.early);
    if (!usable(question, license)) return refuse(row, row.ended);
    const { type, id } = targetOf(question);
    const taken = license.boundTo !== null && (license.boundTo.type !== type || license.boundTo.id !== id);
    return taken && question.request.action === 'license.activate' ? refuse(row, row.taken) : undefined;
  },
  'activation.replacement': (question, row) => {
    if (question.request['replaces'] === undefined) return undefined;
    if (dispositionOf(question) !== 'disposed') return refuse(row, row.code);
    return allow(row, { obligations: row.obligations, doubts: hyperAgentDoubt(question) });
  },
  'activation.group': (question, row) =>
    targetOf(question).type === 'cluster_group' ? allow(row, { obligations: [row.obligation] }) : undefined,
  'activation.host': (question, row) =>
    targetOf(question).type === 'host' ? allow(row, { doubts: hyperAgentDoubt(question) }) : undefined,
  'activation.machine': (question, row) => (targetOf(question).type === 'machine' ? allow(row) : undefined),
  'activation.holder': (_question, row) => allow(row),
  'activation.move-back': (question, row) => {
    const target = question.ledger.get('machines', question.text('from'), 'from');
    const inUse = target.firstBackupAt !== undefined && question.clock.reached(instant(target.firstBackupAt));
    return inUse ? refuse(row, row.code) : allow(row, { obligations: [row.obligation] });
  },
};

function hyperAgentDoubt(question: Question): { hyperAgentsUnknown?: true } {
  const { type, id } = targetOf(question);
  const unknown =
    type === 'host' && isHostEdition(question, licenseOf(question)) && reachOf(question, id) === 'unknown';
  return unknown ? { hyperAgentsUnknown: true } : {};
}
