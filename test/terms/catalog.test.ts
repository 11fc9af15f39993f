import { readFileSync } from 'node:fs';
import {
  advise,
  catalogProblems,
  catalogs,
  decide,
  en,
  explain,
  readCase,
  readCatalog,
  type Catalog,
  type Decision,
  type MspLicense,
} from '@leasehold/terms';
import { describe, expect, test } from 'vitest';

const scenarios = JSON.parse(readFileSync(new URL('../cases/scenarios.json', import.meta.url), 'utf8')) as readonly {
  readonly given: { readonly profile: keyof typeof catalogs };
  readonly then: Decision;
}[];

type Rows = Record<string, unknown>[];
type Plain = Record<string, unknown> & Record<'rules' | 'tempers', Record<string, Rows>> & { cover: Rows };

/** A catalog as a vendor would send it. */
function sent(profile: keyof typeof catalogs = 'aip'): Plain {
  return JSON.parse(JSON.stringify(catalogs[profile])) as Plain;
}

const EDITIONS = catalogs.aip.editions!;
/** Rows 1 and 2 of a backup: shares. */
const share = (catalog: Plain, at: number): Record<string, unknown> => catalog.rules['backup']![at]!;

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
    [
      'catalog.editions.byOs.windows',
      (catalog) => (catalog['editions'] = { ...EDITIONS, byOs: { windows: 'server' } }),
    ],
    ['catalog.rules', (catalog) => (catalog['rules'] = [] as never)],
    ['catalog.rules.bakcup', (catalog) => (catalog.rules['bakcup'] = catalog.rules['backup']!)],
    ['catalog.rules.restore', (catalog) => delete catalog.rules['restore']],
    ['catalog.rules.restore', (catalog) => catalog.rules['restore']!.unshift({ id: 'D-5', kind: 'open' })],
    ['catalog.rules.backup[1].kind', (catalog) => (share(catalog, 1)['kind'] = 'share.forbidden')],
    ['catalog.rules.backup[1].kind', (catalog) => (share(catalog, 1)['kind'] = 'pool.totals')],
    ['catalog.rules.backup[1].id', (catalog) => (share(catalog, 1)['id'] = 'X-1')],
    ['catalog.rules.backup[2].editions', (catalog) => (share(catalog, 2)['editions'] = 'desktop')],
    ['catalog.rules.backup[2].edition', (catalog) => (share(catalog, 2)['edition'] = 'desktop')],
    ['catalog.cover[0].code', (catalog) => delete catalog.cover[0]!['code']],
    ['catalog.cover[1].base', (catalog) => (catalog.cover[1]!['base'] = -1)],
    ['catalog.tempers.backup[0].warning', (catalog) => (catalog.tempers['backup']![0]!['warning'] = 1)],
    ['catalog.citations.X-1', (catalog) => (catalog['citations'] = { 'X-1': { source: 'field', section: '1' } })],
    ['catalog.citations.F-4.source', (catalog) => (catalog['citations'] = { 'F-4': { source: 'talk', section: '1' } })],
    ['catalog.messages.en["F-4"]', (catalog) => (catalog['messages'] = { en: { 'F-4': ['So.', 'Do.'] } })],
    ['catalog.messages.en["X-1 allow"]', (catalog) => (catalog['messages'] = { en: { 'X-1 allow': ['So.', ''] } })],
    ['catalog.messages.en.F-4 needs', (catalog) => (catalog['messages'] = { en: { 'F-4 needs': ['So.'] } })],
    ['catalog.prices[0].edition', (catalog) => (catalog['prices'] = [{ edition: 'x', term: 'trial', price: 1 }])],
  ])('is refused at %s', (path, change) => {
    const catalog = sent();
    change(catalog);
    expect(() => readCatalog(catalog)).toThrow(expect.objectContaining({ code: 'CATALOG_INVALID', path }));
  });

  test('of instances must name their types', () => {
    const catalog = sent('msp');
    delete catalog['instanceTypes'];
    expect(() => readCatalog(catalog)).toThrow(expect.objectContaining({ path: 'catalog.instanceTypes' }));
  });

  test.each<[profile: keyof typeof catalogs, kind: string, parameter: string, value: unknown]>([
    ['aip', 'migration.ends', 'targetTerm', 'perhaps'],
    ['aip', 'standby.host', 'of', 'nothing'],
    ['lmp', 'key.name', 'pattern', '['],
    ['lmp', 'server.quota', 'dailyCheck', '8 o’clock'],
    ['msp', 'pick.short', 'buyer', 'nobody'],
  ])('of %s is refused for a value that %s does not understand as %s', (profile, kind, parameter, value) => {
    const catalog = sent(profile);
    const [action, rows] = Object.entries(catalog.rules).find(([, list]) => list.some((row) => row['kind'] === kind))!;
    const at = rows.findIndex((row) => row['kind'] === kind);
    rows[at]![parameter] = value;
    expect(() => readCatalog(catalog)).toThrow(
      expect.objectContaining({ code: 'CATALOG_INVALID', path: `catalog.rules.${action}[${at}].${parameter}` }),
    );
  });

  test('may leave out what some rows of the kind leave out', () => {
    const catalog = sent();
    for (const row of catalog.rules['migrate']!) if (row['kind'] === 'migration.ends') delete row['disposedOnly'];
    expect(readCatalog(catalog)).toBe(catalog);
  });

  test('is told everything that is wrong with it at once', () => {
    const catalog = sent();
    delete catalog['version'];
    share(catalog, 1)['kind'] = 'share.forbidden';
    catalog.cover[0]!['code'] = 7;
    expect(catalogProblems(catalog).map(({ path }) => path)).toEqual([
      'catalog.version',
      'catalog.rules.backup[1].kind',
      'catalog.cover[0].code',
    ]);
    expect(catalogProblems(sent('lmp'))).toEqual([]);
  });

  test('of a later engine is told from a wrong one', () => {
    const catalog = { ...sent(), engine: 2, rules: 'in a new form' };
    expect(() => readCatalog(catalog)).toThrow(
      expect.objectContaining({ code: 'CATALOG_TOO_NEW', path: 'catalog.engine' }),
    );
    expect(() => readCatalog(null)).toThrow(expect.objectContaining({ code: 'CATALOG_INVALID', path: 'catalog' }));
    expect(() => readCatalog({ ...sent(), engine: 'one' })).toThrow(
      expect.objectContaining({ path: 'catalog.engine' }),
    );
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

  test('says which larger type of instance license serves, and gives it only where no smaller one is free', () => {
    const types = { ...catalogs.msp.instanceTypes!, serves: { server: ['suite'] } };
    const own: Catalog = { ...catalogs.msp, instanceTypes: types };
    const held = (id: string, type: string): MspLicense => ({
      id,
      type,
      kind: 'commercial',
      companyId: null,
      assignedTo: null,
      validUntil: '2027-01-01',
      autoRenew: false,
    });
    const asked = (...licenses: MspLicense[]): Decision =>
      decide(
        {
          profile: 'msp',
          now: '2026-06-15T10:00:00Z',
          companies: [{ id: 'c', name: 'C' }],
          instances: [{ id: 'i', companyId: 'c', os: 'windows_server' }],
          licenses,
        },
        { action: 'license.pick', instance: 'i' },
        own,
      );
    expect(asked(held('l1', 'suite'))).toMatchObject({ decision: 'allow', value: { license: 'l1' } });
    expect(asked(held('l1', 'suite'), held('l2', 'server'))).toMatchObject({ value: { license: 'l2' } });
    expect(asked(held('l1', 'desktop')).decision).toBe('needs');
  });

  test('may use any word as a name', () => {
    const words = ['constructor', '__proto__', 'toString'];
    for (const word of words) {
      const editions = { ...vendor.editions!, byOs: { ...vendor.editions!.byOs, macos: word }, host: word };
      const odd: Catalog = { ...vendor, editions };
      const facts = given('home', 'perpetual', null);
      const short = decide(facts, backup, odd);
      expect(short.needs).toMatchObject([{ edition: word }]);
      expect(explain(short, en, { facts, catalog: odd }).missing[0]?.text).toContain(word);
      expect(advise(facts, backup, odd)).toMatchObject({ possible: true, steps: [{ edition: word }] });
      expect(decide(given(word, 'perpetual', null), backup, vendor).decision).toBe('needs');
    }
  });

  test('that closes an action with no row licenses nothing by that', () => {
    const rows = vendor.rules['backup']!.filter((row) => row.kind !== 'backup.cover');
    const open: Catalog = { ...vendor, cover: [], rules: { ...vendor.rules, backup: rows } };
    expect(decide(given('home', 'perpetual', null), backup, open)).toMatchObject({
      decision: 'refuse',
      code: 'NO_RULE',
    });
  });
});
