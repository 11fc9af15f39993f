import type { Evidence } from './evidence.js';
import type { Signs } from './probes/reading.js';

export interface Hypervisor {
  /** `bare_metal` is said only where a source says so; silence is `unknown`. */
  readonly kind: 'bare_metal' | 'guest' | 'unknown';
  /** The hypervisor a guest runs on (`kvm`, `vmware`, `hyperv` …); null where only its presence is known. On bare metal:
   * the hypervisor that this machine itself is, or null. */
  readonly name: string | null;
  readonly how: readonly Evidence[];
}

type TextSign = 'sysVendor' | 'productName' | 'boardVendor' | 'biosVendor' | 'biosVersion';

const SOURCES: Readonly<Record<TextSign, string>> = {
  sysVendor: 'DMI system vendor',
  productName: 'DMI product name',
  boardVendor: 'DMI board vendor',
  biosVendor: 'DMI BIOS vendor',
  biosVersion: 'DMI BIOS version',
};

/** What virtual firmware says of itself. The first row that fits counts: a cloud's own names come before the emulator
 * below it, and words that real boards carry too (a maker who also sells hardware) need their product name. */
const FIRMWARE: readonly (readonly [name: string, sign: TextSign, form: RegExp])[] = [
  ['kvm', 'sysVendor', /^amazon ec2/i],
  ['kvm', 'productName', /^google compute engine/i],
  ['vmware', 'productName', /^vmware/i],
  ['vmware', 'sysVendor', /^vmware/i],
  ['virtualbox', 'productName', /^virtualbox/i],
  ['virtualbox', 'sysVendor', /^innotek gmbh/i],
  ['hyperv', 'productName', /^virtual machine$/i],
  ['ahv', 'productName', /^ahv$/i],
  ['xen', 'sysVendor', /^xen/i],
  ['xen', 'productName', /^hvm domu/i],
  ['bhyve', 'sysVendor', /^bhyve/i],
  ['bhyve', 'biosVendor', /^bhyve/i],
  ['parallels', 'sysVendor', /^parallels/i],
  ['apple', 'productName', /^(apple virtualization|virtualmac)/i],
  ['kvm', 'productName', /^(kvm|openstack|kubevirt|rhev|ovirt)/i],
  ['kvm', 'sysVendor', /^(openstack|kubevirt|red hat|ovirt)/i],
  ['kvm', 'sysVendor', /^(hetzner|digitalocean|scaleway|vultr|linode|akamai|upcloud|exoscale)/i],
  ['qemu', 'sysVendor', /^qemu/i],
  ['qemu', 'biosVendor', /^(seabios|bochs)/i],
  ['qemu', 'productName', /^bochs/i],
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
  if (realBoard)
    return { kind: 'bare_metal', name: null, how: [{ source: SOURCES.sysVendor, says: 'a maker of hardware' }] };
  return { kind: 'unknown', name: null, how };
}

interface Named {
  readonly name: string;
  readonly evidence: Evidence;
}

function byFirmware(signs: Signs): Named[] {
  const row = FIRMWARE.find(([, sign, form]) => form.test(signs[sign] ?? ''));
  return row === undefined ? [] : [{ name: row[0], evidence: { source: SOURCES[row[1]], says: row[0] } }];
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
  const rented = /^amazon ec2/i.test(signs.sysVendor ?? '') && /\.metal/.test(signs.productName ?? '');
  return rented && signs.cpuHypervisorBit !== true
    ? { source: SOURCES.productName, says: 'a whole machine of a cloud' }
    : undefined;
}
