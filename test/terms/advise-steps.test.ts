import { advise, catalogs, type Catalog, type Facts, type Plan } from '@leasehold/terms';
import { describe, expect, test } from 'vitest';
import { aip, backup, license, machine, NOW } from '../support/aip-facts.js';
import { hold } from '../support/terms-plan.js';

const deeds = (plan: Plan): readonly string[] => plan.steps.map((step) => step.do);

describe('what is free serves before what is bought', () => {
  test('a free license of the fitting edition is assigned', () => {
    const facts = aip({ machines: [machine('a')], licenses: [license('l1', 'server', null)] });
    expect(hold(facts, backup('a'))).toMatchObject({
      licenses: 0,
      steps: [{ do: 'assign', license: 'l1', bindTo: 'machine:a', rule: 'AIP-0.1' }],
    });
  });

  test('a free license of another edition, one that has ended, and one that is in use are not', () => {
    const facts = aip({
      machines: [machine('a'), machine('b')],
      licenses: [
        license('l1', 'linux', null),
        license('l2', 'server', null, { term: 'subscription', validUntil: '2026-01-01T00:00:00Z' }),
        license('l3', 'server', { type: 'machine', id: 'b' }),
      ],
    });
    expect(hold(facts, backup('a'))).toMatchObject({ licenses: 1, steps: [{ do: 'buy', edition: 'server' }] });
  });

  test('the license of a machine that was disposed of moves', () => {
    const facts = aip({
      machines: [machine('a'), machine('dead', { declared: 'disposed' })],
      licenses: [license('l1', 'server', { type: 'machine', id: 'dead' })],
    });
    expect(hold(facts, backup('a'))).toMatchObject({
      licenses: 0,
      steps: [{ do: 'move', license: 'l1', from: 'machine:dead', bindTo: 'machine:a' }],
    });
  });

  test('a subscription that ended in its place is renewed', () => {
    const ended = { term: 'subscription', validUntil: '2026-01-01T00:00:00Z' } as const;
    const facts = aip({
      machines: [machine('a')],
      licenses: [license('l1', 'server', { type: 'machine', id: 'a' }, ended)],
    });
    expect(hold(facts, backup('a'))).toMatchObject({ licenses: 1, steps: [{ do: 'renew', license: 'l1' }] });
  });

  test('a perpetual one where the rule says perpetual: a free subscription stays in stock', () => {
    const facts = aip({
      machines: [machine('a', { hyperAgent: { connectableHosts: ['h1'] } })],
      hosts: [{ id: 'h1', kind: 'bare_metal', hypervisor: 'kvm' }],
      licenses: [
        license('l1', 'server', { type: 'machine', id: 'a' }),
        license('l2', 'virtual', null, { term: 'subscription', validUntil: '2027-06-01T00:00:00Z' }),
      ],
    });
    const plan = hold(facts, { action: 'migrate', kind: 'P2V', source: 'a', targetHost: 'h1' });
    expect(plan.steps).toMatchObject([{ do: 'buy', edition: 'virtual', term: 'perpetual', bindTo: 'host:h1' }]);
  });

  test('the company’s own license before the global pool, and both before a purchase', () => {
    const own = { id: 'own', type: 'server', kind: 'commercial', companyId: 'acme', assignedTo: null } as const;
    const valid = { validUntil: '2026-12-31', autoRenew: false };
    const facts: Facts = {
      profile: 'msp',
      now: NOW,
      instances: [{ id: 'i1', companyId: 'acme', os: 'linux' }],
      licenses: [
        { ...own, ...valid, id: 'global', companyId: null },
        { ...own, ...valid, id: 'other', companyId: 'beta' },
        { ...own, ...valid },
      ],
    };
    expect(hold(facts, { action: 'backup', instance: 'i1' }).steps).toMatchObject([{ do: 'assign', license: 'own' }]);
  });
});

describe('what is missing at several places', () => {
  const hosts = ['h1', 'h2', 'h3'].map((id) => ({ id, kind: 'bare_metal', hypervisor: 'kvm', hciId: 'hci' }) as const);

  test('every host of a hyper-converged system, the free license first, a HyperAgent before it comes alive', () => {
    const facts = aip({
      machines: [machine('g', { kind: 'guest', hostId: 'h1' })],
      hosts,
      licenses: [license('l1', 'virtual', null)],
    });
    const plan = hold(facts, backup('g'));
    expect(plan.licenses).toBe(2);
    expect(deeds(plan).slice(0, 2)).toEqual(['install_hyper_agent', 'assign']);
    expect(deeds(plan).filter((deed) => deed === 'buy')).toHaveLength(2);
  });

  test('a cluster that grew: the additional-node licenses that lack', () => {
    const facts = aip({
      machines: ['a', 'b', 'c', 'd'].map((id) => machine(id, { clusterGroupId: 'cg' })),
      clusters: [{ id: 'cg', nodeIds: ['a', 'b', 'c', 'd'] }],
      licenses: [
        license('l1', 'server', { type: 'machine', id: 'a' }),
        license('l2', 'server', { type: 'machine', id: 'b' }),
      ],
    });
    const plan = hold(facts, { action: 'coverage.check', scope: { type: 'cluster_group', id: 'cg' } });
    expect(plan.steps).toMatchObject([{ do: 'buy', edition: 'additional_node', count: 2, bindTo: 'cluster_group:cg' }]);
  });

  test('the fewest licenses that let one more instance in, over-use reckoned', () => {
    const facts: Facts = {
      profile: 'generic',
      now: NOW,
      policy: { overuse: { percent: 10, count: 10 } },
      entitlement: { term: 'subscription', licensed: 500 },
    };
    expect(hold(facts, { action: 'instance.admit', ordinal: 600 }).licenses).toBe(46);
  });
});

