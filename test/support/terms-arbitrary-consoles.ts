import type { Facts, Request } from '@leasehold/terms';
import fc from 'fast-check';

/** Arbitrary but well-typed questions about a small account of instances, and about a small account of pools. */

const NOW = Date.parse('2026-06-15T10:00:00Z');
const DAY = 86_400_000;

const pick = <Value>(...values: readonly Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);
const near: fc.Arbitrary<string> = fc
  .tuple(pick(-60, -15, -14, -13, -1, 0, 1, 13, 14, 29, 30, 31, 400), pick(-1, 0, 1))
  .map(([days, ms]) => new Date(NOW + days * DAY + ms).toISOString());
const day: fc.Arbitrary<string> = near.map((at) => at.slice(0, 10));
const account = pick({}, { timeZone: 'Asia/Tokyo' }, { paymentMode: 'monthly', purchases: 2 }, { purchases: 0 });

const COMPANIES = ['acme', 'beta'];
const INSTANCES = ['i1', 'i2', 'i3'];
const TYPES = ['server', 'desktop', 'workstation', 'm365'];
const LICENSES = ['L1', 'L2', 'L3', 'L4'];

const instance = (id: string): fc.Arbitrary<object> =>
  fc.record(
    {
      id: fc.constant(id),
      companyId: pick(...COMPANIES),
      os: pick('windows_server', 'windows_client', 'linux', 'macos', 'unknown'),
      wantsType: pick(...TYPES),
      domain: pick('acme.example'),
      shortSince: near,
    },
    { requiredKeys: ['id', 'companyId', 'os'] },
  );

const instanceLicense = (id: string): fc.Arbitrary<object> =>
  fc.record({
    id: fc.constant(id),
    type: pick(...TYPES),
    kind: pick('commercial', 'commercial', 'trial'),
    companyId: pick(null, ...COMPANIES),
    assignedTo: pick(null, null, ...INSTANCES, 'domain:acme.example'),
    assignedKind: pick('computer', 'domain'),
    validUntil: day,
    autoRenew: fc.boolean(),
  });

export const instanceFacts: fc.Arbitrary<Facts> = fc.record({
  profile: pick('msp'),
  now: near,
  account,
  policy: pick({}, { allowGlobalFallback: false }, { warnDays: [7] }, { shortageGraceDays: 0 }),
  companies: pick([{ id: 'acme', name: 'Acme' }]),
  instances: fc.tuple(...INSTANCES.map(instance)),
  licenses: fc.tuple(...LICENSES.map(instanceLicense)),
}) as unknown as fc.Arbitrary<Facts>;

