import { expect, test } from 'vitest';
import { LeaseholdError, PROBLEM_CODES, toProblem, type ProblemCode } from '@leasehold/protocol';

test.each(Object.keys(PROBLEM_CODES) as ProblemCode[])(
  '%s says what to do, even where its sentence does not',
  (code) => {
    const { remedy } = toProblem(new LeaseholdError(code, 'It failed.'));
    expect(remedy).toMatch(/^[A-Z].{15,160}\.$/);
    expect(toProblem(new LeaseholdError(code, 'It failed.', { remedy: 'Do this.' })).remedy).toBe('Do this.');
  },
);
