import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBench, type Bench } from './authority.js';
import { PoolSite } from './pool-site.js';
import { engines } from './store-engines.js';

/** One row a question of License Management Portal Overview, section 4, asked through HTTP. `shared` is what the rows leave
 * for each other; the clock goes forward only. */
export interface Question<Shared> {
  readonly number: string;
  readonly question: string;
  readonly answer: (site: PoolSite, shared: Shared) => Promise<void>;
}

/** Asks the questions in their order on each engine, at a site that `prepare` has made ready for them. */
export function askAll<Shared extends object>(
  about: string,
  questions: readonly Question<Shared>[],
  prepare: (site: PoolSite, shared: Shared) => Promise<void> = async () => undefined,
): void {
  describe.each(engines)(`License Management Portal Overview, questions of ${about}, on $name`, (engine) => {
    let bench: Bench;
    const shared = {} as Shared;
    beforeAll(async () => {
      bench = await startBench(Date.parse('2020-01-15T10:00:00Z'), {}, await engine.url());
      await prepare(new PoolSite(bench), shared);
    });
    afterAll(() => bench?.close());

    test.each(questions)('$number $question', ({ answer }) => answer(new PoolSite(bench), shared));
  });
}

/** Which questions of the section are among these. */
export function expectNumbers<Shared>(questions: readonly Question<Shared>[], numbers: readonly number[]): void {
  const there = questions.map(({ number }) => Number(number.split('.')[1]));
  expect(there.sort((a, b) => a - b)).toEqual(numbers);
}
