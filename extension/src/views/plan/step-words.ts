import type { Step } from '@leasehold/terms';
import type { IconName } from '../../components/icon.js';
import { calsText } from '../../model/pools.js';
import { licenseOfSeat } from '../../model/plan-facts.js';
import { NEW, type Act } from '../../model/plan.js';
import { day, instant, number, shortId, tight } from '../../texts/format.js';
import { typeName } from '../../texts/names.js';
import { pl } from '../../texts/plan.js';

/** A step as it is read: its verb, the rest, what it takes, which rule asks for it. */
export interface Line {
  readonly icon: IconName;
  readonly act: string;
  readonly rest: string;
  /** Licenses that it takes; empty where it needs none. */
  readonly takes: string;
  readonly isPurchase: boolean;
  readonly rule: string;
  readonly why?: string;
}

/** Names for ids; what has no name yet is said in words. */
export type NameOf = (id: string) => string;

const ICONS: Partial<Record<Step['do'], IconName>> = {
  buy: 'cart',
  assign: 'license',
  move: 'arrow',
  renew: 'clock',
  wait: 'clock',
  check_in: 'clock',
  convert: 'layers',
  create_pool: 'layers',
  set_pool_quota: 'layers',
  create_key: 'key',
  apply_key: 'key',
  deactivate_key: 'key',
  make_medium: 'medium',
};

/** Steps as the authority sent them, of deeds that this console knows; one that lacks a member of its deed is left out. */
export function knownSteps(steps: readonly { readonly do: string }[]): readonly Step[] {
  return (steps as readonly Step[]).filter((step) => {
    try {
      return Object.hasOwn(WORDS, step.do) && lineOf(step, String).rest.length > 0;
    } catch {
      return false;
    }
  });
}

export function lineOf(step: Step, nameOf: NameOf): Line {
  const [act, rest] = said(step, nameOf);
  const { isPurchase, takes } = takenBy(step);
  return { icon: ICONS[step.do] ?? 'check', act, rest: tight(rest), takes, isPurchase, rule: step.rule };
}

function takenBy(step: Step): { readonly isPurchase: boolean; readonly takes: string } {
  const { times } = pl.value;
  if (step.do === 'buy') return { isPurchase: true, takes: times(step.count, typeName(step.edition)) };
  if (step.do === 'renew') return { isPurchase: true, takes: licenseName(step.license) };
  if (step.do === 'assign' || step.do === 'move') return { isPurchase: false, takes: licenseName(step.license) };
  return { isPurchase: false, takes: '' };
}

const licenseName = (id: string): string => shortId(licenseOfSeat(id), 18);

/** `host:esx2` in words. */
export function placeName(binding: string, nameOf: NameOf): string {
  const [type = '', ...rest] = binding.split(':');
  const words = pl.value.on[type];
  const id = rest.join(':');
  if (words === undefined) return binding;
  return typeof words === 'string' ? words : id === NEW ? nameOf(id) : words(nameOf(id));
}

type Words = { [Name in Step['do']]: (step: Extract<Step, { do: Name }>, nameOf: NameOf) => readonly [string, string] };

const kinds = (cals: Readonly<Record<string, number>>): string => calsText(cals, Object.keys(cals));
const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const WORDS: Words = {
  buy: (step, nameOf) => {
    const what = `${typeName(step.edition)}${pl.value.terms[step.term] ?? ''}`;
    return pl.value.steps.buy(number(step.count), what, placeName(step.bindTo, nameOf));
  },
  assign: (step, nameOf) => pl.value.steps.assign(licenseName(step.license), placeName(step.bindTo, nameOf)),
  move: (step, nameOf) =>
    pl.value.steps.move(licenseName(step.license), placeName(step.from, nameOf), placeName(step.bindTo, nameOf)),
  renew: (step) => pl.value.steps.renew(licenseName(step.license), day(step.until)),
  declare: (step) => pl.value.steps.declare(`${step.field}: ${plain(step.value)}`),
  declare_host: (step, nameOf) => pl.value.steps.declare_host(nameOf(step.machine), nameOf(step.host)),
  choose: (step) => pl.value.steps.choose(`${step.field}: ${plain(step.value)}`),
  ask: (step) => pl.value.steps.ask(step.request.action),
  install_hyper_agent: (step, nameOf) => pl.value.steps.install_hyper_agent(nameOf(step.host)),
  make_medium: (step) => pl.value.steps.make_medium(step.base),
  end_session: (step) => pl.value.steps.end_session(step.session),
  check_in: () => pl.value.steps.check_in(),
  wait: (step) => pl.value.steps.wait(instant(step.until)),
  convert: (step) => pl.value.steps.convert(step.license),
  create_pool: (step) => pl.value.steps.create_pool(step.pool, kinds(step.quota)),
  set_pool_quota: (step, nameOf) => pl.value.steps.set_pool_quota(nameOf(step.pool), kinds(step.quota)),
  create_key: (step) => pl.value.steps.create_key(step.licenseeName, kinds(step.quota)),
  apply_key: (step, nameOf) => pl.value.steps.apply_key(nameOf(step.server)),
  deactivate_key: (step, nameOf) => pl.value.steps.deactivate_key(nameOf(step.key)),
  update_server: (step, nameOf) => pl.value.steps.update_server(nameOf(step.server), step.version),
};

function said(step: Step, nameOf: NameOf): readonly [string, string] {
  return (WORDS[step.do] as (step: Step, nameOf: NameOf) => readonly [string, string])(step, nameOf);
}

/** What the plan was made for, and what comes after it. */
export function actLines(act: Act, rule: string, nameOf: NameOf): readonly Line[] {
  const { acts } = pl.value;
  const none = { takes: '', isPurchase: false, rule } as const;
  const line = (icon: IconName, [does, rest]: readonly [string, string]): Line => ({ ...none, icon, act: does, rest });
  if (act.do === 'standby') return [line('copy', acts.standby(nameOf(act.from), nameOf(act.to)))];
  if (act.do === 'cluster') return [line('cluster', acts.cluster(nameOf(act.group), number(act.nodes)))];
  if (act.do === 'split') return splitLines(act, line, nameOf);
  const words = act.kind === 'host' ? acts.replaceHost(nameOf(act.from), nameOf(act.to)) : undefined;
  const move = line('arrow', words ?? acts.migrate(act.kind, nameOf(act.from), nameOf(act.to)));
  if (!act.disposed) return [move];
  return [move, { ...line('shield', acts.release(nameOf(act.from))), rule: 'D-10', why: acts.releaseWhy }];
}

type Split = Extract<Act, { do: 'split' }>;

function splitLines(act: Split, line: (icon: IconName, words: readonly [string, string]) => Line, nameOf: NameOf) {
  const { acts, steps } = pl.value;
  return [
    { ...line('layers', steps.set_pool_quota(nameOf(act.pool), kinds(act.left))), rule: 'LMP-3.4' },
    line('layers', steps.create_pool(act.name, kinds(act.moved))),
    { ...line('key', acts.split(act.name)), rule: 'LMP-3.5' },
  ];
}
