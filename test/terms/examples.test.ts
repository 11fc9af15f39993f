import { readFileSync } from 'node:fs';
import {
  advise,
  catalogProblems,
  decide,
  en,
  explain,
  ja,
  readCase,
  readCatalog,
  type Decision,
} from '@leasehold/terms';
import { describe, expect, test } from 'vitest';

/** The worked example of docs/catalogs.md: an invented vendor with a catalog for machines and one for pools. */

interface Example {
  readonly id: string;
  readonly given: unknown;
  readonly when: unknown;
  readonly then: Decision;
}

function example(name: string): unknown {
  const file = new URL(`../../docs/examples/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8'));
}

describe.each(['machines', 'pools'])('the example catalog for %s', (name) => {
  const catalog = readCatalog(example(`catalog-${name}`));
  const cases = example(`cases-${name}`) as Example[];

  test('has nothing wrong with it', () => {
    expect(catalogProblems(catalog)).toEqual([]);
  });

  test.each(cases.map((one) => [one.id, one] as const))('decides %s as its terms say', (_id, one) => {
    const { facts, request } = readCase(one);
    const { until: _until, ...decision } = decide(facts, request, catalog);
    expect(decision).toEqual(one.then);
  });

  test('explains every answer with a sentence, and cites its own terms', () => {
    for (const one of cases) {
      const { facts, request } = readCase(one);
      const decision = decide(facts, request, catalog);
      const told = explain(decision, en, { facts, catalog });
      expect(told.sentence, one.id).not.toBe('');
      const own = decision.reason_rule.startsWith('F') && !decision.reason_rule.startsWith('F-');
      expect(told.citation?.title.startsWith('Fernhill'), one.id).toBe(own);
    }
  });
});

const machines = readCatalog(example('catalog-machines'));
const caseOf = (id: string): ReturnType<typeof readCase> =>
  readCase((example('cases-machines') as Example[]).find((one) => one.id === id));

test('the vendor’s texts speak both languages', () => {
  const { facts, request } = caseOf('no-license');
  const decision = decide(facts, request, machines);
  const told = explain(decision, en, { facts, catalog: machines });
  expect(told.sentence).toBe('This machine has no license.');
  expect(told.cure).toMatch(/^Assign a rack license for machine srv; Fernhill sells it online\.$/);
  expect(explain(decision, ja, { facts, catalog: machines }).sentence).toBe('このマシンにはライセンスがありません。');
});

test('advice takes the cheapest edition that serves, by the vendor’s prices', () => {
  const { facts, request } = caseOf('no-license');
  const plan = advise(facts, request, machines);
  expect(plan).toMatchObject({ possible: true, licenses: 1, price: 190, after: { decision: 'allow' } });
  expect(plan.steps).toMatchObject([{ do: 'buy', edition: 'rack', term: 'subscription', bindTo: 'machine:srv' }]);
});
