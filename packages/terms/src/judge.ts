import { rowsFor, type Rule, type TemperRule } from './catalog.js';
import { DAY } from './dates.js';
import type { Decision } from './decision.js';
import type { Judge, RuleParams, Temper, TemperParams } from './kinds.js';
import { TermsError } from './problem.js';
import { refuse, until, type Finding, type Question } from './question.js';

/** The order in which a question is judged: the rules of the action until one answers, then field rules and grades.
 * @throws TermsError UNKNOWN_ACTION when no rule speaks of the action */
export function judge(question: Question): Decision {
  const { catalog, request } = question;
  if (rowsFor(catalog.rules, request.action).length === 0) {
    throw new TermsError('UNKNOWN_ACTION', 'when.action', `no rule of catalog ${catalog.id} speaks of this action`);
  }
  let found = firstFinding(question, request.action);
  for (const row of rowsFor(catalog.tempers, request.action)) found = soften(question, row, found) ?? found;
  const { carriers = [], doubts: _doubts, ...decision } = found;
  // An allow lasts as long as the licenses that carry it, their grace included (D-11).
  const ends = carriers.reduce(
    (first, one) => Math.min(first, one.ends + one.graceDays * DAY),
    Number.POSITIVE_INFINITY,
  );
  // Not by a literal that begins with a spread: each of those has a hidden class of its own.
  return Object.assign({}, until(ends), decision);
}

/** What the first row of an action finds that answers. */
export function firstFinding(question: Question, action: string): Finding {
  for (const row of rowsFor(question.catalog.rules, action)) {
    const found = answer(question, row);
    if (found !== undefined) return found;
  }
  // A vendor's catalog may lack the closing row of an action: what no rule allows is not licensed.
  return refuse(question.catalog.id, 'NO_RULE');
}

/** The test behind a row. One that its profile does not have must not be passed over: it might be the one that refuses.
 * @throws TermsError CATALOG_INVALID */
export function testOf(
  tests: Readonly<Record<string, unknown>>,
  row: { readonly id: string; readonly kind: string },
): unknown {
  const test = tests[row.kind];
  if (test !== undefined) return test;
  throw new TermsError('CATALOG_INVALID', 'catalog', `row ${row.id}: its profile has no kind "${row.kind}"`);
}

function answer(question: Question, row: Rule): Finding | undefined {
  return (testOf(question.kinds.rules, row) as Judge<RuleParams, typeof row.kind>)(question, row);
}

function soften(question: Question, row: TemperRule, found: Finding): Finding | undefined {
  return (testOf(question.kinds.tempers, row) as Temper<TemperParams, typeof row.kind>)(question, row, found);
}
