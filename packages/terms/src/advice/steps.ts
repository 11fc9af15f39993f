import type { Cals, Day, Facts, Iso, PoolType, Request, Term } from '../model.js';

/** Licenses to be bought. `bindTo` is what they are for: `host:esx2`, `instance:i1`, `company:acme`; `stock`: for nothing yet. */
export interface Buy {
  readonly do: 'buy';
  /** Ids that the bought licenses stand under in the facts after. */
  readonly licenses: readonly string[];
  readonly edition: string;
  readonly term: Term;
  readonly count: number;
  readonly bindTo: string;
  /** Of a license that is to be pooled: what it must bring. */
  readonly cals?: Cals;
}

/** Everything that a plan can ask for. Facts change, but for `declare` and `choose`, which change the request. */
export type Deed =
  | Buy
  /** A free license is put to use. */
  | { readonly do: 'assign'; readonly license: string; readonly bindTo: string }
  /** A license leaves a machine that is disposed of. */
  | { readonly do: 'move'; readonly license: string; readonly from: string; readonly bindTo: string }
  /** Its term, or its maintenance, is extended to this day. */
  | { readonly do: 'renew'; readonly license: string; readonly until: Day }
  /** A person says what only a person can know. */
  | { readonly do: 'declare'; readonly field: string; readonly value: unknown }
  | { readonly do: 'declare_host'; readonly machine: string; readonly host: string }
  /** The same wish, asked in another way. */
  | { readonly do: 'choose'; readonly field: string; readonly value: unknown }
  | { readonly do: 'ask'; readonly request: Request }
  | { readonly do: 'install_hyper_agent'; readonly machine: string; readonly host: string }
  | { readonly do: 'make_medium'; readonly medium: string; readonly base: 'linux' | 'winpe' }
  | { readonly do: 'end_session'; readonly session: string }
  /** The machine, or the server, reaches the authority and renews its lease. */
  | { readonly do: 'check_in'; readonly server?: string }
  | { readonly do: 'wait'; readonly until: Iso }
  | { readonly do: 'convert'; readonly license: string }
  | { readonly do: 'create_pool'; readonly pool: string; readonly type: PoolType; readonly quota: Cals }
  | { readonly do: 'set_pool_quota'; readonly pool: string; readonly quota: Cals }
  | {
      readonly do: 'create_key';
      readonly key: string;
      readonly pool: string;
      readonly licenseeName: string;
      readonly quota: Cals;
    }
  | { readonly do: 'apply_key'; readonly key: string; readonly server: string }
  | { readonly do: 'deactivate_key'; readonly key: string }
  | { readonly do: 'update_server'; readonly server: string; readonly version: string };

/** One step of a plan, with the rule that asks for it. */
export type Step = Deed & { readonly rule: string };

/** Where a plan has come to: what is known, and how it is asked. */
export interface Situation {
  readonly facts: Facts;
  readonly request: Request;
}
