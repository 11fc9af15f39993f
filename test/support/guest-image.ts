import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a guest boots from: a kernel, its first root, and a disk with Node and the built `leasehold` command on it. */
export interface GuestImage {
  readonly folder: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly disk: string;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, '.cache/guest');
/** In the order in which they load. */
const MODULES =
  'virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover net_failover virtio_net virtio_blk qemu_fw_cfg'.split(
    ' ',
  );

const FIRST = `#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /disk
/bin/busybox mount -t devtmpfs dev /dev
for module in ${MODULES.join(' ')}; do /bin/busybox insmod /$module.ko; done
/bin/busybox mount -t ext4 /dev/vda /disk
exec /bin/busybox switch_root /disk /bin/busybox sh /start
`;

/** Commands come over the serial line; each is answered by its output and a line with its exit status. */
const START = `/bin/busybox --install -s /bin
export PATH=/usr/bin:/bin HOME=/root
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs run /run
ip link set lo up; ip addr add 10.0.2.15/24 dev eth0; ip link set eth0 up; ip route add default via 10.0.2.2
chown -R 0:0 /etc /root
stty -echo -onlcr
echo @@ready
while read -r line; do eval "$line"; status=$?; echo; echo "@@$status"; done
`;

/** Why no guest is booted here, to be printed; undefined when one is. */
export function whyNoGuest(): string | undefined {
  const missing = ['qemu-system-x86_64', 'mke2fs', 'apt-get', 'dpkg-deb'].filter(
    (name) => spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${name}`]).status !== 0,
  );
  if (missing.length > 0) return `${missing.join(', ')} not found (a guest is made of Debian packages)`;
  if (!existsSync(join(ROOT, 'packages/cli/dist/index.js'))) return 'the command is not built (npm run build)';
  try {
    debianRoot();
    return undefined;
  } catch (thrown) {
    return `apt-get does not bring a kernel here: ${(thrown as Error).message.trim().split('\n').at(-1)}`;
  }
}

/** Debian's cloud kernel and a static shell, unpacked into .cache once; nothing is installed. */
function debianRoot(): string {
  const place = join(CACHE, 'root');
  if (existsSync(place)) return place;
  const folder = `${CACHE}.${process.pid}`;
  mkdirSync(join(folder, 'root'), { recursive: true });
  try {
    const run = (program: string, ...args: string[]): string =>
      execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe', timeout: 300_000 });
    const kernel = /Depends: (linux-image-\S+)/.exec(run('apt-cache', 'depends', 'linux-image-cloud-amd64'))?.[1];
    run('apt-get', 'download', kernel ?? 'linux-image-cloud-amd64', 'busybox-static');
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) run('dpkg-deb', '-x', file, 'root');
    mkdirSync(CACHE, { recursive: true });
    cpSync(join(folder, 'root'), place, { recursive: true, verbatimSymlinks: true });
    return place;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes the image; `files` are put on its disk, by their paths. */
export function makeGuestImage(files: Readonly<Record<string, string>>): GuestImage {
  const debian = debianRoot();
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-guest-'));
  const version = readdirSync(join(debian, 'lib/modules'))[0]!;
  const busybox = readFileSync(join(debian, 'bin/busybox'));
  const modules = readdirSync(join(debian, 'lib/modules', version, 'kernel'), { recursive: true, encoding: 'utf8' });
  const drivers = MODULES.map((name): [string, Buffer] => {
    const path = modules.find((each) => basename(each) === `${name}.ko`)!;
    return [`${name}.ko`, readFileSync(join(debian, 'lib/modules', version, 'kernel', path))];
  });
  const initrd = join(folder, 'initrd');
  writeFileSync(initrd, archive([['bin', null], ['bin/busybox', busybox], ['init', Buffer.from(FIRST)], ...drivers]));
  const system = join(folder, 'system');
  for (const name of ['bin', 'dev', 'proc', 'sys', 'run', 'tmp', 'root', 'etc', 'usr/bin'])
    mkdirSync(join(system, name), { recursive: true });
  writeFileSync(join(system, 'bin/busybox'), busybox, { mode: 0o755 });
  writeFileSync(join(system, 'start'), START);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(system, path)), { recursive: true });
    writeFileSync(join(system, path), text);
  }
  copyNode(system);
  copyCommand(join(system, 'opt/leasehold'));
  const disk = join(folder, 'disk.img');
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', system, disk, '512M'], { env });
  rmSync(system, { recursive: true });
  return { folder, kernel: join(debian, 'boot', `vmlinuz-${version}`), initrd, disk };
}

/** This Node with the libraries that it is linked to. */
function copyNode(system: string): void {
  cpSync(process.execPath, join(system, 'usr/bin/node'));
  chmodSync(join(system, 'usr/bin/node'), 0o755);
  const linked = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
  for (const [path] of linked.matchAll(/\/\S+\.so\S*/g)) {
    mkdirSync(dirname(join(system, path)), { recursive: true });
    cpSync(path, join(system, path), { dereference: true });
  }
}

/** The built command with the packages that it depends on, as an installation has them. */
function copyCommand(to: string): void {
  const done = new Set<string>();
  const waiting = ['@leasehold/cli'];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const from = join(ROOT, 'node_modules', name);
    if (done.has(name) || !existsSync(from)) continue;
    done.add(name);
    const about = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as Record<string, object | undefined>;
    waiting.push(...Object.keys({ ...about['dependencies'], ...about['optionalDependencies'] }));
    const parts = name.startsWith('@leasehold/') ? ['package.json', 'bin', 'dist'] : ['.'];
    for (const part of parts.filter((each) => existsSync(join(from, each))))
      cpSync(join(from, part), join(to, 'node_modules', name, part), { recursive: true, dereference: true });
  }
}

/** A cpio archive in the form that a kernel unpacks (newc); null is a folder. */
function archive(entries: readonly (readonly [string, Buffer | null])[]): Buffer {
  const aligned = (part: Buffer): Buffer => Buffer.concat([part, Buffer.alloc(-part.length & 3)]);
  const all = [...entries, ['TRAILER!!!', Buffer.alloc(0)] as const].map(([name, content], index) => {
    const mode = content === null ? 0o040755 : 0o100755;
    const fields = [index + 1, mode, 0, 0, 1, 0, content?.length ?? 0, 0, 0, 0, 0, name.length + 1, 0];
    const head = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
    return Buffer.concat([aligned(Buffer.from(head, 'latin1')), aligned(content ?? Buffer.alloc(0))]);
  });
  return Buffer.concat(all);
}
