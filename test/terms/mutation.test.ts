import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as terms from '@leasehold/terms';
import { catalogs, compile, decide, readCase, warningLevel, type Catalog, type Decision } from '@leasehold/terms';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import survivors from './mutation-survivors.json' with { type: 'json' };
import { codeMutants, sourceRoot, tableMutants } from './mutants.js';

/** Would the cases notice? Each mutant of the rules must change the answer to at least one case, the level at which its
 * warning is told, what a compiled handle says around its horizon, or when another answer is foreseen. */

const LONG = process.env['LONG'] === '1';
/** The short form takes every n-th mutant; the long form takes all. */
const EVERY = LONG ? 1 : 7;

const folder = new URL('../cases/', import.meta.url);
const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { given: unknown; when: unknown }[])
  .map((one) => readCase(one));

function told(decision: Decision, { policy }: Catalog): string {
  return JSON.stringify([decision, warningLevel(decision, policy.warnDays)]);
}
const rightTold = cases.map(({ facts, request }) => told(decide(facts, request), catalogs[facts.profile]));

/** The moments at which a handle is asked: now, and at both sides of the horizons that follow. */
const moments = cases.map(({ facts, request }) => {
  const handle = compile(facts).bind(request);
  const list = [Date.parse(facts.now)];
  for (let step = 0; step < 3; step += 1) {
    handle.decide(list.at(-1)!);
    const { horizon } = handle;
    if (horizon > Date.parse('2100-01-01')) break;
    list.push(horizon - 1, horizon);
  }
  return list;
});
function handled(rules: Pick<typeof terms, 'compile' | 'foresee'>, n: number): string {
  const { facts, request } = cases[n]!;
  const handle = rules.compile(facts).bind(request);
  return JSON.stringify([moments[n]!.map((now) => handle.decide(now)), rules.foresee(facts, request).turn]);
}
const rightHandled = cases.map((_, n) => handled(terms, n));

function noticed(right: readonly string[], judge: (n: number) => string): boolean {
  return right.some((expected, n) => {
    try {
      return judge(n) !== expected;
    } catch {
      return true;
    }
  });
}

type Grants = Pick<typeof terms, 'judgeGrant' | 'judgeTakeBack'>;

/** What a provider may give down and take back is judged apart from `decide`. */
function givenBy({ judgeGrant, judgeTakeBack }: Grants): string {
  const amounts = [1, 2, 3];
  const asked = [null, 'north'].flatMap((from) =>
    [true, false].flatMap((below) => [0, ...amounts].map((free) => ({ type: 'server', from, below, free }))),
  );
  const given = asked.flatMap((ask) => amounts.map((quantity) => judgeGrant({ ...ask, quantity })));
  const back = [0, ...amounts].flatMap((unused) => amounts.map((quantity) => judgeTakeBack({ quantity, unused })));
  return JSON.stringify([given, back]);
}
const rightGiven = givenBy(terms);
/** What the tests below ask. */
const DOORS = "export * from './decide.js'; export * from './instances/grants.js';";

const explained = new Set(survivors.flatMap(({ mutants }) => mutants));

interface Counted {
  readonly evidence: { readonly mutants: number; readonly noticed: number; readonly explained: number };
}

/** Every survivor is explained, every explanation is of a survivor, and nearly all are noticed. */
function judgeRun(all: readonly string[], tried: readonly string[], lived: readonly string[]): Counted {
  expect(lived.filter((name) => !explained.has(name))).toEqual([]);
  const noLonger = tried.filter((name) => explained.has(name) && !lived.includes(name));
  expect(noLonger).toEqual([]);
  expect(new Set(all).size).toBe(all.length);
  expect(tried.length).toBeGreaterThan(20);
  const noticedCount = tried.length - lived.length;
  expect(noticedCount / tried.length).toBeGreaterThanOrEqual(LONG ? 0.97 : 0.9);
  return { evidence: { mutants: tried.length, noticed: noticedCount, explained: lived.length } };
}

describe('mutation', () => {
  test('of every value and row of the tables', { timeout: 1_800_000 }, ({ task }) => {
    const all = tableMutants(catalogs);
    const mutants = all.filter((_, n) => n % EVERY === 0);
    const lived = mutants.filter((mutant) => {
      const judge = (n: number): string => {
        const { facts, request } = cases[n]!;
        const catalog = mutant.catalogs[facts.profile]!;
        return told(decide(facts, request, catalog), catalog);
      };
      return !noticed(rightTold, judge);
    });
    const names = (list: typeof all): string[] => list.map(({ name }) => name);
    Object.assign(task.meta, judgeRun(names(all), names(mutants), names(lived)));
  });

  test('of every operator and number behind the rule kinds', { timeout: 3_600_000 }, async ({ task }) => {
    const all = codeMutants();
    const mutants = all.filter((_, n) => n % EVERY === 0);
    const lived: string[] = [];
    for (const { name, file, text } of mutants) {
      const mutated = await bundled(file, text);
      const judge = (n: number): string => {
        const { facts, request } = cases[n]!;
        return told(mutated.decide(facts, request), catalogs[facts.profile]);
      };
      const same = !noticed(rightTold, judge) && !noticed(rightHandled, (n) => handled(mutated, n));
      if (same && givenBy(mutated) === rightGiven) lived.push(name);
    }
    const names = (list: typeof all): string[] => list.map(({ name }) => name);
    Object.assign(task.meta, judgeRun(names(all), names(mutants), lived));
  });

  test('is explained of mutants that there are', () => {
    const all = new Set([...tableMutants(catalogs), ...codeMutants()].map(({ name }) => name));
    expect([...explained].filter((name) => !all.has(name))).toEqual([]);
  });
});

/** The rules with one file replaced, as a module of its own. */
async function bundled(file: string, text: string): Promise<typeof terms> {
  const { outputFiles } = await build({
    stdin: { contents: DOORS, resolveDir: sourceRoot, sourcefile: 'doors.ts', loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    plugins: [
      {
        name: 'one file replaced',
        setup: (bundler) => {
          bundler.onLoad({ filter: /\.ts$/ }, ({ path }) =>
            path === join(sourceRoot, file) ? { contents: text, loader: 'ts' } : undefined,
          );
        },
      },
    ],
  });
  const code = outputFiles[0]!.text;
  return (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)) as typeof terms;
}
