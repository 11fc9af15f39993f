import type { License, Machine } from '@leasehold/terms';
import { type Fleet, NOW, WAY_COUNT } from './workload.js';

/** The floor: what a careful engineer would write by hand for just these rules. Two ways: a handle that was bound once
 * and answers from a table until its horizon, and a switch over a Map index that decides each time. */

export interface FloorAnswer {
  readonly rule: string;
  readonly allowed: boolean;
  readonly license: string | undefined;
}
const answer = (rule: string, allowed: boolean, license?: string): FloorAnswer =>
  Object.freeze({ rule, allowed, license });

const DAY = 86_400_000;
const FOREVER = Number.MAX_SAFE_INTEGER;

interface Held {
  readonly id: string;
  readonly edition: string;
  readonly until: number;
  readonly graceUntil: number;
}

export interface FloorIndex {
  readonly machines: Map<string, Machine>;
  readonly held: Map<string, Held>;
}

const EDITION: Readonly<Record<string, string>> = {
  windows_server: 'server',
  windows_client: 'desktop',
  linux: 'linux',
};

/** A plain Map of the same rows: what compiling is measured against. */
export function floorIndex(of: Pick<Fleet, 'machines' | 'licenses'>): FloorIndex {
  const machines = new Map<string, Machine>();
  for (const machine of of.machines) machines.set(machine.id, machine);
  const held = new Map<string, Held>();
  for (const license of of.licenses) held.set(license.boundTo!.id, heldOf(license));
  return { machines, held };
}

function heldOf(license: License): Held {
  const until = license.validUntil === null ? FOREVER : Date.parse(license.validUntil);
  const grace = license.term === 'subscription' ? 30 * DAY : 0;
  return { id: license.id, edition: license.edition, until, graceUntil: until === FOREVER ? FOREVER : until + grace };
}

const R = {
  restore: answer('D-1:allow', true),
  restoreOnly: answer('D-1:warn', true),
  mac: answer('AIP-0.2:refuse', false),
  misfit: answer('AIP-0.2:needs', false),
  guestNeeds: answer('AIP-6.2:needs', false),
  needs: answer('AIP-0.1:needs', false),
  excluded: answer('AIP-1.4:refuse', false),
  filesOnly: answer('AIP-1.5:refuse', false),
  grace: answer('D-3:warn', true),
  soon: answer('D-2:warn', true),
  share: answer('AIP-1.3:allow', true),
  guest: answer('AIP-6.1:allow', true),
  own: answer('AIP-0.1:allow', true),
};

/** The hand-written switch: two Map look-ups, a few compares. */
export function floorSwitch(
  index: FloorIndex,
  action: string,
  machineId: string,
  scope: string,
  protects: string,
  now: number,
): FloorAnswer {
  const machine = index.machines.get(machineId)!;
  const guest = machine.kind === 'guest';
  const held = index.held.get(guest ? machine.hostId! : machineId);
  const wanted = guest ? 'virtual' : machine.kind === 'cloud' ? 'cloud' : EDITION[machine.os];
  const fits = held !== undefined && held.edition === wanted;
  const covered = fits && now < held.graceUntil;
  switch (action) {
    case 'restore':
      return covered ? R.restore : R.restoreOnly;
    case 'backup': {
      if (wanted === undefined) return R.mac;
      if (!covered) return held !== undefined && !fits ? R.misfit : guest ? R.guestNeeds : R.needs;
      if (protects === 'network_share') {
        if (held.edition === 'desktop' || held.edition === 'linux') return R.excluded;
        if (scope !== 'file') return R.filesOnly;
      }
      if (now >= held.until) return R.grace;
      if (held.until - now <= 30 * DAY) return R.soon;
      return protects === 'network_share' ? R.share : guest ? R.guest : R.own;
    }
    default:
      throw new Error(`unknown action ${action}`);
  }
}

/** One machine's four answers, and the instant until which they hold. */
export interface FloorHandle {
  readonly answers: readonly FloorAnswer[];
  readonly until: number;
}

export function floorBound(handle: FloorHandle, way: number, now: number): FloorAnswer {
  if (now >= handle.until) throw new Error('past its horizon');
  return handle.answers[way]!;
}

export function floorHandles(index: FloorIndex, of: Fleet): FloorHandle[] {
  const scopes = ['system_image', 'file', 'system_image', 'file'];
  const protects = ['local', 'network_share', 'network_share', 'local'];
  return of.machines.map((machine) => {
    const held = index.held.get(machine.hostId ?? machine.id);
    const edges = held === undefined ? [] : [held.until - 30 * DAY, held.until, held.graceUntil];
    const answers = Array.from({ length: WAY_COUNT }, (_, way) =>
      floorSwitch(index, way === 3 ? 'restore' : 'backup', machine.id, scopes[way]!, protects[way]!, NOW),
    );
    return { answers, until: Math.min(FOREVER, ...edges.filter((edge) => edge > NOW)) };
  });
}
