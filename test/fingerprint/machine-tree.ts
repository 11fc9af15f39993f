import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A file's content, or where a link leads. */
export type Entry = string | Buffer | { readonly link: string };
export type Tree = Readonly<Record<string, Entry>>;

/** Writes a machine's system files below a new temporary folder and answers it. */
export function makeMachine(...trees: readonly Tree[]): string {
  const root = mkdtempSync(join(tmpdir(), 'leasehold-machine-'));
  for (const [path, entry] of trees.flatMap((tree) => Object.entries(tree))) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    if (typeof entry === 'string' || Buffer.isBuffer(entry)) writeFileSync(file, entry);
    else symlinkSync(entry.link, file);
  }
  return root;
}

const cpu = (flags: string, count = 2): string =>
  Array.from(
    { length: count },
    (_, n) =>
      `processor\t: ${n}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Intel(R) Xeon(R) Gold 6248\nflags\t\t: fpu vme ${flags}\n`,
  ).join('\n');

export const RAW = {
  uuid: '4c4c4544-0042-3510-8051-b4c04f4e5232',
  board: '.5B5QNR2.CNFCP0076H00AB.',
  machineId: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
  disk: 'S4EVNF0M812345X',
  mac: 'b4:45:06:aa:bb:cc',
  boot: '11111111-2222-3333-4444-555555555555',
};

const kernel = (flags: string, cpus = 2): Tree => ({
  'proc/cpuinfo': cpu(flags, cpus),
  'proc/sys/kernel/random/boot_id': `${RAW.boot}\n`,
  'proc/sys/kernel/osrelease': '6.1.0-18-amd64\n',
  'proc/cmdline': 'BOOT_IMAGE=/vmlinuz root=/dev/mapper/vg-root ro quiet\n',
  'etc/machine-id': `${RAW.machineId}\n`,
});

/** Root on a volume group over the second partition of an NVMe disk, beside a backup disk that is no part of it. */
const nvmeRoot: Tree = {
  'proc/self/mountinfo':
    '21 28 0:19 / /sys rw - sysfs sysfs rw\n28 1 253:0 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw\n30 28 8:1 / /mnt/backup rw - ext4 /dev/sda1 rw\n',
  'dev/mapper/vg-root': { link: '../dm-0' },
  'dev/dm-0': '',
  'sys/class/block/dm-0/slaves/nvme0n1p2/size': '1',
  'sys/devices/pci0/nvme0n1/device/serial': `${RAW.disk}   \n`,
  'sys/devices/pci0/nvme0n1/nvme0n1p2/partition': '2',
  'sys/class/block/nvme0n1': { link: '../../devices/pci0/nvme0n1' },
  'sys/class/block/nvme0n1p2': { link: '../../devices/pci0/nvme0n1/nvme0n1p2' },
  'sys/class/block/sda/device/vpd_pg80': Buffer.from('\0\x80\0\x08WD-99999', 'latin1'),
};

const card = (name: string, place: string, mac: string): Tree => ({
  [`sys/devices/${place}/vendor`]: '0x8086',
  [`sys/class/net/${name}/address`]: `${mac}\n`,
  [`sys/class/net/${name}/device`]: { link: `../../../devices/${place}` },
});

const dmi = (texts: Readonly<Record<string, string>>): Tree =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [`sys/class/dmi/id/${name}`, `${text}\n`]));

const serverBoard = dmi({
  sys_vendor: 'Dell Inc.',
  product_name: 'PowerEdge R640',
  bios_vendor: 'Dell Inc.',
  product_uuid: RAW.uuid,
  board_serial: RAW.board,
});

const cards: Tree = {
  ...card('eno1', 'pci0000:00/0000:00:1c.0', RAW.mac),
  ...card('enx1', 'pci0000:00/0000:00:14.0/usb1/1-1', '00:e0:4c:01:02:03'),
  'sys/class/net/docker0/address': '02:42:ac:11:00:01\n',
  'sys/class/net/lo/address': '00:00:00:00:00:00\n',
};

/** A physical server, and what it takes to make others of it. */
export const machines = {
  physical: (): Tree => ({ ...kernel('sse'), ...nvmeRoot, ...serverBoard, ...cards }),
  kernel,
  dmi,
  card,
  guest: (texts: Readonly<Record<string, string>>): Tree => ({ ...kernel('sse hypervisor'), ...dmi(texts) }),
};

/** One record of a host's key-value pool: 512 bytes for the key, 2048 for the value. */
export function poolRecord(key: string, value: string): Buffer {
  const record = Buffer.alloc(2560);
  record.write(key, 0);
  record.write(value, 512);
  return record;
}
