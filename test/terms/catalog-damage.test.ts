import { readdirSync, readFileSync } from 'node:fs';
import { advise, catalogProblems, catalogs, decide, readCase, TermsError, type Catalog } from '@leasehold/terms';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertProperty, TIMEOUT } from '../support/terms-properties.js';

/** Whatever a vendor writes: it is either told what is wrong, or what it wrote decides without breaking. */

const folder = new URL('../cases/', import.meta.url);
const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as unknown[])
  .map((one) => readCase(one));

const junk = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, -1, 0, 1.5, 1e9, '', 'x', '[', '99:99', [], {}, true, '__proto__'),
  fc.constantFrom<unknown>('any', 'perpetual', 'desktop', 'open', 'D-1', ['server'], { server: ['x'] }, [[]]),
  fc.jsonValue(),
);

/** Every place of a value, as a path. */
function places(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [[...path, key], ...places(part, [...path, key])]);
}

function damaged(catalog: Catalog, path: readonly string[], by: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(catalog)) as Record<string, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  const last = path.at(-1) ?? '';
  if (by === undefined) delete at[last];
  else at[last] = by;
  return copy;
}

/** A decision or a typed error: nothing else may come of a catalog that has passed. */
function typed(work: () => unknown): void {
  try {
    expect(work()).toBeTruthy();
  } catch (error) {
    if (!(error instanceof TermsError)) throw error;
  }
}

describe.each(Object.values(catalogs).map((catalog) => [catalog.id, catalog] as const))(
  'catalog %s',
  (_id, catalog) => {
    const all = places(JSON.parse(JSON.stringify(catalog)));
    const own = cases.filter(({ facts }) => facts.profile === catalog.profile);

    test('damaged in one place is refused with its path, or still decides', { timeout: TIMEOUT }, (context) => {
      const property = fc.property(
        fc.nat(),
        junk,
        fc.array(fc.constantFrom(...own), { minLength: 20, maxLength: 20 }),
        (at, by, asked) => {
          const input = damaged(catalog, all[at % all.length] ?? [], by);
          const problems = catalogProblems(input);
          for (const problem of problems) {
            expect(problem.path).toMatch(/^catalog/);
            expect(problem.message.length).toBeGreaterThan(5);
          }
          if (problems.length > 0) return;
          for (const { facts, request } of asked) {
            typed(() => decide(facts, request, input as Catalog));
            typed(() => decide(facts, { ...request, action: 'restore' }, input as Catalog));
          }
          const [first] = asked;
          if (first !== undefined) typed(() => advise(first.facts, first.request, input as Catalog));
        },
      );
      assertProperty(context, property);
    });
  },
);

test('an edition that a vendor calls any is one like others', () => {
  const { aip } = catalogs;
  const catalog = { ...aip, editions: { ...aip.editions, byOs: { ...aip.editions!.byOs, windows_server: 'any' } } };
  expect(catalogProblems(catalog)).toEqual([]);
  for (const { facts, request } of cases.filter((one) => one.facts.profile === 'aip'))
    typed(() => decide(facts, request, catalog as Catalog));
});

test('anything else is no catalog', { timeout: TIMEOUT }, (context) => {
  assertProperty(
    context,
    fc.property(fc.jsonValue(), (input) => {
      expect(catalogProblems(input).length).toBeGreaterThan(0);
    }),
  );
});
