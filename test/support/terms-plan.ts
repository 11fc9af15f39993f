import {
  advise,
  apply,
  catalogs,
  decide,
  isAllowed,
  readCase,
  type Facts,
  type Plan,
  type Request,
} from '@leasehold/terms';
import { expect } from 'vitest';
import { rowsOf } from './terms-rows.js';

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

/** What every plan must hold to, asked about frozen facts: asking changes nothing. */
export function hold(facts: Facts, request: Request): Plan {
  const plan = advise(frozen(facts), frozen(request));
  expect(plan.before).toEqual(decide(facts, request));
  if (!plan.possible) {
    expect(isAllowed(plan.before)).toBe(false);
    expect(plan).toMatchObject({ steps: [], request, after: plan.before, licenses: 0 });
    return plan;
  }
  const after = apply(plan, facts);
  const question = readCase({ given: after, when: plan.request });
  expect(decide(question.facts, question.request)).toEqual(plan.after);
  expect(isAllowed(plan.after), JSON.stringify(plan)).toBe(true);
  expect(plan.steps.length === 0).toBe(isAllowed(plan.before));
  const ids = new Set(rowsOf(catalogs[facts.profile]).map(({ id }) => id));
  for (const step of plan.steps) expect(ids).toContain(step.rule);
  return plan;
}
