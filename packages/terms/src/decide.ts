import { aip } from './catalogs/aip.js';
import { generic } from './catalogs/generic.js';
import { lmp } from './catalogs/lmp.js';
import { msp } from './catalogs/msp.js';
import { rulesFor, type Catalog, type Rule, type TemperRule } from './catalog.js';
import { DAY, instant } from './dates.js';
import type { Decision } from './decision.js';
import { ruleKinds, temperKinds, type Judge, type RuleParams, type Temper, type TemperParams } from './kinds.js';
import { Ledger } from './ledger.js';
import type { Facts, Profile, Request } from './model.js';
import { TermsError } from './problem.js';
import { Question, refuse, until, type Finding } from './question.js';

/** The catalogs that ship with the engine, by profile. */
export const catalogs: Readonly<Record<Profile, Catalog>> = { aip, msp, lmp, generic };

/** May this be done? Facts and request are plain values that `readCase` has read; `now` is one of the facts.
 * @throws TermsError UNKNOWN_ACTION, UNKNOWN_ID when the request asks about something the facts do not hold. */
export function decide(facts: Facts, request: Request, catalog: Catalog = catalogs[facts.profile]): Decision {
  return judge(new Question(new Ledger(facts), request, catalog, instant(facts.now)));
}

/** The order in which a question is judged: the rules of the action until one answers, then field rules and grades. */
export function judge(question: Question): Decision {
  let found = firstFinding(question);
  for (const row of question.catalog.tempers) {
    if (row.on.includes(question.request.action)) found = soften(question, row, found) ?? found;
  }
  const { carriers = [], doubts: _doubts, ...decision } = found;
  // An allow lasts as long as the licenses that carry it, their grace included (D-11).
  const ends = Math.min(...carriers.map((carrier) => carrier.ends + carrier.graceDays * DAY));
  return { ...until(ends), ...decision };
}

function firstFinding(question: Question): Finding {
  const { catalog, request } = question;
  const rules = rulesFor(catalog, request.action);
  if (rules.length === 0) {
    throw new TermsError('UNKNOWN_ACTION', 'when.action', `no rule of catalog ${catalog.id} speaks of this action`);
  }
  for (const row of rules) {
    const found = answer(question, row);
    if (found !== undefined) return found;
  }
  // A vendor's catalog may lack the closing row of an action: what no rule allows is not licensed.
  return refuse(catalog.id, 'NO_RULE');
}

function answer(question: Question, row: Rule): Finding | undefined {
  return (ruleKinds[row.kind] as Judge<RuleParams, typeof row.kind>)(question, row);
}

function soften(question: Question, row: TemperRule, found: Finding): Finding | undefined {
  return (temperKinds[row.kind] as Temper<TemperParams, typeof row.kind>)(question, row, found);
}
