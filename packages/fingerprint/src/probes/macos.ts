import { firstAddress, machineIdOf } from './node.js';
import { ABSENT, serial } from './reading.js';
import type { Reading, Source } from './reading.js';
import { runCommand } from './run-command.js';
import type { Run } from './run-command.js';

const COMMANDS = {
  platform: ['/usr/sbin/ioreg', '-rd1', '-c', 'IOPlatformExpertDevice'],
  disk: ['/usr/sbin/ioreg', '-rd1', '-c', 'IONVMeController'],
  kernel: ['/usr/sbin/sysctl', 'kern.bootsessionuuid', 'kern.hv_vmm_present', 'machdep.cpu.brand_string', 'hw.model'],
} as const;

export interface MacProbe {
  readonly run?: Run;
  /** `machineId` of node-machine-id. */
  readonly original?: () => Promise<string>;
}

/** Reads this Mac from its device tree and kernel. Recorded, not run: it is tested with recorded answers, on Linux. */
export async function probeMacos({ run = runCommand, original }: MacProbe = {}): Promise<Reading> {
  const print = ([program, ...args]: readonly [string, ...string[]]): Promise<string> =>
    run(program, args).catch(() => '');
  const [platform, disk, kernel, machineId] = await Promise.all([
    print(COMMANDS.platform),
    print(COMMANDS.disk),
    print(COMMANDS.kernel),
    machineIdOf(original),
  ]);
  const [vmm, model] = [sysctl(kernel, 'kern.hv_vmm_present'), sysctl(kernel, 'hw.model')];
  return {
    platform: 'darwin',
    parts: {
      // A Mac has one id for board and installation: it is both parts, and a new board is a new machine.
      hardware_uuid: serial(property(platform, 'IOPlatformUUID')),
      machine_id: machineId,
      disk_serial: serial(property(disk, 'Serial Number')),
      mac: firstAddress(),
      board_serial: serial(property(platform, 'IOPlatformSerialNumber')),
      cpu: sysctl(kernel, 'machdep.cpu.brand_string'),
    },
    bootId: serial(sysctl(kernel, 'kern.bootsessionuuid')),
    vmGeneration: ABSENT,
    hostName: ABSENT,
    guestId: ABSENT,
    signs: {
      sysVendor: 'Apple Inc.',
      ...(model.state === 'value' ? { productName: model.raw } : {}),
      ...(vmm.state === 'value' ? { cpuHypervisorBit: vmm.raw === '1' } : {}),
    },
  };
}

/** `"Name" = "value"`, as ioreg prints it. */
function property(text: string, name: string): Source {
  return found(new RegExp(`"${name}" = "([^"]*)"`).exec(text));
}

/** `name: value`, as sysctl prints it. */
function sysctl(text: string, name: string): Source {
  return found(new RegExp(`^${name.replaceAll('.', '\\.')}: (.*)$`, 'm').exec(text));
}

function found(match: RegExpExecArray | null): Source {
  const raw = match?.[1]?.trim() ?? '';
  return raw === '' ? ABSENT : { state: 'value', raw };
}
