import type { Policy, Profile, Term } from './model.js';
import type { CoverParams, RuleParams, TemperParams } from './kinds.js';

/** Where a rule comes from: a key of the catalog's `sources`, the section there, the lines. */
export interface Citation {
  readonly source: string;
  readonly section: string;
  readonly lines?: string;
}

interface Row {
  /** The id that decisions name: `AIP-1.4`. */
  readonly id: string;
  readonly cite: Citation;
}

/** A rule that no row decides by; `same` names the one that says it too. */
export type Note = Row & { readonly same?: string };

type RowsOf<Params> = {
  [Kind in keyof Params]: Row & { readonly kind: Kind } & Params[Kind];
}[keyof Params];

/** A row that may answer a question: of the rows of an action the first one that answers decides. */
export type Rule = RowsOf<RuleParams> & { readonly on: readonly string[] };
/** A row that may say whether a machine is covered; asked in order by every rule that starts from cover. */
export type CoverRule = RowsOf<CoverParams>;
/** A row that may soften what the rules found: field rules and expiry grades (rules 1.7, 1.8). */
export type TemperRule = RowsOf<TemperParams> & { readonly on: readonly string[] };

/** One row with the parameters of its kind. */
export type RowOf<Params, Kind extends keyof Params> = Row & { readonly kind: Kind } & Params[Kind];

/** Policy with every switch set; facts may override each. Units: days, percent, instances. */
export interface PolicyDefaults extends Required<Omit<Policy, 'overuse' | 'graceDays'>> {
  readonly graceDays: Readonly<Record<Term | 'pooled', number>>;
  readonly overuse?: Policy['overuse'];
}

/** What licenses are called, and which of them a thing needs. */
export interface Editions {
  /** Edition by operating system of a physical machine; a system without a row has none (AIP-0.2). */
  readonly byOs: Readonly<Record<string, string>>;
  readonly cloud: string;
  readonly host: string;
  /** For a hypervisor that runs on a client system (AIP-8.1). */
  readonly clientHost: string;
  readonly node: string;
  readonly technician: string;
  /** Needed edition → larger editions that serve as well. */
  readonly serves?: Readonly<Record<string, readonly string[]>>;
}

/** Which type of per-instance license an instance needs (MSP-1), and which its system takes at all (MSP-12). */
export interface InstanceTypes {
  /** Type by operating system, for an instance that wants none by itself. */
  readonly byOs: Readonly<Record<string, string>>;
  readonly otherwise: string;
  /** Operating system → the only types it takes; a system without a row takes any. */
  readonly only: Readonly<Record<string, readonly string[]>>;
}

/** The licensing rules of one product: ordered rows over a closed set of kinds. Plain JSON, so that a vendor can ship one.
 * The order of the rows decides which rule an answer names (rules 1.5, 1.7, 1.8). */
export interface Catalog {
  readonly id: string;
  readonly version: string;
  /** The lowest engine that understands every kind used. */
  readonly engine: number;
  readonly profile: Profile;
  /** Titles of the documents that `cite.source` names. */
  readonly sources: Readonly<Record<string, string>>;
  readonly policy: PolicyDefaults;
  readonly editions?: Editions;
  readonly instanceTypes?: InstanceTypes;
  /** What one license costs, in whatever unit the vendor counts; only compared (advice). */
  readonly prices?: readonly { readonly edition: string; readonly term: Term; readonly price: number }[];
  readonly cover: readonly CoverRule[];
  readonly rules: readonly Rule[];
  readonly tempers: readonly TemperRule[];
  /** Rules that decide nothing by themselves: said by another rule, or kept elsewhere. For the documentation. */
  readonly notes?: readonly Note[];
  /** Language → cause (`AIP-0.1 needs`, `D-5 refuse LEASE_EXPIRED`) → sentence and remedy, before the built-in ones. */
  readonly messages?: Readonly<Record<string, Readonly<Record<string, readonly [sentence: string, remedy: string]>>>>;
}

/** The engine that this code is; a catalog that asks for a later one is not read. */
export const ENGINE = 1;

const byAction = new WeakMap<Catalog, Map<string, readonly Rule[]>>();

/** The rows that speak of an action, in order; empty when the catalog does not know it. */
export function rulesFor(catalog: Catalog, action: string): readonly Rule[] {
  let index = byAction.get(catalog);
  if (index === undefined) byAction.set(catalog, (index = new Map()));
  let rules = index.get(action);
  if (rules === undefined) index.set(action, (rules = catalog.rules.filter((rule) => rule.on.includes(action))));
  return rules;
}

const citations = new WeakMap<Catalog, ReadonlyMap<string, Citation>>();

/** Where a rule of this catalog stands: the citation of its first row. */
export function citationOf(catalog: Catalog, rule: string): Citation | undefined {
  let index = citations.get(catalog);
  if (index === undefined) {
    const rows: readonly Row[] = [...catalog.rules, ...catalog.cover, ...catalog.tempers, ...(catalog.notes ?? [])];
    citations.set(catalog, (index = new Map(rows.toReversed().map((row) => [row.id, row.cite]))));
  }
  return index.get(rule);
}
