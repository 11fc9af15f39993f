import { readFileSync } from 'node:fs';
import { catalogs, decide, readCase, readCatalog, type Catalog, type Decision } from '@leasehold/terms';
import { describe, expect, test } from 'vitest';

const scenarios = JSON.parse(readFileSync(new URL('../cases/scenarios.json', import.meta.url), 'utf8')) as readonly {
  readonly given: { readonly profile: keyof typeof catalogs };
  readonly then: Decision;
}[];

type Plain = Record<string, unknown> & Record<'rules' | 'cover' | 'tempers', Record<string, unknown>[]>;

/** A catalog as a vendor would send it. */
function sent(profile: keyof typeof catalogs = 'aip'): Plain {
  return JSON.parse(JSON.stringify(catalogs[profile])) as Plain;
}

describe('a catalog sent as JSON', () => {
  test('decides every public case as the built-in one does', () => {
    for (const scenario of scenarios) {
      const { facts, request } = readCase(scenario);
      const catalog = readCatalog(sent(scenario.given.profile));
      expect(decide(facts, request, catalog)).toEqual(decide(facts, request));
    }
  });

  test.each<[path: string, change: (catalog: Plain) => void]>([
    ['catalog.id', (catalog) => delete catalog['id']],
    ['catalog.engine', (catalog) => (catalog['engine'] = 'one')],
    ['catalog.profile', (catalog) => (catalog['profile'] = 'other')],
    ['catalog.policy.warnDays', (catalog) => (catalog['policy'] = { ...catalogs.aip.policy, warnDays: 30 })],
    ['catalog.editions', (catalog) => delete catalog['editions']],
    ['catalog.rules', (catalog) => (catalog['rules'] = {} as never)],
    ['catalog.rules[1].kind', (catalog) => (catalog.rules[1]!['kind'] = 'share.forbidden')],
    ['catalog.rules[1].on', (catalog) => delete catalog.rules[1]!['on']],
    ['catalog.rules[1].cite.source', (catalog) => (catalog.rules[1]!['cite'] = { source: 'hearsay', section: '1' })],
    ['catalog.rules[3].editions', (catalog) => (catalog.rules[3]!['editions'] = 'desktop')],
    ['catalog.rules[3].edition', (catalog) => (catalog.rules[3]!['edition'] = 'desktop')],
    ['catalog.cover[0].code', (catalog) => delete catalog.cover[0]!['code']],
    ['catalog.tempers[0].warning', (catalog) => (catalog.tempers[0]!['warning'] = 1)],
  ])('is refused at %s', (path, change) => {
    const catalog = sent();
    expect(catalog.rules[3]!['kind']).toBe('share.edition');
    change(catalog);
    expect(() => readCatalog(catalog)).toThrow(expect.objectContaining({ code: 'CATALOG_INVALID', path }));
  });

  test('of instances must name their types', () => {
    const catalog = sent('msp');
    delete catalog['instanceTypes'];
    expect(() => readCatalog(catalog)).toThrow(expect.objectContaining({ path: 'catalog.instanceTypes' }));
  });

  test('is refused for a value that no row of the kind understands', () => {
    const catalog = sent();
    const at = catalog.rules.findIndex((row) => row['kind'] === 'migration.ends');
    catalog.rules[at]!['targetTerm'] = 'perhaps';
    expect(() => readCatalog(catalog)).toThrow(
      expect.objectContaining({ code: 'CATALOG_INVALID', path: `catalog.rules[${at}].targetTerm` }),
    );
  });

  test('may leave out what some rows of the kind leave out', () => {
    const catalog = sent();
    for (const row of catalog.rules) if (row['kind'] === 'migration.ends') delete row['disposedOnly'];
    expect(readCatalog(catalog)).toBe(catalog);
  });

  test('of a later engine is told from a wrong one', () => {
    const catalog = { ...sent(), engine: 2, rules: 'in a new form' };
    expect(() => readCatalog(catalog)).toThrow(
      expect.objectContaining({ code: 'CATALOG_TOO_NEW', path: 'catalog.engine' }),
    );
    expect(() => readCatalog(null)).toThrow(expect.objectContaining({ code: 'CATALOG_INVALID', path: 'catalog' }));
  });
});

describe('a vendor of its own', () => {
  const base = catalogs.aip;
  const vendor: Catalog = {
    ...base,
    id: 'northwind',
    editions: {
      ...base.editions!,
      byOs: { windows_server: 'pro', linux: 'pro', macos: 'home', windows_client: 'home' },
      serves: { home: ['pro'] },
    },
    policy: { ...base.policy, graceDays: { ...base.policy.graceDays, trial: 7 } },
  };
  const mac = { id: 'mac', kind: 'physical', os: 'macos' } as const;
  const given = (edition: string, term: 'perpetual' | 'trial', validUntil: string | null) =>
    ({
      profile: 'aip',
      now: '2026-06-15T10:00:00Z',
      machines: [mac],
      licenses: [{ id: 'l', edition, term, validUntil, boundTo: { type: 'machine', id: 'mac' } }],
    }) as const;
  const backup = { action: 'backup', machine: 'mac' };

  test('names its own editions, and a larger one covers a smaller', () => {
    expect(decide(given('home', 'perpetual', null), backup, vendor).decision).toBe('allow');
    expect(decide(given('pro', 'perpetual', null), backup, vendor).decision).toBe('allow');
    expect(decide(given('server', 'perpetual', null), backup, vendor)).toMatchObject({
      reason_rule: 'AIP-0.2',
      needs: [{ edition: 'home', bindTo: 'machine:mac' }],
    });
  });

  test('gives its own grace', () => {
    expect(decide(given('home', 'trial', '2026-06-14T10:00:00Z'), backup, vendor)).toMatchObject({
      reason_rule: 'D-3',
      value: { daysLeft: 6 },
    });
  });

  test('that closes an action with no row licenses nothing by that', () => {
    const open: Catalog = { ...vendor, cover: [], rules: vendor.rules.filter((row) => row.kind !== 'backup.cover') };
    expect(decide(given('home', 'perpetual', null), backup, open)).toMatchObject({
      decision: 'refuse',
      code: 'NO_RULE',
    });
  });
});