export const instanceRequest: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ action: pick('backup', 'restore'), instance: pick(...INSTANCES) }),
  fc.record({ action: pick('license.assign'), license: pick(...LICENSES), instance: pick(...INSTANCES) }),
  fc.record(
    { action: pick('license.pick'), instance: pick(...INSTANCES), type: pick(...TYPES) },
    { requiredKeys: ['action', 'instance'] },
  ),
  fc.record({ action: pick('license.required_quantity'), type: pick(...TYPES), until: day }),
  fc.record({
    action: pick('license.list', 'license.groups'),
    filters: fc.record(
      {
        search: pick('', 'a', 'server', 'L2'),
        company: pick('all', ...COMPANIES),
        kind: pick('commercial', 'trial'),
        validity: pick('all', 'valid', 'expired'),
        usage: pick('all', 'used', 'unused'),
        autoRenewOnly: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  }),
  fc.record(
    {
      action: pick('license.buy'),
      type: pick(...TYPES),
      quantity: pick(-1, 0, 1, 2.5, 7),
      paymentMode: pick(null, 'monthly', 'annual'),
      addOns: pick([], ['onboarding'], ['gold']),
    },
    { requiredKeys: ['action', 'type', 'quantity'] },
  ),
) as fc.Arbitrary<Request>;

const cals = fc.record({ obm: pick(0, 1, 5, 10, 100), acb: pick(0, 1, 5, 10, 100) }, { requiredKeys: [] });
const SERVERS = ['s1', 's2'];
const KEYS = ['K1', 'K2'];
const POOLS = ['P1', 'P2'];
const POOL_LICENSES = ['A', 'B', 'C'];

const poolLicense = (id: string): fc.Arbitrary<object> =>
  fc.record({
    id: fc.constant(id),
    type: pick('OEM', 'OEM', 'Standard'),
    purchase: pick('purchased', 'purchased', 'purchased', 'metered'),
    state: pick('poolable', 'pooled'),
    cals,
    freeUpgradeUntil: fc.oneof(pick('2027-12-31'), pick('2027-12-31'), day),
    appliedTo: pick(null, null, ...SERVERS),
    pooledAt: near,
  });

const key = (id: string): fc.Arbitrary<object> =>
  fc.record({
    id: fc.constant(id),
    poolId: pick(...POOLS, 'P1', 'P9'),
    licenseeName: fc.constant(id),
    quota: cals,
    createdAt: near,
    status: pick('in_use', 'not_in_use'),
    serverId: pick(null, ...SERVERS),
    lastCheckAt: fc.option(near),
    used: cals,
    quotaHistory: fc.array(fc.record({ at: near, quota: cals }), { maxLength: 3 }),
  });

const server = (id: string): fc.Arbitrary<object> =>
  fc.record(
    {
      id: fc.constant(id),
      version: pick('8.5.0', '7.0', '6.29', 'next'),
      online: fc.boolean(),
      freshInstall: fc.boolean(),
      utcOffsetMinutes: pick(-300, 0, 540),
      lastUpdateAt: fc.option(near),
      shortSince: near,
      applied: fc.option(
        fc.record({
          kind: pick('poolable', 'pooled', 'pool_key', 'pool_key'),
          id: pick(...KEYS, ...POOL_LICENSES),
          at: near,
        }),
      ),
    },
    { requiredKeys: ['id', 'version'] },
  );

export const poolFacts: fc.Arbitrary<Facts> = fc.record({
  profile: pick('lmp'),
  now: near,
  account,
  policy: pick({}, { lmpLockout: 'literal' }, { graceDays: { pooled: 0 } }),
  licenses: fc.tuple(...POOL_LICENSES.map(poolLicense)),
  pools: fc.tuple(
    ...POOLS.map((id) =>
      fc.record({ id: fc.constant(id), name: fc.constant(id), type: pick('OEM', 'Standard'), quota: cals }),
    ),
  ),
  keys: fc.tuple(...KEYS.map(key)),
  servers: fc.tuple(...SERVERS.map(server)),
}) as unknown as fc.Arbitrary<Facts>;

const name = pick('Key_1', 'a b', '', null);
const type = pick('OEM', 'Standard');
const quota = fc.option(cals);

export const poolRequest: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ action: pick('pool.convert'), license: pick(...POOL_LICENSES), confirm: fc.boolean() }),
  fc.record({ action: pick('pool.unconvert'), license: pick(...POOL_LICENSES) }),
  fc.record({ action: pick('pool.totals'), type }),
  fc.record({ action: pick('pool.create'), name, type: fc.option(type), quota }),
  fc.record({ action: pick('pool.set_quota'), pool: pick(...POOLS), quota: cals }),
  fc.record({ action: pick('pool.allocate'), fromLicense: pick(...POOL_LICENSES), pool: pick(...POOLS) }),
  fc.record({ action: pick('key.create'), pool: pick(...POOLS, 'P9', null), licenseeName: name, quota }),
  fc.record({ action: pick('key.set_quota'), key: pick(...KEYS), quota: cals }),
  fc.record({
    action: pick('key.view', 'key.delete', 'key.deactivate', 'key.stop_renewing'),
    key: pick(...KEYS),
    by: pick('server', 'portal'),
  }),
  fc.record({ action: pick('key.apply'), key: pick(...KEYS), server: pick(...SERVERS) }),
  fc.record({ action: pick('license.apply'), license: pick(...POOL_LICENSES), server: pick(...SERVERS) }),
  fc.record({
    action: pick('server.status', 'server.effective_quota', 'backup', 'restore'),
    server: pick(...SERVERS),
  }),
  fc.record({ action: pick('portal.login') }),
  fc.record({ action: pick('maintenance.renew'), license: pick(...POOL_LICENSES), until: day }),
) as fc.Arbitrary<Request>;
