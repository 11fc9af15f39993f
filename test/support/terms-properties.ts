import fc from 'fast-check';
import type { TestContext } from 'vitest';

const LONG = process.env['LONG'] === '1';
/** Random cases of one property; the long form runs a hundred times as many. */
export const RUNS = LONG ? 100_000 : 1_000;
export const TIMEOUT = LONG ? 3_600_000 : 120_000;

/** Holds a property against random cases, and leaves on record how many and from which seed. */
export function assertProperty<Values>({ task }: TestContext, property: fc.IRawProperty<Values, false>): void {
  const seed = Number(process.env['LEASEHOLD_SEED'] ?? Date.now() % 2 ** 31);
  fc.assert(property as fc.IProperty<Values>, { numRuns: RUNS, seed });
  Object.assign(task.meta, { evidence: { cases: RUNS, seed } });
}