describe('what buying cannot cure', () => {
  test('the fate of the old machine is declared', () => {
    const facts = aip({
      machines: [machine('old'), machine('new')],
      licenses: [license('l1', 'server', { type: 'machine', id: 'old' })],
    });
    const plan = hold(facts, { action: 'migrate', kind: 'P2P', source: 'old', targetMachine: 'new' });
    expect(plan).toMatchObject({ licenses: 0, request: { sourceDisposition: 'disposed' } });
    expect(plan.after.obligations).toEqual(['DISPOSE_SOURCE', 'MOVE_LICENSE']);
  });

  test('a key in use is given back by its server, and the end of its lease would do as well', () => {
    const facts: Facts = {
      profile: 'lmp',
      now: NOW,
      pools: [{ id: 'P1', name: 'P1', type: 'OEM', quota: {} }],
      keys: [
        {
          id: 'K1',
          poolId: 'P1',
          licenseeName: 'K1',
          quota: {},
          createdAt: '2026-06-10T00:00:00Z',
          status: 'in_use',
          serverId: 's1',
          lastCheckAt: '2026-06-15T08:01:00Z',
        },
      ],
    };
    expect(deeds(hold(facts, { action: 'key.delete', key: 'K1' }))).toEqual(['deactivate_key']);
    const back = hold(facts, { action: 'key.deactivate', key: 'K1', by: 'portal' });
    expect(back.steps).toMatchObject([{ do: 'choose', field: 'by', value: 'server' }]);
  });

  test('the console says plainly that there is no way back from a pool', () => {
    const facts: Facts = {
      profile: 'lmp',
      now: NOW,
      licenses: [
        {
          id: 'A',
          type: 'OEM',
          purchase: 'purchased',
          state: 'pooled',
          cals: {},
          freeUpgradeUntil: '2027-01-01',
          appliedTo: null,
          pooledAt: NOW,
        },
      ],
    };
    expect(hold(facts, { action: 'pool.unconvert', license: 'A' })).toMatchObject({ possible: false, steps: [] });
  });

  test('a pool split: the license in stock is pooled, the pool grows, the key is made', () => {
    const stock = { type: 'OEM', purchase: 'purchased', freeUpgradeUntil: '2027-06-30', appliedTo: null } as const;
    const facts: Facts = {
      profile: 'lmp',
      now: NOW,
      licenses: [
        { ...stock, id: 'A', state: 'pooled', cals: { obm: 20 }, pooledAt: NOW },
        { ...stock, id: 'B', state: 'poolable', cals: { obm: 50 }, pooledAt: null },
      ],
      pools: [{ id: 'P1', name: 'P1', type: 'OEM', quota: { obm: 20 } }],
    };
    const plan = hold(facts, { action: 'key.create', pool: 'P1', licenseeName: 'Office', quota: { obm: 45 } });
    expect(plan.licenses).toBe(0);
    expect(plan.steps).toMatchObject([
      { do: 'convert', license: 'B' },
      { do: 'set_pool_quota', pool: 'P1', quota: { obm: 45 } },
    ]);
  });
});

describe('prices of a catalog', () => {
  const facts = aip({ machines: [machine('a')], licenses: [] });
  const priced = (prices: Catalog['prices'] & object, more: Partial<Catalog> = {}): Catalog => ({
    ...catalogs.aip,
    ...more,
    prices,
  });

  test('the cheaper term is taken', () => {
    const prices = [
      { edition: 'server', term: 'subscription', price: 300 },
      { edition: 'server', term: 'perpetual', price: 200 },
    ] as const;
    expect(advise(facts, backup('a'), priced(prices))).toMatchObject({ price: 200, steps: [{ term: 'perpetual' }] });
  });

  test('a larger edition that is cheaper serves', () => {
    const editions = { ...catalogs.aip.editions!, serves: { server: ['suite'] } };
    const prices = [
      { edition: 'server', term: 'subscription', price: 300 },
      { edition: 'suite', term: 'subscription', price: 250 },
    ] as const;
    expect(advise(facts, backup('a'), priced(prices, { editions }))).toMatchObject({
      price: 250,
      steps: [{ edition: 'suite' }],
    });
  });

  test('fewer licenses go before a lower price', () => {
    const free = { ...facts, licenses: [license('l1', 'server', null)] };
    const prices = [{ edition: 'server', term: 'subscription', price: 0 }] as const;
    expect(advise(free, backup('a'), priced(prices)).steps).toMatchObject([{ do: 'assign', license: 'l1' }]);
  });

  test('without a list there is no price', () => {
    expect(advise(facts, backup('a'))).not.toHaveProperty('price');
  });
});
