import type { Evidence } from './evidence.js';
import { begins, firstInFirmware, is, says, toldBy } from './firmware.js';
import type { FirmwareRow } from './firmware.js';
import type { Signs } from './probes/reading.js';

export interface Hypervisor {
  /** `bare_metal` is said only where a source says so; silence is `unknown`. */
  readonly kind: 'bare_metal' | 'guest' | 'unknown';
  /** The hypervisor a guest runs on (`kvm`, `vmware`, `hyperv` …); null where only its presence is known. On bare metal:
   * the hypervisor that this machine itself is, or null. */
  readonly name: string | null;
  readonly how: readonly Evidence[];
}

/** What virtual firmware says of itself. The first row that fits counts: a cloud's own names come before the emulator
 * below it, and words that real boards carry too (a maker who also sells hardware) need their product name. */
const FIRMWARE: readonly FirmwareRow[] = [
  ['kvm', 'sysVendor', begins('amazon ec2')],
  ['kvm', 'productName', begins('google compute engine')],
  ['vmware', 'productName', begins('vmware')],
  ['vmware', 'sysVendor', begins('vmware')],
  ['virtualbox', 'productName', begins('virtualbox')],
  ['virtualbox', 'sysVendor', begins('innotek gmbh')],
  ['hyperv', 'productName', is('virtual machine')],
  ['ahv', 'productName', is('ahv')],
  ['xen', 'sysVendor', begins('xen')],
  ['xen', 'productName', begins('hvm domu')],
  ['bhyve', 'sysVendor', begins('bhyve')],
  ['bhyve', 'biosVendor', begins('bhyve')],
  ['parallels', 'sysVendor', begins('parallels')],
  ['apple', 'productName', begins('apple virtualization', 'virtualmac')],
  ['kvm', 'productName', begins('kvm', 'openstack', 'kubevirt', 'rhev', 'ovirt')],
  ['kvm', 'sysVendor', begins('openstack', 'kubevirt', 'red hat', 'ovirt')],
  [
    'kvm',
    'sysVendor',
    begins('hetzner', 'digitalocean', 'scaleway', 'vultr', 'linode', 'akamai', 'upcloud', 'exoscale'),
  ],
  ['qemu', 'sysVendor', begins('qemu')],
  ['qemu', 'biosVendor', begins('seabios', 'bochs')],
  ['qemu', 'productName', begins('bochs')],
];

const CLOCKS: readonly (readonly [name: string, form: RegExp])[] = [
  ['kvm', /kvm-clock/],
  ['hyperv', /hyperv/],
  ['xen', /\bxen\b/],
];

/** Bare metal, or a guest of which hypervisor. Firmware first, then the kernel's own interfaces, then its clock sources,
 * which an emulator cannot hide from an unprivileged user, and at last the CPU's bit alone. */
export function judgeHypervisor(signs: Signs): Hypervisor {
  if (signs.xenControlDomain === true) {
    return { kind: 'bare_metal', name: 'xen', how: [{ source: '/proc/xen/capabilities', says: 'control domain' }] };
  }
  const metal = bareMetalCloud(signs);
  if (metal !== undefined) return { kind: 'bare_metal', name: null, how: [metal] };
  const named = [...byFirmware(signs), ...byKernel(signs)];
  const bit = signs.cpuHypervisorBit;
  const how = [...named.map(({ evidence }) => evidence), ...bitEvidence(bit)];
  // An emulator without acceleration and KVM show the same firmware; the clock source tells them apart.
  const name = named.find((found) => found.name !== 'qemu')?.name ?? named[0]?.name ?? null;
  if (name !== null || bit === true) return { kind: 'guest', name, how };
  if (bit === false) return { kind: 'bare_metal', name: null, how };
  const realBoard = signs.sysVendor !== undefined && signs.sysVendor !== '';
  if (realBoard) return { kind: 'bare_metal', name: null, how: [toldBy('sysVendor', 'a maker of hardware')] };
  return { kind: 'unknown', name: null, how };
}

interface Named {
  readonly name: string;
  readonly evidence: Evidence;
}

function byFirmware(signs: Signs): Named[] {
  const evidence = firstInFirmware(FIRMWARE, signs);
  return evidence === undefined ? [] : [{ name: evidence.says, evidence }];
}

function byKernel(signs: Signs): Named[] {
  const found: Named[] = [];
  const add = (name: string, source: string): void => {
    found.push({ name, evidence: { source, says: name } });
  };
  if (/microsoft/i.test(signs.kernelRelease ?? '')) add('hyperv', '/proc/sys/kernel/osrelease');
  if (/^[a-z0-9_-]{1,20}$/.test(signs.hypervisorType ?? '')) add(signs.hypervisorType ?? '', '/sys/hypervisor/type');
  const tree = /\b(xen|kvm|vmware|qemu)\b/.exec(signs.deviceTreeHypervisor ?? '')?.[1];
  if (tree !== undefined) add(tree, 'device tree');
  const clock = CLOCKS.find(([, form]) => form.test(signs.clockSources ?? ''));
  if (clock !== undefined) add(clock[0], 'clock sources of the kernel');
  return found;
}

function bitEvidence(bit: boolean | undefined): Evidence[] {
  if (bit === undefined) return [];
  return [{ source: 'CPU hypervisor bit', says: bit ? 'set' : 'not set' }];
}

/** Clouds rent whole machines too; these carry the cloud's names without a hypervisor in between. */
function bareMetalCloud(signs: Signs): Evidence | undefined {
  const rented = says(signs, 'sysVendor', begins('amazon ec2')) && signs.productName?.includes('.metal') === true;
  return rented && signs.cpuHypervisorBit !== true ? toldBy('productName', 'a whole machine of a cloud') : undefined;
}
