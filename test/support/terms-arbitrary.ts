import type { Facts, Host, License, Machine, OsClass, Policy, Request } from '@leasehold/terms';
import fc from 'fast-check';

/** Arbitrary but well-typed questions about a small site: few ids, so that the parts meet each other often; much is
 * covered, so that rules behind the first shortage are reached. */

export const NOW = Date.parse('2026-06-15T10:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Two physical machines, two guests, one in the cloud: migrations find their ends. */
const KINDS = { m1: 'physical', m2: 'physical', m3: 'guest', m4: 'guest', m5: 'cloud' } as const;
type MachineId = keyof typeof KINDS;
const MACHINES = Object.keys(KINDS) as MachineId[];
const HOSTS = ['h1', 'h2', 'h3'];
const GROUPS = ['g1', 'g2'];

const pick = <Value>(...values: readonly Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);
/** Mostly absent. */
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>, present = 1): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: present, arbitrary });

/** An instant at, or just beside, one that rules look at: ends, graces, warning days. */
const near: fc.Arbitrary<string> = fc
  .tuple(pick(-60, -45, -31, -30, -15, -14, -3, -1, 0, 1, 3, 14, 29, 30, 31, 45, 400), pick(-1, 0, 1, -HOUR, HOUR))
  .map(([days, ms]) => new Date(NOW + days * DAY + ms).toISOString());
const nearDay: fc.Arbitrary<string> = near.map((at) => at.slice(0, 10));

/** Drops what is undefined: an optional field is absent, never undefined. */
function tidy<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Value;
}

const systems: readonly OsClass[] = [
  ...Array<OsClass>(8).fill('windows_server'),
  ...Array<OsClass>(3).fill('linux'),
  'windows_client',
  'windows_client',
  'macos',
  'unknown',
];

const machine = (id: MachineId): fc.Arbitrary<Machine> =>
  fc
    .record({
      id: fc.constant(id),
      kind: fc.constant(KINDS[id]),
      os: pick(...systems),
      hostId: maybe(pick('h1', 'h1', 'h2', 'h3', 'h9'), 24),
      declaredHostId: maybe(pick(...HOSTS), 6),
      clusterGroupId: maybe(pick(...GROUPS)),
      redundantOf: maybe(pick(...MACHINES)),
      declared: maybe(pick('disposed')),
      supersededBy: maybe(pick(...MACHINES)),
      supersededAt: maybe(near),
      shortSince: maybe(near),
      firstBackupAt: maybe(near),
      standby: maybe(fc.boolean()),
      hyperAgent: maybe(fc.record({ connectableHosts: fc.subarray(HOSTS) }), 2),
    })
    .map((one) => tidy(one) as Machine);

const host = (id: string): fc.Arbitrary<Host> =>
  fc
    .record({
      id: fc.constant(id),
      kind: id === 'h3' ? pick('bare_metal', 'hosted') : pick('bare_metal'),
      hypervisor: fc.constant('kvm'),
      hciId: maybe(pick('i1')),
      onMachine: maybe(pick(...MACHINES), 3),
      inventoryAsOf: maybe(near),
    })
    .map((one) => tidy(one) as Host);

const binding = fc.oneof(
  fc.record({ type: pick('machine' as const), id: pick(...MACHINES) }),
  fc.record({ type: pick('host' as const), id: pick(...HOSTS) }),
  fc.record({ type: pick('cluster_group' as const), id: pick(...GROUPS) }),
  fc.record({ type: pick('technician' as const), id: pick('anna', 'bert') }),
);

/** Any license, on anything. */
export const license = (id: string): fc.Arbitrary<License> =>
  fc
    .record({
      id: fc.constant(id),
      edition: pick('server', 'desktop', 'linux', 'virtual', 'cloud', 'server_vpack', 'additional_node', 'it_pro', 'x'),
      term: pick('perpetual', 'perpetual', 'subscription', 'trial', 'rental'),
      startsAt: maybe(near),
      validUntil: fc.oneof(near, nearDay),
      boundTo: fc.option(binding, { freq: 4 }),
      state: maybe(pick('active', 'revoked')),
    })
    .map((one) => tidy(one) as License);

