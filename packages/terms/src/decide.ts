import type { Catalog } from './catalog.js';
import type { Table } from './compile.js';
import { validHostLicenses } from './coverage/hyper-agents.js';
import { instant } from './dates.js';
import type { Decision } from './decision.js';
import * as engine from './engine.js';
import { judge } from './judge.js';
import type { Rulebook } from './kinds.js';
import { Ledger } from './ledger.js';
import type { Facts, Known, Profile, Request } from './model.js';
import { Question } from './question.js';
import { aip } from './rulebooks/aip.js';
import { generic } from './rulebooks/generic.js';
import { lmp } from './rulebooks/lmp.js';
import { msp } from './rulebooks/msp.js';

const rulebooks: Readonly<Record<Profile, Rulebook>> = { aip, msp, lmp, generic };

/** The catalogs that ship with the engine, by profile. */
export const catalogs: Readonly<Record<Profile, Catalog>> = {
  aip: aip.catalog,
  msp: msp.catalog,
  lmp: lmp.catalog,
  generic: generic.catalog,
};

/** A catalog with the kinds of its profile. */
export function rulebookOf(catalog: Catalog): Rulebook {
  return { catalog, kinds: rulebooks[catalog.profile].kinds };
}

/** May this be done? Facts and request are plain values that `readCase` has read; `now` is one of the facts.
 * @throws TermsError UNKNOWN_ACTION, UNKNOWN_ID when the request asks about something the facts do not hold. */
export function decide(facts: Facts, request: Request, catalog: Catalog = catalogs[facts.profile]): Decision {
  return engine.decide(facts, request, rulebookOf(catalog));
}

/** An answer, and the first instant at which time alone makes another one of it, not only another number of days that are
 * left. Unit: ms since the epoch; infinite: never. */
export interface Foreseen {
  readonly decision: Decision;
  readonly turn: number;
}

/** As `decide`, with the instant at which to ask again. @throws TermsError UNKNOWN_ACTION, UNKNOWN_ID */
export function foresee(facts: Facts, request: Request, catalog: Catalog = catalogs[facts.profile]): Foreseen {
  const question = new Question(new Ledger(facts), request, rulebookOf(catalog), instant(facts.now));
  const decision = judge(question);
  return { decision, turn: question.clock.turn };
}

/** Compiles what is held. Facts come as `readFacts` has read them, without `now`: each question brings its own. */
export function compile(facts: Known, catalog: Catalog = catalogs[facts.profile]): Table {
  return engine.compile(facts, rulebookOf(catalog));
}

/** How many HyperAgent machines are covered with agentless backups: as many as there are Virtual licenses that count
 * (AIP-7.2, A-11). */
export function hyperAgentAllowance(facts: Facts, catalog: Catalog = catalogs.aip): number {
  const asked = { action: 'backup' };
  return validHostLicenses(new Question(new Ledger(facts), asked, rulebookOf(catalog), instant(facts.now)));
}
