import { hostIdOf } from '../coverage/guests.js';
import { carrier, usable } from '../coverage/licenses.js';
import type { Need } from '../decision.js';
import type { Binding, License, Machine } from '../model.js';
import { compare } from '../order.js';
import { bindingOf, carryOut, yearAhead } from './carry-out.js';
import { editionsFor, freshIds, isOpen, namedIn, purchases, questionOf, type Context, type Cure } from './context.js';
import { nodesInstead } from './nodes.js';
import type { Situation, Step } from './steps.js';

/** Ways to cover what a machine, host, group or technician lacks: what is free, what a disposed machine leaves, then what
 * is to be bought. */
export function coverageCures(context: Context, need: Need): readonly Cure[] {
  const rule = context.decision.reason_rule;
  if (need.bindTo === 'host:unknown') return declaredHost(context, rule);
  const bundles = [need, ...nodesInstead(context, need)].flatMap((one) => bundlesOf(context, one));
  return bundles.map((bundle) => [...hyperAgents(context, bundle), ...bundle, ...chosen(context, bundle)]);
}

/** What there is, and the rest bought. */
function bundlesOf(context: Context, need: Need): readonly Cure[] {
  const uses = held(context, need).map((license): Step => use(license, need.bindTo, context.decision.reason_rule));
  const rest = { ...need, count: need.count - uses.length };
  return rest.count === 0 ? [uses] : bought(context, rest).map((step) => [...uses, step]);
}

/** What ended in its place is renewed; else a license is bought for that place. One that takes the place of a license
 * that moves away is bought into the stock: the move itself puts it to use (AIP-2.2). */
function bought(context: Context, need: Need): readonly Step[] {
  const rule = context.decision.reason_rule;
  const places =
    context.request.action === 'migrate' && need.bindTo.startsWith('machine:') ? [need.bindTo, 'stock'] : [need.bindTo];
  const ended = need.count > 1 ? [] : endedIn(context, need);
  return [
    ...ended.map((license): Step => ({ do: 'renew', rule, license: license.id, until: yearAhead(context.facts) })),
    ...places.flatMap((bindTo) => purchases(context, need, bindTo, rule)),
  ];
}

function endedIn(context: Context, need: Need): readonly License[] {
  const question = questionOf(context);
  const editions = editionsFor(context, need.edition);
  return licensesOf(context).filter(
    (license) =>
      license.boundTo !== null &&
      `${license.boundTo.type}:${license.boundTo.id}` === need.bindTo &&
      license.state !== 'revoked' &&
      license.term === 'subscription' &&
      need.term !== 'perpetual' &&
      editions.includes(license.edition) &&
      !usable(question, license),
  );
}

function use(license: License, bindTo: string, rule: string): Step {
  const from = license.boundTo;
  return from === null
    ? { do: 'assign', rule, license: license.id, bindTo }
    : { do: 'move', rule, license: license.id, from: `${from.type}:${from.id}`, bindTo };
}

function licensesOf(context: Context): readonly License[] {
  return (context.facts.licenses ?? []) as readonly License[];
}

/** What there is for a need, as many as it asks for: what is bound to nothing, then what disposed machines leave (AIP-2.1),
 * but none that the request speaks of. Licenses of hosts and groups do not move. */
function held(context: Context, need: Need): readonly License[] {
  const asked = namedIn(context.request);
  const gone = (context.facts.machines ?? []).filter(({ id, declared }) => declared === 'disposed' && !asked.has(id));
  const disposed = new Set(gone.map(({ id }) => id));
  const fit = fitting(context, need);
  const free = fit.filter(({ boundTo }) => boundTo === null);
  const left = fit.filter(({ boundTo }) => boundTo?.type === 'machine' && disposed.has(boundTo.id));
  const found: License[] = [];
  for (const license of [...free, ...left]) {
    if (found.length === need.count) break;
    const move = { action: 'license.move', license: license.id, to: bindingOf(need.bindTo) };
    if (need.bindTo.startsWith('host:') || isOpen(context, move)) found.push(license);
  }
  return found;
}

