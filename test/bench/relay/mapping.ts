import { inventoryReport, type Inventory } from '@leasehold/inventory';
import { readFacts, type Facts, type License } from '@leasehold/terms';
import { aip } from '@leasehold/terms/aip';
import { compile } from '@leasehold/terms/engine';
import { figure, type Figure } from '../decision/measure.js';

const HOSTS = 100;
const GUESTS = 100; // on each
const ROUNDS = 15;
const NOW = Date.parse('2026-06-15T10:00:00Z');

const uuid = (host: number, guest: number): string =>
  `0a0b0c0d-0000-4000-8000-${String(host * 1000 + guest).padStart(12, '0')}`;

/** What hypervisors told, as a provider answers it. */
const found: Inventory = {
  hosts: Array.from({ length: HOSTS }, (_, host) => ({
    host: { by: 'uuid', uuid: uuid(host, 999) },
    label: `kvm-${host}`,
    kind: 'bare_metal',
    hypervisor: 'kvm',
    guests: Array.from({ length: GUESTS }, (_guest, guest) => uuid(host, guest)),
  })),
  clusters: [],
  silent: [],
};

/** Half of the hosts have a license. */
function factsOf({ hosts }: ReturnType<typeof inventoryReport>): Facts {
  const licenses = hosts.slice(0, HOSTS / 2).map(({ id }, n): License => {
    const boundTo = { type: 'host', id } as const;
    return { id: `l${n}`, edition: 'virtual', term: 'perpetual', validUntil: null, boundTo };
  });
  const own = { id: 'self', kind: 'physical', os: 'linux' } as const;
  const guests = hosts.flatMap(({ id, guests: on }) => {
    return on.map((guest) => ({ id: guest, kind: 'guest', os: 'unknown', hostId: id }) as const);
  });
  return {
    profile: 'aip',
    now: new Date(NOW).toISOString(),
    machines: [{ ...own, hyperAgent: { connectableHosts: hosts.map(({ id }) => id) } }, ...guests],
    hosts: hosts.map(({ id, kind, hypervisor }) => ({ id, kind, hypervisor })),
    licenses,
  };
}

/** 10,000 guests on 100 hosts: named by their hashes, placed, read and compiled; and then each of them asked for once.
 * Milliseconds for all. */
export function mapping(): readonly [mapped: Figure, asked: Figure] {
  const [mapped, asked]: [number[], number[]] = [[], []];
  for (let round = -2; round < ROUNDS; round += 1) {
    const start = performance.now();
    const report = inventoryReport(found, { product: 'acme-backup' });
    const { now: _now, ...facts } = readFacts({ ...factsOf(report) });
    const table = compile(facts, aip);
    const compiled = performance.now();
    let allowed = 0;
    for (const { guests } of report.hosts) {
      for (const machine of guests) {
        const { decision } = table.bind({ action: 'backup', machine, mode: 'agentless' }).decide(NOW);
        if (decision === 'allow') allowed += 1;
      }
    }
    const ended = performance.now();
    if (allowed !== (HOSTS * GUESTS) / 2) throw new Error(`${allowed} guests are covered`);
    if (round < 0) continue;
    mapped.push(compiled - start);
    asked.push(ended - compiled);
  }
  return [
    figure('10,000 guests on 100 hosts, mapped and compiled', 'ms', mapped),
    figure('10,000 guests, each asked for the first time', 'ms', asked),
  ];
}