/** Licenses that fit what they are bound to, most of them alive. */
const FITTING = [
  ['server', 'machine', 'm1'],
  ['server', 'machine', 'm2'],
  ['linux', 'machine', 'm1'],
  ['desktop', 'machine', 'm2'],
  ['cloud', 'machine', 'm5'],
  ['virtual', 'host', 'h1'],
  ['virtual', 'host', 'h2'],
  ['virtual', 'host', 'h3'],
  ['server_vpack', 'host', 'h3'],
  ['additional_node', 'cluster_group', 'g1'],
  ['it_pro', 'technician', 'anna'],
] as const;
const fitting: fc.Arbitrary<License[]> = fc.subarray([...FITTING], { minLength: 5 }).chain((list) =>
  fc.tuple(
    ...list.map(([edition, type, id]) =>
      fc.record({
        id: fc.constant(`${edition}-${id}`),
        edition: fc.constant(edition),
        term: pick('perpetual' as const, 'perpetual' as const, 'subscription' as const, 'trial' as const),
        startsAt: edition === 'it_pro' ? pick('2026-02-01T00:00:00Z') : pick('2020-01-01T00:00:00Z'),
        validUntil: fc.oneof(near, pick('2027-06-01T00:00:00Z')),
        boundTo: fc.constant({ type, id }),
      }),
    ),
  ),
);

const policy: fc.Arbitrary<Policy> = fc
  .record({
    graceDays: maybe(fc.record({ subscription: pick(0, 30, 60), trial: pick(0, 5) })),
    subscriptionTargetHost: maybe(pick('as_6_1', 'strict')),
    warnDays: maybe(pick([], [7, 1], [60, 30])),
    shortageGraceDays: maybe(pick(0, 14, 30)),
    parallelDays: maybe(pick(0, 60)),
  })
  .map((one) => tidy(one) as Policy);

const session = fc
  .record({ machine: pick(...MACHINES), endedAt: fc.option(near), leaseExpiresAt: near })
  .map((one) => ({ id: 's1', license: 'it_pro-anna', media: 'b1', startedAt: '2026-06-01T00:00:00Z', ...one }));

export const facts: fc.Arbitrary<Facts> = fc
  .record({
    profile: fc.constant('aip' as const),
    now: near,
    machines: fc.tuple(...MACHINES.map(machine)),
    hosts: fc.tuple(...HOSTS.map(host)),
    hcis: maybe(fc.subarray(HOSTS).map((hostIds) => [{ id: 'i1', hostIds }])),
    clusters: maybe(
      fc.subarray(MACHINES).map((nodeIds) => [
        { id: 'g1', nodeIds },
        { id: 'g2', nodeIds: [] },
      ]),
      6,
    ),
    licenses: fc
      .tuple(license('l0'), license('l1'), fitting)
      .map(([one, other, list]): License[] => [one, other, ...list]),
    media: fc
      .record({ base: pick('linux', 'winpe'), stamp: pick('valid', 'valid', 'valid', 'invalid', 'missing', 'expired') })
      .map((one) => [{ id: 'b1', ...one }]),
    sessions: maybe(session.map((one) => [one])),
    usage: maybe(fc.record({ agentlessInUse: fc.boolean(), hyperAgentAllowanceUsedBy: fc.subarray(MACHINES) }), 6),
    unknown: maybe(pick(['hyper_agents'])),
    lease: maybe(
      fc
        .record({ expiresAt: near, signature: pick('valid', 'valid', 'invalid') })
        .map((one) => ({ issuedAt: '2026-06-01T00:00:00Z', ...one })),
    ),
    lastTrustedTime: maybe(near),
    account: maybe(pick({ timeZone: 'Asia/Tokyo' }, { timeZone: 'America/New_York' })),
    policy: maybe(policy, 2),
  })
  .map((one) => tidy(one) as unknown as Facts);

const disposition = maybe(pick('disposed', 'dead', 'parallel', 'undeclared'), 18);

