import { describe, expect, it } from 'vitest';
import { componentHashes, matchComponents } from '@leasehold/fingerprint';
import { take, without } from './machine-reading.js';
import { machines, poolRecord } from './machine-tree.js';
import type { Tree } from './machine-tree.js';

describe('the same machine as before', () => {
  const before = machines.physical();
  it.each<[string, Tree, string]>([
    ['fewer CPUs', { ...before, ...machines.kernel('sse', 1) }, 'same'],
    [
      'a kernel update and a restart',
      {
        ...before,
        'proc/sys/kernel/osrelease': '6.12.1\n',
        'proc/sys/kernel/random/boot_id': 'aaaaaaaa-2222-3333-4444-555555555555',
      },
      'same',
    ],
    ['a BIOS update', { ...before, 'sys/class/dmi/id/bios_version': '2.99' }, 'same'],
    [
      'a card put into an earlier slot',
      { ...before, ...machines.card('enp0', 'pci0000:00/0000:00:02.0', 'b4:45:06:00:00:01') },
      'drift',
    ],
    ['an address that an administrator set', { ...before, 'sys/class/net/eno1/address': '02:00:00:00:00:05' }, 'same'],
    ['a backup disk that left', without(before, 'block/sda'), 'same'],
    ['the system reinstalled', { ...before, 'etc/machine-id': 'ffffeeeeddddccccbbbbaaaa99998888' }, 'drift'],
    ['a new system disk', { ...before, 'sys/devices/pci0/nvme0n1/device/serial': 'NEW-DISK-77' }, 'drift'],
    ['read as a user who may read less', without(before, 'product_uuid', 'board_serial'), 'same'],
    [
      'another board with a restored disk image',
      {
        ...before,
        'sys/class/dmi/id/product_uuid': '11112222-0042-3510-8051-b4c04f4e9999',
        'sys/class/net/eno1/address': 'b4:45:06:77:77:77',
        'sys/devices/pci0/nvme0n1/device/serial': 'OTHER-DISK-1',
      },
      'different',
    ],
  ])('%s', async (_name, after, verdict) => {
    const was = componentHashes((await take(before)).components);
    const is = componentHashes((await take(after)).components);
    expect(matchComponents(was, is)).toMatchObject({ verdict });
  });
});

describe('the same guest as before', () => {
  const hardware = (bios: string, product: string) =>
    machines.dmi({ sys_vendor: 'VMware, Inc.', product_name: product, bios_version: bios, product_version: 'None' });
  const before = { ...machines.physical(), ...machines.kernel('hypervisor', 8), ...hardware('6.00', 'VMware7,1') };
  it.each<[string, Tree, string]>([
    ['on a newer version of its hypervisor', { ...before, ...hardware('VMW201.00V', 'VMware20,1') }, 'same'],
    ['with fewer CPUs', { ...before, ...machines.kernel('hypervisor', 1) }, 'same'],
    [
      'with another kernel, a new card and its own card gone',
      {
        ...without(before, 'net/eno1', '1c.0'),
        ...machines.card('ens192', 'pci0000:00/0000:03:00.0', '00:50:56:01:02:03'),
        'proc/sys/kernel/osrelease': '6.12.9\n',
      },
      'drift',
    ],
    [
      'with its disk grown and its system reinstalled',
      { ...before, 'etc/machine-id': 'ffffeeeeddddccccbbbbaaaa99998888' },
      'drift',
    ],
    [
      'moved to another host',
      { ...before, 'var/lib/hyperv/.kvp_pool_3': poolRecord('PhysicalHostName', 'hv8') },
      'same',
    ],
  ])('%s', async (_name, after, verdict) => {
    const was = componentHashes((await take(before)).components);
    const is = componentHashes((await take(after)).components);
    expect(matchComponents(was, is)).toMatchObject({ verdict });
  });
});
