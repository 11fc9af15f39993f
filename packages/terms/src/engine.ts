import { Table } from './compile.js';
import { instant } from './dates.js';
import type { Decision } from './decision.js';
import { judge } from './judge.js';
import type { Rulebook } from './kinds.js';
import { Ledger } from './ledger.js';
import type { Facts, Known, Request } from './model.js';
import { Question } from './question.js';

/** The engine by itself: the rules come with the call. Who embeds one product takes this and that product's rulebook. */

/** May this be done? As `decide` of the package, by a given rulebook.
 * @throws TermsError UNKNOWN_ACTION, UNKNOWN_ID */
export function decide(facts: Facts, request: Request, rulebook: Rulebook): Decision {
  return judge(new Question(new Ledger(facts), request, rulebook, instant(facts.now)));
}

/** Compiles what is held, as `compile` of the package, by a given rulebook. */
export function compile(facts: Known, rulebook: Rulebook): Table {
  return new Table(facts, rulebook);
}
