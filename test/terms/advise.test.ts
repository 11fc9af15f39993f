import { readdirSync, readFileSync } from 'node:fs';
import { readCase, TermsError } from '@leasehold/terms';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as coverage from '../support/terms-arbitrary.js';
import { instanceFacts, instanceRequest, poolFacts, poolRequest } from '../support/terms-arbitrary-consoles.js';
import { hold } from '../support/terms-plan.js';
import { assertProperty, RUNS, TIMEOUT } from '../support/terms-properties.js';

describe('a plan carried out makes the answer allow or warn', () => {
  const worlds = [
    ['machines and hosts', coverage.facts, coverage.request],
    ['instances', instanceFacts, instanceRequest],
    ['pools', poolFacts, poolRequest],
  ] as const;

  test.for(worlds)('for arbitrary %s', { timeout: TIMEOUT }, ([_name, facts, request], context) => {
    let [possible, planned] = [0, 0];
    assertProperty(
      context,
      fc.property(facts, request, (given, when) => {
        let question;
        try {
          question = readCase({ given, when });
        } catch (error) {
          expect(error).toBeInstanceOf(TermsError);
          return;
        }
        const plan = hold(question.facts, question.request);
        if (plan.steps.length > 0) planned += 1;
        if (plan.possible) possible += 1;
      }),
    );
    // A search that finds nothing would hold everything.
    expect(planned).toBeGreaterThan(RUNS / 20);
    expect(possible).toBeGreaterThan(RUNS / 3);
  });

  const folder = new URL('../cases/', import.meta.url);
  const cases = readdirSync(folder).flatMap(
    (name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { id: string; then: { code?: string } }[],
  );

  /** What no purchase and no word of anybody cures, by its code; `needs` of D-9: a fingerprint is what it is. */
  const incurable = ['OS_NOT_SUPPORTED', 'IRREVERSIBLE', 'METERED_NOT_POOLABLE', 'MEDIA_OS', 'OS_UNKNOWN'];

  test('for every case; where there is no way, the refusal is one that has none', { timeout: TIMEOUT }, () => {
    expect(cases.length).toBeGreaterThan(500);
    const without = cases.filter((one) => {
      const { facts, request } = readCase(one);
      return !hold(facts, request).possible;
    });
    const known = new Set<string | undefined>([
      ...incurable,
      undefined,
      // Where no other machine is covered, no edition or system fits, or one doubt hides the next.
      'EDITION_EXCLUDES_SHARES',
      'UNLICENSED_MEDIA',
      'MEDIA_EXPIRED',
      'CLOCK_WRONG',
      'PORTAL_LOCKED',
    ]);
    expect(without.filter(({ then: { code } }) => !known.has(code)).map(({ id }) => id)).toEqual([]);
    expect(without.length).toBeLessThan(cases.length / 20);
  });
});
