import type { Catalog, PolicyDefaults } from './catalog.js';
import { Clock } from './clock.js';
import { instant, isoOf } from './dates.js';
import type { Decision, Need, Verdict } from './decision.js';
import type { Kinds, Rulebook } from './kinds.js';
import type { Ledger } from './ledger.js';
import type { Iso, Known, Machine, Request } from './model.js';

/** A license on which an answer rests, as the expiry grades look at it (D-2, D-3). */
export interface Carrier {
  /** First instant at which it is over; infinite when it never ends. */
  readonly ends: number;
  /** Set where the end is a calendar day, inclusive: days are then counted on the calendar. */
  readonly lastDay?: string;
  /** Days it goes on after its end. */
  readonly graceDays: number;
}

/** What the facts leave open about an allow (F-1 to F-3). */
export interface Doubts {
  readonly hostDeclaredOnly?: boolean;
  readonly hyperAgentsUnknown?: boolean;
  readonly inventoryAsOf?: Iso;
}

/** What a rule found: a decision, and what the field rules and grades must know to soften it. */
export interface Finding extends Decision {
  readonly carriers?: readonly Carrier[];
  readonly doubts?: Doubts;
}

/** One question with all that may be looked at. */
export class Question {
  readonly ledger: Ledger;
  readonly request: Request;
  readonly catalog: Catalog;
  readonly kinds: Kinds;
  readonly policy: PolicyDefaults;
  readonly clock: Clock;
  /** Cover found so far; one question may ask for it in several rows. */
  readonly covers: Map<Machine, Finding> = new Map();

  constructor(ledger: Ledger, request: Request, { catalog, kinds }: Rulebook, now: number) {
    const { policy, lastTrustedTime } = ledger.facts;
    this.ledger = ledger;
    this.request = request;
    this.catalog = catalog;
    this.kinds = kinds;
    this.policy = mergePolicy(catalog.policy, policy);
    this.clock = new Clock(now, lastTrustedTime === undefined ? undefined : instant(lastTrustedTime));
  }

  get facts(): Known {
    return this.ledger.facts;
  }

  /** A sum over many licenses, kept for as long as it holds: other questions to the same facts find it there. */
  remember(name: string, compute: () => number): number {
    const { clock, ledger } = this;
    const known = ledger.sums.get(name);
    if (known !== undefined && clock.now >= known.from && !clock.reached(known.until)) return known.value;
    const sum = clock.aside(compute);
    ledger.sums.set(name, { ...sum, from: clock.now });
    return sum.value;
  }

  /** A text field of the request; reading has made sure that it is one. */
  text(field: string): string {
    return this.request[field] as string;
  }

  get timeZone(): string | undefined {
    return this.facts.account?.timeZone;
  }
}

function mergePolicy(defaults: PolicyDefaults, own: Known['policy']): PolicyDefaults {
  if (own === undefined) return defaults;
  return { ...defaults, ...own, graceDays: { ...defaults.graceDays, ...own.graceDays } };
}

/** The first moment that no date of four digits names: who writes 9999-12-31 means for ever. */
const NEVER = 253_402_300_800_000;

/** Until when an answer holds by itself, as a field of a decision; nothing where it does not end. */
export function until(at: number): { readonly until?: Iso } {
  return at < NEVER ? { until: isoOf(at) } : {};
}

type More = Omit<Finding, 'decision' | 'reason_rule'>;

function finding(decision: Verdict, rule: { readonly id: string } | string, more?: More): Finding {
  return { decision, reason_rule: typeof rule === 'string' ? rule : rule.id, ...more };
}

export function allow(rule: { readonly id: string } | string, more?: More): Finding {
  return finding('allow', rule, more);
}

export function warn(rule: { readonly id: string } | string, warnings: readonly string[], more?: More): Finding {
  return finding('warn', rule, { warnings, ...more });
}

/** What would cure it. What two machines lack together, the license of one host or those of one group, is bought once. */
export function needs(rule: { readonly id: string } | string, list: readonly Need[], more?: More): Finding {
  const first = (one: Need): Need | undefined =>
    list.find(({ bindTo, edition, term }) => bindTo === one.bindTo && edition === one.edition && term === one.term);
  return finding('needs', rule, { needs: list.filter((one) => first(one) === one), ...more });
}

export function refuse(rule: { readonly id: string } | string, code: string, more?: More): Finding {
  return finding('refuse', rule, { code, ...more });
}

/** One missing license. */
export function need(edition: string, bindTo: string, term: Need['term'] = 'any', count = 1): Need {
  return { edition, term, count, bindTo };
}
