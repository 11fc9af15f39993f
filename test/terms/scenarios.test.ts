import { readdirSync, readFileSync } from 'node:fs';
import { decide, readCase, type Decision } from '@leasehold/terms';
import { describe, expect, test } from 'vitest';

/** Every case of test/cases, public and own: facts and a request, and the decision that the rules give. */
interface Scenario {
  readonly id: string;
  readonly area?: string;
  readonly title?: string;
  readonly given: unknown;
  readonly when: unknown;
  readonly then: Decision;
}

const folder = new URL('../cases/', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name === 'scenarios.json' || name.startsWith('own-'))
  .sort();

/** Lists whose order says nothing; the rest is compared strictly. */
function comparable(decision: Decision): unknown {
  const sorted = (list: readonly unknown[] | undefined): unknown =>
    list?.map((entry) => JSON.stringify(entry, Object.keys(Object(entry)).sort())).sort();
  // The cases do not say how long an answer holds; reasons.test.ts does.
  const { needs, warnings, obligations, also, until: _until, ...rest } = decision;
  return {
    ...rest,
    needs: sorted(needs),
    warnings: sorted(warnings),
    obligations: sorted(obligations),
    also: sorted(also),
  };
}

test('the public cases are all there', () => {
  expect(files).toContain('scenarios.json');
  expect(read('scenarios.json')).toHaveLength(245);
});

test('every case has an id of its own', () => {
  const ids = files.flatMap((file) => read(file).map(({ id }) => id));
  expect(ids.filter((id, n) => ids.indexOf(id) !== n)).toEqual([]);
});

function read(file: string): readonly Scenario[] {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as readonly Scenario[];
}

for (const file of files) {
  const areas = grouped(read(file));
  describe(`cases of ${file}`, () => {
    for (const [area, scenarios] of areas) {
      describe(`area ${area}`, () => {
        test.each(scenarios.map((one) => [`${one.id} ${one.title ?? ''}`, one] as const))('%s', (_name, scenario) => {
          const { facts, request } = readCase(scenario);
          expect(comparable(decide(facts, request))).toEqual(comparable(scenario.then));
        });
      });
    }
  });
}

function grouped(scenarios: readonly Scenario[]): Map<string, Scenario[]> {
  const areas = new Map<string, Scenario[]>();
  for (const one of scenarios) areas.set(one.area ?? '', [...(areas.get(one.area ?? '') ?? []), one]);
  return areas;
}
