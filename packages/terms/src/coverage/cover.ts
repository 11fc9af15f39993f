import type { CoverRule } from '../catalog.js';
import { testOf } from '../judge.js';
import type { CoverJudge, CoverParams } from '../kinds.js';
import type { Machine } from '../model.js';
import { refuse, type Finding, type Question } from '../question.js';

/** Is a machine covered, by which rule, and what is missing else? The cover rows of the catalog answer in order. */
export function coverOf(question: Question, machine: Machine): Finding {
  const known = question.covers.get(machine);
  if (known !== undefined) return known;
  const found = firstCover(question, machine);
  question.covers.set(machine, found);
  return found;
}

export function isCovered(question: Question, machine: Machine): boolean {
  return coverOf(question, machine).decision === 'allow';
}

function firstCover(question: Question, machine: Machine): Finding {
  for (const row of question.catalog.cover) {
    const found = ask(question, row, machine);
    if (found !== undefined) return found;
  }
  return refuse(question.catalog.id, 'NO_RULE');
}

function ask(question: Question, row: CoverRule, machine: Machine): Finding | undefined {
  return (testOf(question.kinds.cover, row) as CoverJudge<CoverParams, typeof row.kind>)(question, row, machine);
}
