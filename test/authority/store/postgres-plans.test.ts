import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listLicenses, type LicenseAsk } from '../../../packages/authority/src/licenses/list.js';
import {
  defineRegistry,
  openStore,
  type Reader,
  type SqlParams,
  type Store,
} from '../../../packages/authority/src/store/index.js';
import { registry as grid } from '../../support/license-grid.js';
import { engines } from '../../support/store-engines.js';

/** PostgreSQL weighs its ways by what stands in the tables: a page must not read whole tables that grow, however cheap a
 * few thousand rows may look beside a hundred seeks. */

const NOW = Date.UTC(2026, 5, 15);
const COMPANIES = 5_000;
const LICENSES = 10_000;

/** How PostgreSQL goes about each statement of the page. */
async function licensePlans(reader: Reader, ask: LicenseAsk): Promise<string[]> {
  const plans: string[] = [];
  const all = async <Row>(sql: string, params?: SqlParams): Promise<Row[]> => {
    const plan = await reader.all<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, params);
    plans.push(plan.map((line) => line['QUERY PLAN']).join('\n'));
    return reader.all<Row>(sql, params);
  };
  await listLicenses({ ...reader, all, get: async (sql, params) => (await all<never>(sql, params))[0] }, ask);
  return plans;
}

const registry = defineRegistry(import.meta.url, grid.commands, { licensePlans });

describe.each(engines.filter(({ name }) => name === 'postgres'))('on $name', (engine) => {
  let store: Store<typeof registry>;
  beforeAll(async () => {
    store = await openStore(await engine.url(), registry);
    await store.execute('createAccount', { account: 'a' }, NOW);
    await store.execute('fillCompanies', { account: 'a', companies: COMPANIES }, NOW);
    for (let from = 0; from < LICENSES; from += 1_000)
      await store.execute('fill', { account: 'a', from, to: from + 1_000, companies: COMPANIES }, NOW);
    await store.execute('takeStock', undefined, NOW);
  }, 120_000);
  afterAll(() => store?.close());

  test.each([null, 'company', '-validUntil', 'used', '-autoRenew'])(
    'a page of licenses sorted by %s reads no table whole',
    async (sort) => {
      const none = { scope: null, after: null, search: null, company: null, kind: null, validity: null };
      const ask = { ...none, account: 'a', limit: 100, sort, usage: null, autoRenew: null, type: null, now: NOW };
      const plans = await store.read('licensePlans', ask);
      expect(plans.length).toBeGreaterThan(3);
      expect(plans.filter((plan) => /Seq Scan on (companies|instance_licenses|license_views)/.test(plan))).toEqual([]);
    },
  );
});
