import { describe, expect, it } from 'vitest';
import { componentHashes, matchComponents } from '@leasehold/fingerprint';
import type { Fingerprint } from '@leasehold/fingerprint';
import { hash, take, without } from './machine-reading.js';
import { machines, poolRecord } from './machine-tree.js';
import type { Tree } from './machine-tree.js';

describe('guests and clouds', () => {
  it.each<[string, Tree, { kind: string; name?: string | null; cloud?: string | null }]>([
    [
      'VMware',
      machines.guest({ sys_vendor: 'VMware, Inc.', product_name: 'VMware7,1' }),
      { kind: 'guest', name: 'vmware' },
    ],
    [
      'Hyper-V',
      machines.guest({ sys_vendor: 'Microsoft Corporation', product_name: 'Virtual Machine' }),
      { kind: 'guest', name: 'hyperv' },
    ],
    [
      'a maker of hypervisors who also makes hardware',
      {
        ...machines.kernel('sse'),
        ...machines.dmi({ sys_vendor: 'Microsoft Corporation', product_name: 'Surface Laptop' }),
      },
      { kind: 'physical', name: null },
    ],
    [
      'KVM below an emulator',
      {
        ...machines.guest({ sys_vendor: 'QEMU', product_name: 'Standard PC (Q35)' }),
        'sys/devices/system/clocksource/clocksource0/available_clocksource': 'kvm-clock tsc',
      },
      { kind: 'guest', name: 'kvm' },
    ],
    [
      'an emulator alone',
      machines.guest({ sys_vendor: 'QEMU', product_name: 'Standard PC (Q35)' }),
      { kind: 'guest', name: 'qemu' },
    ],
    [
      'no firmware at all, only a clock',
      {
        ...machines.kernel('hypervisor'),
        'sys/devices/system/clocksource/clocksource0/available_clocksource': 'tsc kvm-clock',
      },
      { kind: 'guest', name: 'kvm' },
    ],
    ['no firmware at all, only the bit', machines.kernel('hypervisor'), { kind: 'guest', name: null }],
    [
      'Xen without firmware',
      { ...machines.kernel('hypervisor'), 'sys/hypervisor/type': 'xen\n' },
      { kind: 'guest', name: 'xen' },
    ],
    [
      'the machine that runs Xen',
      { ...machines.kernel('hypervisor'), 'sys/hypervisor/type': 'xen\n', 'proc/xen/capabilities': 'control_d\n' },
      { kind: 'physical', name: 'xen' },
    ],
    [
      'a Linux inside Windows',
      { ...machines.kernel('hypervisor'), 'proc/sys/kernel/osrelease': '5.15.90.1-microsoft-standard-WSL2\n' },
      { kind: 'guest', name: 'hyperv' },
    ],
    [
      'AWS',
      machines.guest({ sys_vendor: 'Amazon EC2', product_name: 'm5.large', bios_vendor: 'Amazon EC2' }),
      { kind: 'cloud', name: 'kvm', cloud: 'aws' },
    ],
    [
      'a whole machine at AWS',
      { ...machines.kernel('sse'), ...machines.dmi({ sys_vendor: 'Amazon EC2', product_name: 'm5.metal' }) },
      { kind: 'cloud', name: null, cloud: 'aws' },
    ],
    [
      'Azure',
      machines.guest({
        sys_vendor: 'Microsoft Corporation',
        product_name: 'Virtual Machine',
        chassis_asset_tag: '7783-7084-3265-9085-8269-3286-77',
      }),
      { kind: 'cloud', name: 'hyperv', cloud: 'azure' },
    ],
    [
      'Google',
      machines.guest({ sys_vendor: 'Google', product_name: 'Google Compute Engine' }),
      { kind: 'cloud', name: 'kvm', cloud: 'gcp' },
    ],
    [
      'an ARM board',
      {
        ...without(machines.kernel(''), 'proc/cpuinfo'),
        'proc/cpuinfo': 'processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n',
      },
      { kind: 'unknown', name: null },
    ],
  ])('%s', async (_name, tree, { kind, name = null, cloud = null }) => {
    const taken = await take(tree);
    expect(taken.machine.kind).toBe(kind);
    expect(taken.hypervisor.name).toBe(name);
    expect(taken.cloud.provider).toBe(cloud);
    if (kind !== 'unknown') expect(taken.hypervisor.how.length).toBeGreaterThan(0);
  });

  it('learns the host and the guest id where the hypervisor tells them, hashed', async () => {
    const pool = Buffer.concat([
      poolRecord('HostName', 'guest-side'),
      poolRecord('PhysicalHostNameFullyQualified', 'hv7.dc.example'),
      poolRecord('VirtualMachineId', '6F9619FF-8B86-D011-B42D-00C04FC964FF'),
    ]);
    const taken = await take({
      ...machines.guest({ product_name: 'Virtual Machine' }),
      'var/lib/hyperv/.kvp_pool_3': pool,
    });
    expect(taken.host).toEqual({
      component: { ...hash('host', 'hv7.dc.example'), of: 'host' },
      confidence: 'reported',
    });
    expect(taken.cloneHints.guestId).toEqual(hash('guest_id', '6F9619FF-8B86-D011-B42D-00C04FC964FF'));
    expect(JSON.stringify(taken)).not.toContain('hv7');
  });

  it('reads the VM generation id from the firmware page', async () => {
    const page = Buffer.alloc(4096);
    page.write('0123456789abcdef', 40, 'latin1');
    const path = 'sys/firmware/qemu_fw_cfg/by_name/etc/vmgenid_guid/raw';
    const taken = await take({ ...machines.guest({ sys_vendor: 'QEMU' }), [path]: page });
    expect(taken.cloneHints.vmGeneration).toEqual(
      hash('vm_generation', Buffer.from('0123456789abcdef').toString('hex')),
    );
    expect((await take({ [path]: Buffer.alloc(4096) })).cloneHints.vmGeneration).toEqual({ state: 'absent' });
    expect((await take({ [path]: Buffer.alloc(50, 1) })).cloneHints.vmGeneration).toEqual({ state: 'absent' });
  });
});