/** Usable licenses of a fitting edition and term, the least general and the longest first. */
function fitting(context: Context, need: Need): readonly License[] {
  const editions = editionsFor(context, need.edition);
  const question = questionOf(context);
  const ends = (license: License): number => carrier(question, license).ends;
  return licensesOf(context)
    .filter(({ edition, term }) => editions.includes(edition) && (need.term !== 'perpetual' || term === 'perpetual'))
    .filter((license) => usable(question, license))
    .sort(
      (one, other) =>
        editions.indexOf(one.edition) - editions.indexOf(other.edition) ||
        compare(ends(other), ends(one)) ||
        compare(one.id, other.id),
    );
}

/** An answer about one named license is about another one from now on. */
function chosen(context: Context, bundle: Cure): Cure {
  if (typeof context.request['license'] !== 'string') return [];
  const [step] = bundle;
  const license =
    step?.do === 'buy' ? step.licenses[0] : step?.do === 'assign' || step?.do === 'move' ? step.license : undefined;
  return license === undefined
    ? []
    : [{ do: 'choose', rule: context.decision.reason_rule, field: 'license', value: license }];
}

/** AIP-7.1a: a license comes alive on a host only where a HyperAgent reaches it. */
function hyperAgents(context: Context, bundle: Cure): Cure {
  const { facts } = bundle.reduce((situation: Situation, step) => carryOut(step, situation), context);
  return bundle.flatMap((step) => {
    const on = 'bindTo' in step ? bindingOf(step.bindTo) : null;
    const license = step.do === 'buy' ? step.licenses[0] : 'license' in step ? step.license : undefined;
    if (on?.type !== 'host' || license === undefined) return [];
    const open = isOpen({ ...context, facts }, { action: 'license.activate', license, on });
    return open ? [] : [installOn(context, on.id)];
  });
}

/** On a machine that is covered without it, so that the HyperAgent costs no license; else on a new one. */
function installOn(context: Context, host: string): Step {
  const known = context.facts.machines ?? [];
  const near = known.filter(({ kind }) => kind !== 'cloud').sort((one, other) => (one.id < other.id ? -1 : 1));
  const machine = near.find((one) => isOpen(context, backupOf(one))) ?? near[0];
  const id = machine?.id ?? freshIds(known, 1)[0] ?? '';
  return { do: 'install_hyper_agent', rule: 'AIP-7.1a', machine: id, host };
}

function backupOf({ id }: Machine): { action: string; machine: string; mode: string } {
  return { action: 'backup', machine: id, mode: 'agent' };
}

/** F-1: whoever knows it says on which host the guest runs. Which one it is cannot be guessed, and none that is licensed
 * is put into anybody's mouth: the plan reckons with a host of its own. */
function declaredHost(context: Context, rule: string): readonly Cure[] {
  const named = namedIn(context.request);
  const guest = (context.facts.machines ?? []).find(
    (one) => one.kind === 'guest' && hostIdOf(one) === undefined && named.has(one.id),
  );
  return guest === undefined ? [] : [[{ do: 'declare_host', rule, machine: guest.id, host: `host of ${guest.id}` }]];
}

/** Installs that let an agentless backup run, or a license come alive. */
export function hyperAgentCures(context: Context): readonly Cure[] {
  const { facts, request } = context;
  const on = (request['on'] ?? request['to']) as Binding | undefined;
  const guest = facts.machines?.find(({ id }) => id === (on?.id ?? request['machine']));
  const host = on?.type === 'host' ? on.id : guest && hostIdOf(guest);
  const rule = context.decision.reason_rule;
  // What runs on no hypervisor host is backed up by its own agent.
  if (host === undefined) return [[{ do: 'choose', rule, field: 'mode', value: 'agent' }]];
  return [[{ ...installOn(context, host), rule }]];
}