const ENDS: Readonly<Record<string, readonly MachineId[]>> = { P: ['m1', 'm2'], V: ['m3', 'm4'], C: ['m5'] };
const migration = pick('P2P', 'P2V', 'V2V', 'P2C', 'V2C', 'C2V', 'V2P', 'C2P', 'C2C').chain((kind) =>
  fc.record({
    action: pick('migrate'),
    kind: fc.constant(kind),
    source: pick(...(ENDS[kind.charAt(0)] ?? [])),
    targetMachine: pick(...(ENDS[kind.charAt(2)] ?? [])),
    targetHost: pick(...HOSTS),
    sourceDisposition: disposition,
  }),
);

const anyLicense = pick('l0', 'l1', ...FITTING.map(([edition, , id]) => `${edition}-${id}`));
const weighted = (
  weight: number,
  arbitrary: fc.Arbitrary<object>,
): { weight: number; arbitrary: fc.Arbitrary<object> } => ({
  weight,
  arbitrary,
});

/** Requests of every action; some name what the facts do not hold, or of the wrong kind: reading refuses those. */
export const request: fc.Arbitrary<Request> = fc
  .oneof(
    weighted(
      10,
      fc.record({
        action: pick('backup'),
        machine: pick(...MACHINES),
        mode: maybe(pick('agent', 'agentless'), 6),
        scope: maybe(pick('system_image', 'file', 'volume', 'guests', 'host_os', 'entire_host'), 6),
        protects: maybe(pick('local', 'network_share'), 2),
      }),
    ),
    weighted(1, fc.record({ action: pick('restore'), machine: pick(...MACHINES, 'm9') })),
    weighted(1, fc.record({ action: pick('standby.deploy'), active: pick(...MACHINES), standby: pick(...MACHINES) })),
    weighted(1, fc.record({ action: pick('disk_to_disk'), source: pick(...MACHINES), target: pick(...MACHINES) })),
    weighted(6, migration),
    weighted(
      2,
      fc.record({
        action: pick('standby.create'),
        from: pick('live', 'backup_files'),
        backupMethod: pick('agent', 'agent', 'agentless'),
        source: pick(...MACHINES),
        targetHost: pick(...HOSTS),
      }),
    ),
    weighted(
      2,
      fc.record({ action: pick('coverage.check'), scope: fc.oneof(binding, pick({ type: 'hci', id: 'i1' })) }),
    ),
    weighted(2, fc.record({ action: pick('license.activate'), license: anyLicense, on: binding })),
    weighted(
      2,
      fc.record({
        action: pick('license.move'),
        license: anyLicense,
        to: binding,
        replaces: maybe(binding, 6),
        sourceDisposition: disposition,
      }),
    ),
    weighted(
      1,
      fc.record({ action: pick('license.move_back'), license: anyLicense, from: pick('m1'), to: pick('m2') }),
    ),
    weighted(
      6,
      fc.record({
        action: pick('be_media.use'),
        media: pick('b1'),
        machine: pick(...MACHINES),
        purpose: pick('system_recovery', 'system_recovery', 'file_recovery', 'cold_backup'),
        imageOf: maybe(pick(...MACHINES, 'm9'), 6),
        sourceDisposition: disposition,
        clock: maybe(pick('untrusted')),
        recoveryProof: maybe(pick('valid', 'invalid')),
      }),
    ),
    weighted(
      3,
      fc.record({
        action: pick('itpro.session.start'),
        license: pick('it_pro-anna', 'it_pro-anna', 'l0'),
        technician: pick('anna', 'anna', 'anna', 'bert'),
        media: pick('b1'),
        machine: pick(...MACHINES),
        operation: pick('backup', 'restore', 'migrate'),
      }),
    ),
    weighted(
      1,
      fc.record({
        action: pick('itpro.reassign'),
        license: anyLicense,
        toTechnician: pick('bert'),
        by: pick('holder', 'authority'),
      }),
    ),
    weighted(1, fc.record({ action: pick('job.continue'), startedAt: near })),
    weighted(
      1,
      fc.record({ action: pick('instance.stale_check'), lastSeenAt: near, machine: maybe(pick(...MACHINES)) }),
    ),
  )
  .map((one) => tidy(one) as Request);
