import type { Decision } from './decision.js';

/** More than these are not looked for among the earlier ones: every customer's own shortage would stay in memory. */
const MOST = 1_024;

/** Answers as handles give them: frozen, equal ones the same object, and all of one shape (what does not apply is
 * undefined), so that whoever reads one reads it as fast as any other. */
export class Answers {
  readonly #known: Map<string, Decision> = new Map();

  /** The one object for all decisions that are equal to this. */
  keep({ decision, reason_rule, code, also, needs, warnings, obligations, value, until }: Decision): Decision {
    const answer = freeze({ decision, reason_rule, code, also, needs, warnings, obligations, value, until });
    const key = JSON.stringify(answer);
    const known = this.#known.get(key);
    if (known === undefined && this.#known.size < MOST) this.#known.set(key, answer);
    return known ?? answer;
  }
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value;
}
