import { cpus, hostname, networkInterfaces } from 'node:os';
import { ABSENT, serial } from './reading.js';
import type { Reading, Source } from './reading.js';

/** What Node itself can tell where this package has no probe of its own for a system: a network address and the
 * processor. */
export function probeNode(platform: string): Reading {
  const model = cpus()[0]?.model ?? '';
  return {
    platform,
    parts: {
      hardware_uuid: ABSENT,
      machine_id: ABSENT,
      disk_serial: ABSENT,
      mac: firstAddress(),
      board_serial: ABSENT,
      cpu: model === '' ? ABSENT : { state: 'value', raw: model },
    },
    bootId: ABSENT,
    vmGeneration: ABSENT,
    hostName: ABSENT,
    guestId: ABSENT,
    signs: {},
  };
}

async function readOriginal(): Promise<string> {
  const { default: library } = await import('node-machine-id');
  return library.machineId(true);
}

/** The machine id of Windows and macOS, as `node-machine-id` reads it (`original`). The library answers the host's name or
 * an empty text where there is no id; neither is one. */
export async function machineIdOf(original: () => Promise<string> = readOriginal): Promise<Source> {
  try {
    const raw = (await original()).trim();
    const isUuid = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(raw) && raw !== hostname();
    return isUuid ? serial({ state: 'value', raw }) : ABSENT;
  } catch {
    return ABSENT;
  }
}

export function firstAddress(): Source {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, mac }) => !internal && mac !== '00:00:00:00:00:00')
    .filter(({ mac }) => (Number.parseInt(mac.slice(0, 2), 16) & 3) === 0)
    .map(({ mac }) => mac)
    .sort();
  return addresses[0] === undefined ? ABSENT : { state: 'value', raw: addresses[0] };
}
