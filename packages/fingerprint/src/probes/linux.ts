import { basename, dirname } from 'node:path';
import { SystemFiles } from './files.js';
import { ABSENT, firstOf, serial } from './reading.js';
import type { Part, Reading, Signs, Source } from './reading.js';

/** Reads this Linux machine from files alone: no process is started and nothing is written.
 * `root` is `/`; a test gives a tree of files. */
export function probeLinux(root: string): Reading {
  const files = new SystemFiles(root);
  const mounts = readMounts(files.text('proc/self/mountinfo', 1_048_576) ?? '');
  const cpu = readCpuFields(files);
  const [parts, bootId, vmGeneration, hyperv, signs] = [
    readParts(files, mounts, cpu),
    files.read('proc/sys/kernel/random/boot_id'),
    readVmGeneration(files),
    readHyperVPool(files),
    readSigns(files, mounts, cpu),
  ];
  const hostName = firstOf([hyperv('PhysicalHostNameFullyQualified'), hyperv('PhysicalHostName')]);
  return {
    platform: 'linux',
    parts,
    bootId: serial(bootId),
    vmGeneration,
    hostName,
    guestId: hyperv('VirtualMachineId'),
    signs,
  };
}

function readParts(files: SystemFiles, mounts: readonly Mount[], cpuFields: CpuFields): Record<Part, Source> {
  const uuids = ['sys/class/dmi/id/product_uuid', 'sys/hypervisor/uuid', 'proc/device-tree/vm,uuid'];
  const boards = ['sys/class/dmi/id/board_serial', 'proc/device-tree/serial-number'];
  const firstSerial = (paths: readonly string[]): Source => firstOf(paths.map((path) => serial(files.read(path))));
  const [hardware_uuid, board_serial, machine_id, disk_serial, mac, cpu] = [
    firstSerial(uuids),
    firstSerial(boards),
    readMachineId(files),
    readDiskSerial(files, mounts),
    readMac(files),
    readCpu(cpuFields),
  ];
  return { hardware_uuid, machine_id, disk_serial, mac, board_serial, cpu };
}

/** machine-id(5): 32 hexadecimal digits. An image before its first start has `uninitialized`, or an empty file. */
function readMachineId(files: SystemFiles): Source {
  const read = (path: string): Source => {
    const source = serial(files.read(path));
    return source.state !== 'value' || /^[0-9a-f]{32}$/i.test(source.raw) ? source : ABSENT;
  };
  return firstOf([read('etc/machine-id'), read('var/lib/dbus/machine-id')]);
}

interface Mount {
  readonly source: string;
  readonly folder: string;
  readonly at: string;
  readonly type: string;
}

/** proc(5), mountinfo: id, parent, major:minor, folder, mount point, options, optional fields, `-`, type, source. */
function readMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , folder, at] = before.split(' ');
    const [type, source] = after.split(' ');
    if (folder === undefined || at === undefined || type === undefined || source === undefined) return [];
    return [{ source, folder, at, type }];
  });
}

/** The serial of the disk the system lives on: a stick or a backup disk that comes and goes must not change the machine.
 * Of several (mirrors, volume groups) the smallest, so that their order does not matter. */
function readDiskSerial(files: SystemFiles, mounts: readonly Mount[]): Source {
  const device = mounts.findLast(({ at }) => at === '/')?.source;
  if (device === undefined || !device.startsWith('/dev/')) return ABSENT;
  const name = basename(files.follow(device) ?? device);
  const serials = disksUnder(files, name).map((disk) => serialOfDisk(files, disk));
  const values = serials.flatMap((source) => (source.state === 'value' ? [source.raw] : [])).sort();
  return values[0] === undefined ? firstOf(serials) : { state: 'value', raw: values[0] };
}

/** From a partition to its disk, from a mapped or mirrored device to the disks below it. */
function disksUnder(files: SystemFiles, name: string, depth = 8): string[] {
  const path = `sys/class/block/${name}`;
  if (depth === 0) return [];
  if (files.exists(`${path}/partition`)) {
    const real = files.follow(path);
    return real === undefined ? [] : [basename(dirname(real))];
  }
  const below = files.list(`${path}/slaves`);
  if (below.length === 0) return [name];
  return below.flatMap((slave) => disksUnder(files, slave, depth - 1));
}

