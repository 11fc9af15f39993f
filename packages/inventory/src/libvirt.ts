import type { HostName, Inventory, InventoryProvider } from './model.js';
import { guestName, readUuid } from './model.js';
import { InventoryError, unreadable } from './problem.js';
import { runProgram } from './run-program.js';

export interface LibvirtOptions {
  /** Connection, as virsh takes it: `qemu:///system`, `qemu+ssh://backup@kvm-1/system`. */
  readonly uri: string;
  /** Whose UUID this host has, where its firmware names none: without one libvirt makes up another with each start. */
  readonly hostUuid?: string;
  readonly timeoutMs?: number;
}

/** Over a slow line with a cold daemon, which first asks each of its emulators what it can do. */
const TIMEOUT_MS = 60_000;
const NAMES: Readonly<Record<string, string>> = { qemu: 'kvm' };

/** One libvirt host by `virsh`, on a read-only connection. Guests that are off count as well: all domains are listed. */
export function libvirt(options: LibvirtOptions): InventoryProvider {
  const { uri, hostUuid, timeoutMs = TIMEOUT_MS } = options;
  const driver = /^([a-z]+)(?:\+[a-z0-9]+)?:\/\//.exec(uri)?.[1];
  if (driver === undefined) {
    throw new InventoryError('OPTIONS_INVALID', 'This is no libvirt connection.', 'Name one like qemu:///system.');
  }
  if (hostUuid !== undefined && readUuid(hostUuid) === undefined) {
    throw new InventoryError('OPTIONS_INVALID', 'hostUuid is no UUID.', 'Give the host_uuid of libvirtd.conf.');
  }
  return {
    async read(signal): Promise<Inventory> {
      const virsh = (...args: string[]): Promise<string> => {
        const all = ['--readonly', '--quiet', '--connect', uri, ...args];
        return runProgram({ file: 'virsh', args: all, place: `libvirt (${uri})`, timeoutMs, signal });
      };
      const host = await hostOf(uri, hostUuid, virsh);
      const label = (await virsh('hostname')).trim() || null;
      const guests = guestsIn(await virsh('list', '--all', '--uuid'), uri, host.uuid);
      const found = { host, label, kind: 'bare_metal', hypervisor: NAMES[driver] ?? driver, guests } as const;
      return { hosts: [found], clusters: [], silent: [] };
    },
  };
}

async function hostOf(
  uri: string,
  given: string | undefined,
  virsh: (...args: string[]) => Promise<string>,
): Promise<Extract<HostName, { by: 'uuid' }>> {
  const uuid = readUuid(given) ?? readUuid(/<host>\s*<uuid>([^<]*)<\/uuid>/.exec(await virsh('capabilities'))?.[1]);
  if (uuid !== undefined) return { by: 'uuid', uuid };
  throw new InventoryError(
    'HOST_UNNAMED',
    `libvirt (${uri}) does not tell the UUID of its host.`,
    'Set host_uuid in its libvirtd.conf, or name it with hostUuid.',
  );
}

function guestsIn(list: string, uri: string, host: string): string[] {
  const lines = list.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const name = guestName(line, host, line.trim());
    if (name === undefined) throw unreadable(`libvirt (${uri})`, 'a line of its list is no UUID');
    return name;
  });
}
