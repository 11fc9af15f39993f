import { firstAddress, machineIdOf } from './node.js';
import { ABSENT, firstOf, serial } from './reading.js';
import type { Reading, Signs, Source } from './reading.js';
import { runCommand } from './run-command.js';
import type { Run } from './run-command.js';

/** Where Windows keeps what it found of its machine; none of it needs an administrator. */
const KEYS = {
  bios: 'HKLM\\HARDWARE\\DESCRIPTION\\System\\BIOS',
  cpu: 'HKLM\\HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0',
  disks: 'HKLM\\HARDWARE\\DEVICEMAP\\Scsi',
  /** `LastConfig` is the SMBIOS UUID of the machine that Windows started on last. */
  config: 'HKLM\\SYSTEM\\HardwareConfig',
  control: 'HKLM\\SYSTEM\\CurrentControlSet\\Control',
  preinstallation: 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\MiniNT',
  boot: 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Memory Management\\PrefetchParameters',
  /** The tables of the firmware, byte for byte. */
  smbios: 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\mssmbios\\Data',
  /** What a Hyper-V host tells its guest. */
  guest: 'HKLM\\SOFTWARE\\Microsoft\\Virtual Machine\\Guest\\Parameters',
} as const;
type Key = keyof typeof KEYS;
type Values = (name: string) => Source;

export interface WindowsProbe {
  readonly run?: Run;
  /** `machineId` of node-machine-id. */
  readonly original?: () => Promise<string>;
}

/** Reads this Windows machine from its registry. Recorded, not run: it is tested with recorded answers, on Linux. */
export async function probeWindows({ run = runCommand, original }: WindowsProbe = {}): Promise<Reading> {
  const names = Object.keys(KEYS) as Key[];
  const texts = await Promise.all(names.map((name) => query(run, name)));
  const of = Object.fromEntries(names.map((name, n) => [name, valuesIn(texts[n])])) as Record<Key, Values>;
  const machineId = await machineIdOf(original);
  return {
    platform: 'win32',
    parts: {
      hardware_uuid: serial(unbraced(of.config('LastConfig'))),
      machine_id: machineId,
      disk_serial: firstDisk(texts[names.indexOf('disks')]),
      mac: firstAddress(),
      board_serial: ABSENT,
      cpu: joined(['VendorIdentifier', 'Identifier', 'ProcessorNameString'].map(of.cpu)),
    },
    bootId: bootOf(machineId, of.boot('BootId')),
    vmGeneration: ABSENT,
    hostName: firstOf([of.guest('PhysicalHostNameFullyQualified'), of.guest('PhysicalHostName')]),
    guestId: of.guest('VirtualMachineId'),
    signs: signsOf(of, texts[names.indexOf('preinstallation')] !== undefined),
  };
}

function signsOf(of: Record<Key, Values>, preinstallation: boolean): Signs {
  const names = {
    sysVendor: 'SystemManufacturer',
    productName: 'SystemProductName',
    productVersion: 'SystemVersion',
    biosVendor: 'BIOSVendor',
    biosVersion: 'BIOSVersion',
    boardVendor: 'BaseBoardManufacturer',
  };
  const texts = Object.entries(names).flatMap(([sign, name]) => {
    const source = of.bios(name);
    return source.state === 'value' ? [[sign, source.raw] as const] : [];
  });
  const tag = chassisAssetTag(of.smbios('SMBiosData'));
  const contained = of.control('ContainerType').state === 'value';
  return {
    ...(Object.fromEntries(texts) as Signs),
    ...(tag === '' ? {} : { chassisAssetTag: tag }),
    ...(contained ? { container: { kind: 'windows', source: 'registry' } } : {}),
    ...(preinstallation ? { preinstallation } : {}),
  };
}

/** Undefined where there is no such key. Only the disks lie in keys below their own. */
async function query(run: Run, name: Key): Promise<string | undefined> {
  try {
    return await run('reg.exe', ['query', KEYS[name], ...(name === 'disks' ? ['/s'] : [])]);
  } catch {
    return undefined;
  }
}

/** `    Name    REG_SZ    value`, as reg.exe prints it. */
function valuesIn(text: string | undefined): Values {
  return (name) => {
    const line = new RegExp(`^ {4}${name} {4}REG_(?:SZ|DWORD|EXPAND_SZ|BINARY) {4}(.*)$`, 'm').exec(text ?? '');
    const raw = line?.[1]?.trim() ?? '';
    return raw === '' ? ABSENT : { state: 'value', raw };
  };
}

/** By which several clouds are told; Windows has it nowhere else. After eight bytes of header come structures (SMBIOS
 * section 6.1): type, length, formatted area, then strings up to an empty one. The tag of type 3, the chassis, is the
 * string whose number stands at offset 8. */
function chassisAssetTag(data: Source): string {
  const table = Buffer.from(data.state === 'value' ? data.raw : '', 'hex').subarray(8);
  for (let at = 0; at + 4 <= table.length;) {
    const [type, length = 0] = table.subarray(at);
    const end = table.indexOf('\0\0', at + length, 'latin1');
    if (length < 4 || end === -1) return '';
    if (type === 3 && length > 8) {
      const strings = table.toString('latin1', at + length, end).split('\0');
      return strings[table[at + 8]! - 1]?.trim() ?? '';
    }
    at = end + 2;
  }
  return '';
}

/** The disk on the first port: one that comes and goes is given a later one. */
function firstDisk(text = ''): Source {
  const units = text.split(/\r?\n(?=HKEY_)/).filter((unit) => /REG_SZ {4}DiskPeripheral/.test(unit));
  return firstOf(units.map((unit) => serial(valuesIn(unit)('SerialNumber'))));
}

/** The count of starts alone is no name of a start: every machine has its tenth. */
function bootOf(machineId: Source, count: Source): Source {
  if (machineId.state !== 'value' || count.state !== 'value') return ABSENT;
  return { state: 'value', raw: `${machineId.raw} ${count.raw}` };
}

function unbraced(source: Source): Source {
  return source.state === 'value' ? { ...source, raw: source.raw.replaceAll(/[{}]/g, '') } : source;
}

function joined(sources: readonly Source[]): Source {
  const raw = sources.map((source) => (source.state === 'value' ? source.raw : '')).join('|');
  return raw.replaceAll('|', '') === '' ? ABSENT : { state: 'value', raw };
}
