import { hostIdOf } from '../coverage/guests.js';
import { usable } from '../coverage/licenses.js';
import type { Need } from '../decision.js';
import type { Binding, License, Machine } from '../model.js';
import { bindingOf, carryOut, yearAhead } from './carry-out.js';
import { editionsFor, freshIds, isOpen, purchases, questionOf, type Context, type Cure } from './context.js';
import type { Situation, Step } from './steps.js';

/** Ways to cover what a machine, host, group or technician lacks: what is free, what a disposed machine leaves, then what
 * is to be bought. */
export function coverageCures(context: Context, need: Need): readonly Cure[] {
  const rule = context.decision.reason_rule;
  if (need.bindTo === 'host:unknown') return declaredHost(context, rule);
  const held = [...free(context, need), ...left(context, need)].slice(0, need.count);
  const uses = held.map((license): Step => use(license, need.bindTo, rule));
  const rest = { ...need, count: need.count - uses.length };
  const bundles: readonly Cure[] = rest.count === 0 ? [uses] : bought(context, rest).map((step) => [...uses, step]);
  return bundles.map((bundle) => [...hyperAgents(context, bundle), ...bundle, ...chosen(context, bundle)]);
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

/** Usable licenses of a fitting edition and term that are bound to nothing, the longest and least general first. */
function free(context: Context, need: Need): readonly License[] {
  return fitting(
    context,
    need,
    licensesOf(context).filter(({ boundTo }) => boundTo === null),
  );
}

/** Licenses of machines that were declared disposed: these move (AIP-2.1), those of hosts and groups do not. */
function left(context: Context, need: Need): readonly License[] {
  const disposed = new Set(
    (context.facts.machines ?? []).filter(({ declared }) => declared === 'disposed').map(({ id }) => id),
  );
  const bound = licensesOf(context).filter(({ boundTo }) => boundTo?.type === 'machine' && disposed.has(boundTo.id));
  return fitting(context, need, bound);
}

function fitting(context: Context, need: Need, licenses: readonly License[]): readonly License[] {
  const editions = editionsFor(context, need.edition);
  const question = questionOf(context);
  const on = bindingOf(need.bindTo);
  return licenses
    .filter(({ edition, term }) => editions.includes(edition) && (need.term !== 'perpetual' || term === 'perpetual'))
    .filter((license) => usable(question, license))
    .filter(
      ({ id }) => need.bindTo.startsWith('host:') || isOpen(context, { action: 'license.move', license: id, to: on }),
    )
    .sort((one, other) => (one.id < other.id ? -1 : 1));
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
  const named = Object.values(context.request).map((value) => (typeof value === 'string' ? value : idOf(value)));
  const guest = (context.facts.machines ?? []).find(
    (one) => one.kind === 'guest' && hostIdOf(one) === undefined && named.includes(one.id),
  );
  return guest === undefined ? [] : [[{ do: 'declare_host', rule, machine: guest.id, host: `host of ${guest.id}` }]];
}

/** The id in a field like `on` or `scope`. */
function idOf(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : undefined;
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