describe('containers', () => {
  const host = machines.physical();
  it.each<[string, Tree, string]>([
    ['docker', { '.dockerenv': '' }, 'docker'],
    ['docker by its control group', { 'proc/1/cgroup': '12:pids:/docker/4f1a\n' }, 'docker'],
    ['podman', { 'run/.containerenv': 'engine="podman-4.3.1"\n' }, 'podman'],
    [
      'Kubernetes over docker',
      { '.dockerenv': '', 'run/secrets/kubernetes.io/serviceaccount/token': 'x' },
      'kubernetes',
    ],
    [
      'Kubernetes without a service account',
      {
        'proc/self/mountinfo':
          '1 2 0:5 / / rw - overlay overlay rw\n3 1 8:1 /var/lib/kubelet/pods/u/etc-hosts /etc/hosts rw - ext4 /dev/sda1 rw\n',
      },
      'kubernetes',
    ],
    ['LXC', { 'proc/1/environ': 'container=lxc\0TERM=linux\0' }, 'lxc'],
    [
      'LXC by its mounts',
      {
        'proc/self/mountinfo':
          '1 2 0:5 / / rw - zfs tank/ct rw\n3 1 0:9 /proc/uptime /proc/uptime rw - fuse.lxcfs lxcfs rw\n',
      },
      'lxc',
    ],
    ['one that names itself', { 'run/systemd/container': 'systemd-nspawn\n' }, 'systemd-nspawn'],
  ])("%s: the hardware is the host's, and without an injected id it is ambiguous", async (_name, marks, kind) => {
    const taken = await take({ ...host, ...marks });
    expect(taken.container).toMatchObject({ kind });
    expect(taken.container.how).toHaveLength(1);
    expect(taken.identity).toEqual({ state: 'ambiguous', reason: 'CONTAINER_WITHOUT_INSTANCE_ID' });
    expect(taken.components.hardware_uuid).toMatchObject({ state: 'value', of: 'host' });
    expect(Object.keys(componentHashes(taken.components))).toEqual(['machine_id']);
    expect(taken.bootMedium.startedFrom).toBe('unknown');
    expect(taken.binding).toBe('');
  });

  it('a machine that runs containers is none', async () => {
    const engine = `${host['proc/self/mountinfo'] as string}99 28 0:50 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw\n`;
    const taken = await take({
      ...host,
      'proc/self/mountinfo': engine,
      'proc/1/cgroup': '0::/init.scope\n',
      'var/lib/docker/containers/x': '',
    });
    expect(taken.container.kind).toBeNull();
    expect(taken.identity.state).toBe('known');
  });

  it('two of one image on one host are told apart by their id; one that got a new image is the same', async () => {
    const contained = { ...host, '.dockerenv': '' };
    const [one, two, upgraded] = await Promise.all([
      take(contained, 'tenant-1'),
      take(contained, 'tenant-2'),
      take({ ...contained, 'etc/machine-id': 'ffffeeeeddddccccbbbbaaaa99998888' }, ' tenant-1\n'),
    ]);
    const hashes = (taken: Fingerprint) => componentHashes(taken.components);
    expect(one.identity).toEqual({ state: 'known', reason: 'INSTANCE_ID' });
    expect(matchComponents(hashes(one), hashes(two)).verdict).toBe('different');
    expect(matchComponents(hashes(one), hashes(upgraded)).verdict).toBe('drift');
    expect(one.binding).not.toBe(two.binding);
    const ambiguous = hashes(await take(contained));
    expect(matchComponents(ambiguous, ambiguous).verdict).toBe('unknown');
    expect((await take(contained, '  ')).identity.state).toBe('ambiguous');
  });
});

describe('boot media', () => {
  const live = (line: string): Tree => ({ ...machines.kernel('sse'), 'proc/cmdline': line });
  it.each<[string, Tree, string]>([
    ['Debian live', live('boot=live components quiet'), 'medium'],
    ['Ubuntu live', live('BOOT_IMAGE=/casper/vmlinuz boot=casper quiet'), 'medium'],
    ['Fedora live', live('root=live:CDLABEL=F rd.live.image'), 'medium'],
    ['Arch live', live('archisobasedir=arch archisolabel=A'), 'medium'],
    [
      'a system in memory',
      { ...live('quiet'), 'proc/self/mountinfo': '1 1 0:2 / / rw - rootfs rootfs rw\n' },
      'medium',
    ],
    [
      'an overlay of unknown kind',
      { ...live('quiet'), 'proc/self/mountinfo': '1 1 0:2 / / rw - overlay overlay rw\n' },
      'unknown',
    ],
    ['an installed system', machines.physical(), 'disk'],
    ['nothing known', {}, 'unknown'],
  ])('%s', async (_name, tree, startedFrom) => {
    expect((await take(tree)).bootMedium).toMatchObject({
      startedFrom,
      base: startedFrom === 'medium' ? 'linux' : null,
    });
  });
});
