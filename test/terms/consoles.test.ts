import { compile, decide, isAllowed, readCase, type Decision, type Facts, type Request } from '@leasehold/terms';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instanceFacts, instanceRequest, poolFacts, poolRequest } from '../support/terms-arbitrary-consoles.js';
import { assertProperty, TIMEOUT } from '../support/terms-properties.js';

const DAY = 86_400_000;

/** What the order of facts must not change. */
function meaning({ needs, ...rest }: Decision): unknown {
  return { ...rest, needs: needs?.map((need) => JSON.stringify(need)).toSorted() };
}

function turned(facts: Facts): Facts {
  const reversed = Object.entries(facts).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.toReversed() : value,
  ]);
  return Object.fromEntries(reversed) as Facts;
}

const worlds: readonly (readonly [string, fc.Arbitrary<Facts>, fc.Arbitrary<Request>])[] = [
  ['instances', instanceFacts, instanceRequest],
  ['pools', poolFacts, poolRequest],
];

describe.each(worlds)('arbitrary %s', (_name, facts, request) => {
  test('always have an answer, and the order of the facts does not change it', { timeout: TIMEOUT }, (context) => {
    const property = fc.property(facts, request, (given, when) => {
      const question = readCase({ given, when });
      const decision = decide(question.facts, question.request);
      expect(meaning(decide(turned(given), when))).toEqual(meaning(decision));
      if (decision.decision === 'warn') expect(decision.warnings?.length).toBeGreaterThan(0);
      if (decision.decision === 'refuse') expect(decision.code).toMatch(/^[A-Z0-9_]+$/);
      if (decision.decision === 'needs') expect(decision.needs?.length).toBeGreaterThan(0);
    });
    assertProperty(context, property);
  });

  test('let a restore pass, whatever else is wrong', { timeout: TIMEOUT }, (context) => {
    const property = fc.property(facts, request, (given, when) => {
      const restore = { ...when, action: 'restore' };
      expect(isAllowed(decide(given, restore))).toBe(true);
    });
    assertProperty(context, property);
  });

  const jumps = fc.array(fc.integer({ min: -40 * DAY, max: 40 * DAY }), { minLength: 2, maxLength: 6 });

  test('answer from memory as anew, also a millisecond beside each horizon', { timeout: TIMEOUT }, (context) => {
    const property = fc.property(facts, request, jumps, (given, when, list) => {
      const handle = compile(given).bind(when);
      const same = (at: number): void => {
        expect(handle.decide(at)).toEqual(decide({ ...given, now: new Date(at).toISOString() }, when));
      };
      let at = Date.parse(given.now);
      for (const jump of list) {
        same(at);
        const { horizon } = handle;
        const ends = horizon < Date.parse('2100-01-01');
        if (ends) for (const side of [-1, 0, 1]) same(horizon + side);
        at = (jump < 0 || !ends ? at : horizon) + jump;
      }
    });
    assertProperty(context, property);
  });
});
