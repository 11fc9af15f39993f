import type { Facts, License, Machine, Request } from '@leasehold/terms';

/** The instant at which everything is asked. */
export const NOW = Date.parse('2026-06-15T10:00:00Z');
const ISO = new Date(NOW).toISOString();

/** What one peer is told of a request: ready-made answers to every question of fact, built outside the timed call. */
export interface Question {
  readonly restore: boolean;
  readonly share: boolean;
  readonly fileScope: boolean;
  readonly guest: boolean;
  readonly macos: boolean;
  readonly covered: boolean;
  readonly misfit: boolean;
  readonly excludesShares: boolean;
  readonly grace: boolean;
  readonly soon: boolean;
}

type Site = {
  readonly machines: readonly Machine[];
  readonly licenses: readonly License[];
  readonly about: readonly Cover[];
};
type Cover = Omit<Question, 'restore' | 'share' | 'fileScope'>;

/** One site: 12 licenses on 16 machines and 4 hosts, so that every rule of the table below is hit. */
function site(n: number): Site {
  const id = (name: string): string => `${name}-${n}`;
  const machine = (name: string, kind: Machine['kind'], os: Machine['os'], hostId?: string): Machine => ({
    id: id(name),
    kind,
    os,
    poweredOn: true,
    ...(hostId === undefined ? {} : { hostId: id(hostId) }),
  });
  const license = (edition: string, type: 'machine' | 'host', name: string, validUntil: string | null): License => ({
    id: id(`lic-${edition}-${name}`),
    edition,
    term: validUntil === null ? 'perpetual' : 'subscription',
    validUntil,
    boundTo: { type, id: id(name) },
  });
  const plain: Cover = {
    guest: false,
    macos: false,
    covered: true,
    misfit: false,
    excludesShares: false,
    grace: false,
    soon: false,
  };
  const none: Cover = { ...plain, covered: false };
  return {
    machines: [
      machine('srv-1', 'physical', 'windows_server'),
      machine('srv-2', 'physical', 'windows_server'),
      machine('srv-3', 'physical', 'windows_server'),
      machine('srv-4', 'physical', 'windows_server'),
      machine('srv-5', 'physical', 'windows_server'),
      machine('pc-1', 'physical', 'windows_client'),
      machine('pc-2', 'physical', 'windows_client'),
      machine('lx-1', 'physical', 'linux'),
      machine('cloud-1', 'cloud', 'windows_server'),
      machine('cloud-2', 'cloud', 'linux'),
      machine('mac-1', 'physical', 'macos'),
      machine('vm-1', 'guest', 'windows_server', 'host-1'),
      machine('vm-2', 'guest', 'linux', 'host-1'),
      machine('vm-3', 'guest', 'windows_server', 'host-2'),
      machine('vm-4', 'guest', 'windows_server', 'host-3'),
      machine('vm-5', 'guest', 'linux', 'host-4'),
    ],
    licenses: [
      license('server', 'machine', 'srv-1', null),
      license('server', 'machine', 'srv-2', '2026-06-25T10:00:00Z'),
      license('server', 'machine', 'srv-3', '2026-06-05T10:00:00Z'),
      license('desktop', 'machine', 'srv-4', null),
      license('desktop', 'machine', 'pc-1', null),
      license('server', 'machine', 'pc-2', null),
      license('linux', 'machine', 'lx-1', null),
      license('cloud', 'machine', 'cloud-1', '2028-01-01T00:00:00Z'),
      license('cloud', 'machine', 'cloud-2', '2026-03-01T00:00:00Z'),
      license('virtual', 'host', 'host-1', null),
      license('virtual', 'host', 'host-2', '2026-06-10T10:00:00Z'),
      license('virtual', 'host', 'host-3', '2026-01-10T10:00:00Z'),
    ],
    about: [
      plain,
      { ...plain, soon: true },
      { ...plain, grace: true },
      { ...none, misfit: true },
      none,
      { ...plain, excludesShares: true },
      { ...none, misfit: true },
      { ...plain, excludesShares: true },
      plain,
      none,
      { ...none, macos: true },
      { ...plain, guest: true },
      { ...plain, guest: true },
      { ...plain, guest: true, grace: true },
      { ...none, guest: true },
      { ...none, guest: true },
    ],
  };
}