function serialOfDisk(files: SystemFiles, disk: string): Source {
  const path = `sys/class/block/${disk}`;
  const page = files.read(`${path}/device/vpd_pg80`, 'latin1');
  const sources = [
    files.read(`${path}/serial`),
    files.read(`${path}/device/serial`),
    // SCSI vital product data, page 80h: four bytes of header, then the unit serial number.
    page.state === 'value' ? { ...page, raw: page.raw.slice(4) } : page,
    files.read(`${path}/wwid`),
    files.read(`${path}/device/wwid`),
  ];
  return firstOf(sources.map(serial));
}

/** The first network card of real hardware with an address its maker gave it: bridges, tunnels, container links and
 * docking stations come and go. In the order of their places on the bus, which a new card rarely changes. */
function readMac(files: SystemFiles): Source {
  const cards: { readonly place: string; readonly mac: Source }[] = [];
  for (const name of files.list('sys/class/net')) {
    const path = `sys/class/net/${name}`;
    const place = files.follow(`${path}/device`);
    if (place === undefined || place.includes('/usb')) continue;
    // Under a bond every card shows the bond's address.
    const mac = firstOf([files.read(`${path}/bonding_slave/perm_hwaddr`), files.read(`${path}/address`)]);
    cards.push({ place, mac: makersAddress(mac) });
  }
  cards.sort((a, b) => (a.place < b.place ? -1 : 1));
  return firstOf(cards.map(({ mac }) => mac));
}

/** IEEE 802: the two low bits of the first byte say "for a group" and "given by an administrator". */
function makersAddress(source: Source): Source {
  if (source.state !== 'value') return source;
  const raw = source.raw.trim().toLowerCase();
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(raw) || raw === '00:00:00:00:00:00') return ABSENT;
  return (Number.parseInt(raw.slice(0, 2), 16) & 3) === 0 ? { state: 'value', raw } : ABSENT;
}

type CpuFields = ReadonlyMap<string, string>;

/** proc(5), cpuinfo: a name, a colon and a value in each line; of each name the first processor's. Read once: the kernel
 * makes the text anew for each reader. */
