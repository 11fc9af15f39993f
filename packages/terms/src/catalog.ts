import type { Policy, Profile, Term } from './model.js';
import type { CoverParams, RuleParams, TemperParams } from './kinds.js';

/** Where a rule comes from: a key of `sources`, the section there, the lines. */
export interface Citation {
  readonly source: string;
  readonly section: string;
  readonly lines?: string;
  /** The rule that says it too, where no row decides by this one. */
  readonly same?: string;
}

interface Row {
  /** The id that decisions name: `AIP-1.4`. Several rows may carry the same. */
  readonly id: string;
}

/** One row with the parameters of its kind. */
export type RowOf<Params, Kind extends keyof Params> = Row & { readonly kind: Kind } & Params[Kind];
type RowsOf<Params> = { [Kind in keyof Params]: RowOf<Params, Kind> }[keyof Params];

/** A row that may answer a question: of the rows of an action the first one that answers decides. */
export type Rule = RowsOf<RuleParams>;
/** A row that may say whether a machine is covered; asked in order by every rule that starts from cover. */
export type CoverRule = RowsOf<CoverParams>;
/** A row that may soften what the rules found: field rules and expiry grades (rules 1.7, 1.8). */
export type TemperRule = RowsOf<TemperParams>;

/** Action → its rows, in the order in which they are asked. */
export type ByAction<Each> = Readonly<Record<string, readonly Each[]>>;

/** Policy with every switch set; facts may override each. Units: days, percent, instances. */
export interface PolicyDefaults extends Required<Omit<Policy, 'overuse' | 'graceDays' | 'releaseReuse'>> {
  readonly graceDays: Readonly<Record<Term | 'pooled', number>>;
  readonly overuse?: Policy['overuse'];
  readonly releaseReuse?: Policy['releaseReuse'];
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
  /** Needed type → larger types that serve as well. */
  readonly serves?: Readonly<Record<string, readonly string[]>>;
}

/** The licensing rules of one product: ordered rows over the closed set of kinds of its profile. Plain JSON, so that a vendor can ship one.
 * The order of the rows decides which rule an answer names (rules 1.5, 1.7, 1.8). */
export interface Catalog {
  readonly id: string;
  readonly version: string;
  /** The lowest engine that understands every kind used. */
  readonly engine: number;
  readonly profile: Profile;
  readonly policy: PolicyDefaults;
  readonly editions?: Editions;
  readonly instanceTypes?: InstanceTypes;
  /** What one license costs, in whatever unit the vendor counts; only compared (advice). */
  readonly prices?: readonly { readonly edition: string; readonly term: Term; readonly price: number }[];
  readonly cover: readonly CoverRule[];
  readonly rules: ByAction<Rule>;
  readonly tempers: ByAction<TemperRule>;
  /** Rule → where it stands, before the built-in ones; `sources` has the titles of the documents. Not read by decisions. */
  readonly citations?: Readonly<Record<string, Citation>>;
  readonly sources?: Readonly<Record<string, string>>;
  /** Language → cause (`AIP-0.1 needs`, `D-5 refuse LEASE_EXPIRED`) → sentence and remedy, before the built-in ones. */
  readonly messages?: Readonly<Record<string, Readonly<Record<string, readonly [sentence: string, remedy: string]>>>>;
}

/** The engine that this code is; a catalog that asks for a later one is not read. */
export const ENGINE = 1;

/** What a record itself holds under a name that came from outside: `constructor` is a word like any other. */
export function own<Value>(record: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** The rows of an action, in order; empty when the catalog does not know it. */
export function rowsFor<Each>(rows: ByAction<Each>, action: string): readonly Each[] {
  return own(rows, action) ?? [];
}