/** The four ways each machine is asked: an image, a share's files, a share's image, a restore. */
const WAYS = [
  { restore: false, share: false, fileScope: false },
  { restore: false, share: true, fileScope: true },
  { restore: false, share: true, fileScope: false },
  { restore: true, share: false, fileScope: true },
] as const;
export const WAY_COUNT = WAYS.length;

export function requestOf(machine: string, way: number): Request {
  const { restore, share, fileScope } = WAYS[way]!;
  if (restore) return { action: 'restore', machine };
  return {
    action: 'backup',
    machine,
    mode: 'agent',
    scope: fileScope ? 'file' : 'system_image',
    protects: share ? 'network_share' : 'local',
  };
}

/** The ordered rules that the requests hit: the first whose terms all hold decides. Every peer is built from this. */
export interface TableRow {
  readonly rule: string;
  readonly allowed: boolean;
  readonly when: Readonly<Partial<Question>>;
}
export const TABLE: readonly TableRow[] = [
  { rule: 'D-1:allow', allowed: true, when: { restore: true, covered: true } },
  { rule: 'D-1:warn', allowed: true, when: { restore: true } },
  { rule: 'AIP-0.2:refuse', allowed: false, when: { macos: true } },
  { rule: 'AIP-0.2:needs', allowed: false, when: { misfit: true } },
  { rule: 'AIP-6.2:needs', allowed: false, when: { covered: false, guest: true } },
  { rule: 'AIP-0.1:needs', allowed: false, when: { covered: false } },
  { rule: 'AIP-1.4:refuse', allowed: false, when: { share: true, excludesShares: true } },
  { rule: 'AIP-1.5:refuse', allowed: false, when: { share: true, fileScope: false } },
  { rule: 'D-3:warn', allowed: true, when: { grace: true } },
  { rule: 'D-2:warn', allowed: true, when: { soon: true } },
  { rule: 'AIP-1.3:allow', allowed: true, when: { share: true } },
  { rule: 'AIP-6.1:allow', allowed: true, when: { guest: true } },
  { rule: 'AIP-0.1:allow', allowed: true, when: {} },
];

/** A fleet of `licenses / 12` sites, and requests drawn at random over it by a fixed generator. */
export interface Fleet {
  readonly facts: Omit<Facts, 'now'>;
  readonly machines: readonly Machine[];
  readonly licenses: readonly License[];
  readonly requests: readonly { readonly machine: number; readonly way: number; readonly question: Question }[];
}
export const FACTS_NOW = ISO;

export function fleet(licenseCount: number, requestCount = 4096): Fleet {
  const sites = Array.from({ length: Math.max(1, Math.round(licenseCount / 12)) }, (_, n) => site(n));
  const machines = sites.flatMap((one) => one.machines);
  const licenses = sites.flatMap((one) => one.licenses);
  const about = sites.flatMap((one) => one.about);
  const hosts = sites.flatMap((_, n) =>
    [1, 2, 3, 4].map((k) => ({ id: `host-${k}-${n}`, kind: 'bare_metal' as const, hypervisor: 'kvm' })),
  );
  const random = generator(20_260_615);
  const requests = Array.from({ length: requestCount }, () => {
    const machine = random(machines.length);
    const way = random(WAYS.length);
    return { machine, way, question: { ...WAYS[way]!, ...about[machine]! } };
  });
  return { facts: { profile: 'aip', machines, hosts, licenses }, machines, licenses, requests };
}

/** All 64 requests of one site, for the check that everyone agrees. */
export function everyRequest(): { readonly one: Fleet; readonly all: Fleet['requests'] } {
  const one = fleet(12);
  const about = site(0).about;
  const all = one.machines.flatMap((_, machine) =>
    WAYS.map((way, index) => ({ machine, way: index, question: { ...way, ...about[machine]! } })),
  );
  return { one, all };
}

/** A small linear congruential generator: the same requests in every run. */
export function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}