function readCpuFields(files: SystemFiles): CpuFields {
  const fields = new Map<string, string>();
  for (const line of (files.text('proc/cpuinfo', 8192) ?? '').split('\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trimEnd();
    if (name !== '' && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}

/** Maker and model, without counts and clocks: fewer CPUs or a new microcode are the same machine. */
function readCpu(fields: CpuFields): Source {
  const names = ['vendor_id', 'cpu family', 'model', 'model name', 'CPU implementer', 'CPU part', 'Model'];
  const raw = names.map((name) => fields.get(name) ?? '').join('|');
  return raw.replaceAll('|', '') === '' ? ABSENT : { state: 'value', raw };
}

/** The VM generation id, 16 bytes at offset 40 of the firmware's page; Linux shows it only where an emulator's
 * configuration device is readable. */
function readVmGeneration(files: SystemFiles): Source {
  const page = files.read('sys/firmware/qemu_fw_cfg/by_name/etc/vmgenid_guid/raw', 'latin1');
  if (page.state !== 'value') return page;
  const id = Buffer.from(page.raw.slice(40, 56), 'latin1');
  return id.length === 16 && id.some((byte) => byte !== 0) ? { state: 'value', raw: id.toString('hex') } : ABSENT;
}

/** Pool 3 of the host's key-value pairs: records of 512 bytes for the key and 2048 for the value. */
function readHyperVPool(files: SystemFiles): (key: string) => Source {
  const pool = files.read('var/lib/hyperv/.kvp_pool_3', 'latin1');
  return (key) => {
    if (pool.state !== 'value') return pool;
    for (let at = 0; at + 2560 <= pool.raw.length; at += 2560) {
      const text = (from: number, to: number): string =>
        Buffer.from(pool.raw.slice(at + from, at + to), 'latin1')
          .toString()
          .split('\0')[0] ?? '';
      if (text(0, 512) === key && text(512, 2560) !== '') return { state: 'value', raw: text(512, 2560) };
    }
    return ABSENT;
  };
}

/** Text members of Signs, and the file each is read from. */
const SIGN_FILES = {
  sysVendor: 'sys/class/dmi/id/sys_vendor',
  productName: 'sys/class/dmi/id/product_name',
  productVersion: 'sys/class/dmi/id/product_version',
  biosVendor: 'sys/class/dmi/id/bios_vendor',
  biosVersion: 'sys/class/dmi/id/bios_version',
  boardVendor: 'sys/class/dmi/id/board_vendor',
  chassisAssetTag: 'sys/class/dmi/id/chassis_asset_tag',
  hypervisorType: 'sys/hypervisor/type',
  deviceTreeHypervisor: 'proc/device-tree/hypervisor/compatible',
  clockSources: 'sys/devices/system/clocksource/clocksource0/available_clocksource',
  kernelRelease: 'proc/sys/kernel/osrelease',
  kernelCommandLine: 'proc/cmdline',
} as const;

function readSigns(files: SystemFiles, mounts: readonly Mount[], cpu: CpuFields): Signs {
  const texts = Object.entries(SIGN_FILES).map(([name, path]) => [name, files.text(path)] as const);
  const [xen, container] = [files.text('proc/xen/capabilities'), readContainer(files, mounts)];
  const flags = cpu.get('flags')?.split(' ');
  const root = mounts.findLast(({ at }) => at === '/');
  return {
    ...(Object.fromEntries(texts.filter(([, text]) => text !== undefined && text !== '')) as Signs),
    ...(flags === undefined ? {} : { cpuHypervisorBit: flags.includes('hypervisor') }),
    ...(xen === undefined ? {} : { xenControlDomain: xen.includes('control_d') }),
    ...(container === undefined ? {} : { container }),
    ...(root === undefined
      ? {}
      : { rootFileSystem: { type: root.type, onDisk: root.source.startsWith('/dev/') && root.type !== 'overlay' } }),
  };
}

/** Marks that container engines leave, the most telling first: an orchestrator runs on top of an engine. */
function readContainer(files: SystemFiles, mounts: readonly Mount[]): Signs['container'] {
  const [kubernetes, docker, podman, systemd, cgroup, environment] = [
    files.exists('run/secrets/kubernetes.io'),
    files.exists('.dockerenv'),
    files.exists('run/.containerenv'),
    files.text('run/systemd/container'),
    files.text('proc/1/cgroup'),
    files.text('proc/1/environ'),
  ];
  const hosts = mounts.find(({ at }) => at === '/etc/hosts' || at === '/etc/hostname')?.folder ?? '';
  const lxcfs = mounts.some(({ type, at }) => type === 'fuse.lxcfs' && at.startsWith('/proc/'));
  const marks: readonly (readonly [kind: string, source: string, holds: boolean])[] = [
    ['kubernetes', '/run/secrets/kubernetes.io', kubernetes],
    ['kubernetes', 'mount of /etc/hosts', hosts.includes('/kubelet/pods/')],
    ['kubernetes', '/proc/1/cgroup', /kubepods/.test(cgroup ?? '')],
    ['podman', '/run/.containerenv', podman],
    ['docker', '/.dockerenv', docker],
    ['docker', '/proc/1/cgroup', /[/-]docker[/-]/.test(cgroup ?? '')],
    ['podman', '/proc/1/cgroup', /libpod/.test(cgroup ?? '')],
    ['lxc', '/proc/1/cgroup', /[/.]lxc[/.]/.test(cgroup ?? '')],
    ['lxc', 'mounts of lxcfs', lxcfs],
    [systemd ?? '', '/run/systemd/container', (systemd ?? '') !== ''],
    ['lxc', '/proc/1/environ', /\bcontainer=lxc/.test(environment ?? '')],
    ['containerd', '/proc/1/cgroup', /containerd/.test(cgroup ?? '')],
  ];
  const found = marks.find(([, , holds]) => holds);
  return found === undefined ? undefined : { kind: found[0], source: found[1] };
}
