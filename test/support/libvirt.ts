import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const NEEDED = ['virsh', 'libvirtd', 'qemu-system-x86_64', 'unshare'];
const onPath = (name: string): boolean =>
  ['/usr/sbin', ...(process.env['PATH'] ?? '').split(':')].some((folder) => existsSync(join(folder, name)));

/** Why the suites with real hypervisor hosts are not run here, to be printed; undefined when they are. */
export function whyNoLibvirt(): string | undefined {
  const missing = NEEDED.filter((name) => !onPath(name));
  if (missing.length > 0) {
    return `${missing.join(', ')} not found (apt-get install libvirt-daemon-system libvirt-clients qemu-system-x86)`;
  }
  if (process.getuid?.() !== 0) return 'hypervisor hosts of their own need root';
  const tried = spawnSync('unshare', ['--mount', '--uts', 'true'], { encoding: 'utf8' });
  return tried.status === 0 ? undefined : `no namespaces here: ${tried.stderr.trim()}`;
}

/** One hypervisor host: a libvirtd with name, UUID and folders of its own, in namespaces of its own. Its guests are QEMU
 * under software emulation, with a few MB of memory and nothing to boot. */
export class KvmHost {
  readonly uuid: string;
  readonly uri: string;
  readonly #folder: string;
  readonly #daemon: ChildProcess;

  static async start(name: string, uuid: string): Promise<KvmHost> {
    const folder = mkdtempSync(join(tmpdir(), 'leasehold-kvm-'));
    const daemon = spawn('unshare', ['--mount', '--uts', 'sh', '-c', namespaceOf(folder, name, uuid)], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    const host = new KvmHost(folder, uuid, daemon);
    const errors: string[] = [];
    daemon.stderr.on('data', (chunk: Buffer) => void errors.push(chunk.toString()));
    await answers(join(folder, 'run/libvirt-sock'), () => {
      if (daemon.exitCode !== null) throw new Error(`libvirtd ended: ${errors.join('')}`);
    });
    return host;
  }

  private constructor(folder: string, uuid: string, daemon: ChildProcess) {
    this.uuid = uuid;
    this.uri = `qemu+unix:///system?socket=${folder}/run/libvirt-sock`;
    this.#folder = folder;
    this.#daemon = daemon;
  }

  define(name: string, uuid: string): void {
    const file = join(this.#folder, `${name}.xml`);
    writeFileSync(
      file,
      `<domain type='qemu'><name>${name}</name><uuid>${uuid}</uuid><memory unit='MiB'>16</memory><vcpu>1</vcpu>
        <os><type arch='x86_64' machine='pc'>hvm</type></os>
        <cpu mode='custom' match='exact'><model>qemu64</model></cpu>
        <devices><emulator>/usr/bin/qemu-system-x86_64</emulator><memballoon model='none'/></devices></domain>`,
    );
    this.virsh('define', file);
  }

  /** Moves a running guest to another host while it runs. */
  migrate(name: string, to: KvmHost, port: number): void {
    const how = ['--live', '--persistent', '--undefinesource', '--unsafe'];
    this.virsh('migrate', ...how, name, to.uri, `tcp://127.0.0.1:${port}`);
  }

  virsh(...args: string[]): string {
    const done = spawnSync('virsh', ['--quiet', '--connect', this.uri, ...args], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`virsh ${args[0]}: ${done.stderr}`);
    return done.stdout;
  }

  /** Ends the daemon, as a crash does: its guests run on, and nobody can ask for them. */
  async halt(): Promise<void> {
    if (this.#daemon.exitCode !== null || this.#daemon.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      this.#daemon.once('close', () => resolve());
      this.#daemon.stdin?.end();
    });
  }

  async close(): Promise<void> {
    if (this.#daemon.exitCode === null) {
      for (const guest of this.virsh('list', '--name').split('\n').filter(Boolean)) this.virsh('destroy', guest);
    }
    await this.halt();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Runs the daemon as long as our end of its standard input is open, so that it never outlives a killed test. */
function namespaceOf(folder: string, name: string, uuid: string): string {
  const own = ['run', 'lib', 'etc', 'log'];
  for (const part of own) mkdirSync(join(folder, part));
  // What an emulator can do takes seconds to find out and is the same on all hosts.
  const cache = join(tmpdir(), 'leasehold-kvm-cache');
  mkdirSync(cache, { recursive: true });
  mkdirSync('/run/libvirt', { recursive: true });
  const conf = [
    `host_uuid = "${uuid}"`,
    'auth_unix_rw = "none"',
    'auth_unix_ro = "none"',
    `unix_sock_dir = "${folder}/run"`,
  ];
  writeFileSync(join(folder, 'libvirtd.conf'), conf.join('\n'));
  const qemu = [
    'user = "root"',
    'group = "root"',
    'security_driver = "none"',
    'stdio_handler = "file"',
    'namespaces = []',
  ];
  writeFileSync(join(folder, 'etc/qemu.conf'), [...qemu, 'cgroup_controllers = []'].join('\n'));
  return `
    hostname ${name}
    mount --bind ${folder}/run /run/libvirt && mount --bind ${folder}/lib /var/lib/libvirt &&
    mount --bind ${folder}/etc /etc/libvirt && mount --bind ${folder}/log /var/log/libvirt &&
    mount --bind ${cache} /var/cache/libvirt || exit 9
    exec 3<&0
    libvirtd -f ${folder}/libvirtd.conf -p ${folder}/pid 3<&- </dev/null & server=$!
    (cat <&3 >/dev/null; kill $server 2>/dev/null) & wait $server`;
}

async function answers(socket: string, stillThere: () => void): Promise<void> {
  for (;;) {
    stillThere();
    const reached = await new Promise<boolean>((resolve) => {
      const probe = connect(socket);
      probe.once('connect', () => {
        probe.destroy();
        resolve(true);
      });
      probe.once('error', () => resolve(false));
    });
    if (reached) return;
    await sleep(50);
  }
}
