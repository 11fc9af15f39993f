import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type Store } from '../../../packages/authority/src/store/index.js';
import { seeded } from '../../support/history.js';
import { registry } from '../../support/license-grid.js';
import { engines } from '../../support/store-engines.js';

const LONG = process.env['LONG'] === '1';
const LICENSES = LONG ? 1_000_000 : 10_000;
/** A prime, so that each has licenses of every sort. */
const COMPANIES = LONG ? 5_003 : 307;
const NOW = Date.UTC(2026, 5, 15);
/** Milliseconds at the store: at the 95th percentile, and in the short form, which runs beside others, at the middle. */
const LIMIT = LONG ? 20 : 100;
const SHARE = LONG ? 0.95 : 0.5;

const FILTERS = {
  company: [null, 'company-7', `company-${COMPANIES - 1}`, 'company-none'],
  kind: [null, 'trial'],
  validity: [null, 'valid', 'expired'],
  usage: [null, 'used', 'unused'],
  autoRenew: [null, 'true'],
  type: [null, 'server', 'rare'],
  search: [null, 'PC-1', 'pc-77', 'l000042', 'nothing'],
} as const;

/** What the test data say of license `n` (support/license-grid.ts), as whole fields and as words. */
function wordsOf(n: number): string[] {
  const own = [`l${String(n).padStart(7, '0')}`, n % 1000 === 0 ? 'rare' : ['server', 'desktop', 'vm', 'm365'][n % 4]!];
  return n % 3 === 0 ? own : [...own, `pc-${n}`, 'pc', `${n}`, `user${n % 977}`, `i${n}`];
}

/** Milliseconds; the middle of some runs, because other programs of this machine come between single ones. */
async function middleOf(runs: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
  }
  return times.toSorted((a, b) => a - b)[runs >> 1]!;
}

describe.each(engines)(`the grid over ${LICENSES} licenses on $name`, (engine) => {
  let store: Store<typeof registry>;
  beforeAll(async () => {
    store = await openStore(await engine.url(), registry);
    await store.execute('createAccount', { account: 'a' }, NOW);
    for (let from = 0; from < LICENSES; from += 1_000)
      await store.execute(
        'fill',
        { account: 'a', from, to: Math.min(LICENSES, from + 1_000), companies: COMPANIES },
        NOW,
      );
    await store.execute('takeStock', undefined, NOW);
  }, 3_600_000);
  afterAll(() => store?.close());

  const ask = (filters: Record<string, string | null>, after: string | null = null, limit = 50) =>
    store.read('licenses', {
      account: 'a',
      scope: null,
      after,
      limit,
      now: NOW,
      sort: null,
      search: null,
      company: null,
      kind: null,
      validity: null,
      usage: null,
      autoRenew: null,
      type: null,
      ...filters,
    });

  test(`any combination of filters answers page and counts within ${LIMIT} ms`, { timeout: 600_000 }, async () => {
    const random = seeded(1);
    const times: { readonly ms: number; readonly filters: object }[] = [];
    for (let index = 0; index < 400; index += 1) {
      const filters = Object.fromEntries(
        Object.entries(FILTERS).map(([name, values]) => [name, values[Math.floor(random() * values.length)]!]),
      );
      const ms = await middleOf(3, () => ask(filters));
      if (index >= 40) times.push({ ms, filters }); // the first warm the caches
    }
    times.sort((a, b) => a.ms - b.ms);
    const at = (share: number) => times[Math.floor(times.length * share)]!;
    console.log(`${engine.name}: p50 ${at(0.5).ms.toFixed(1)} ms, p95 ${at(0.95).ms.toFixed(1)} ms`);
    expect(at(SHARE).ms, JSON.stringify(times.slice(-5))).toBeLessThan(LIMIT);
  });

  test('the last page is as near as the first', { timeout: 600_000 }, async () => {
    let after: string | null = null;
    let seen = 0;
    const times: number[] = [];
    for (;;) {
      const here: string | null = after;
      const page: Awaited<ReturnType<typeof ask>> = await ask({ kind: null }, here, LONG ? 100 : 50);
      if (seen > 0.9 * page.total) times.push(await middleOf(3, () => ask({ kind: null }, here, LONG ? 100 : 50)));
      seen += page.rows.length;
      if (page.next === null) {
        expect(seen).toBe(page.total);
        break;
      }
      after = page.next;
    }
    const last = times.slice(-20).sort((a, b) => a - b);
    expect(last[Math.floor(20 * SHARE)]).toBeLessThan(LIMIT);
  });

  test('each company counts what its filter would show', { timeout: 600_000 }, async () => {
    const { company = {} } = (await ask({ validity: 'valid' })).counts;
    const { all, ...companies } = company;
    const told = Object.keys(companies);
    expect(told).toHaveLength(100);
    expect(all).toBe((await ask({ validity: 'valid' })).total);
    for (const at of [0, 1, told.length >> 1, told.length - 2, told.length - 1]) {
      const { total } = await ask({ validity: 'valid', company: told[at]! });
      expect(companies[told[at]!], told[at]).toBe(total);
    }
    // One beyond the first hundred is counted where it is the one that is shown.
    const last = await ask({ validity: 'valid', company: `company-${COMPANIES - 1}` });
    expect(last.counts['company']).toMatchObject({ [`company-${COMPANIES - 1}`]: last.total, all });
  });

  test('a search finds each license once, by the beginning of any of its words', { timeout: 600_000 }, async () => {
    const wanted = (text: string): string[] =>
      Array.from({ length: LICENSES }, (_, n) => n)
        // Words of the id, of the holder's name and id; none of them of a license that nobody holds.
        .filter((n) => n % 10 !== 0 && wordsOf(n).some((word) => word.startsWith(text)))
        .map((n) => `L${String(n).padStart(7, '0')}`);
    for (const search of ['pc-77', 'PC 77', '77', 'user12', 'l00000', 'ser', 'i991', 'x']) {
      const found: string[] = [];
      let after: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof ask>> = await ask({ search }, after, 500);
        found.push(...page.rows.map((row) => row.id));
        after = page.next;
      } while (after !== null);
      expect([...found].sort(), search).toEqual(wanted(search.toLowerCase()));
    }
  });

  test('what ends is moved from valid to expired, rows and counts alike', async () => {
    const before = await ask({});
    const later = NOW + 40 * 86_400_000;
    let moved = 0;
    for (let n = 1; n > 0; moved += n)
      n = (await store.execute('expireLicenses', { account: 'a', limit: 500 }, later)).outcome;
    const after = await ask({});
    const inBoth =
      (await ask({ kind: 'trial' })).counts['validity']!['expired']! + after.counts['validity']!['expired']!;
    expect(moved).toBeGreaterThan(0);
    expect(inBoth).toBeGreaterThanOrEqual(moved);
    expect(after.total).toBe(before.total);
    const expired = await ask({ validity: 'expired' });
    expect(expired.total).toBe(after.counts['validity']!['expired']);
  }, 600_000);
});
