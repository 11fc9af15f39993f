import { names as en } from './en/names.js';
import { names as ja } from './ja/names.js';
import { inBoth } from './language.js';

export const n = inBoth(en, ja);

/** Names of products, the same in every language. */
const HYPERVISORS: Readonly<Record<string, string>> = {
  ahv: 'AHV',
  hyperv: 'Hyper-V',
  'hyper-v': 'Hyper-V',
  kvm: 'KVM',
  parallels: 'Parallels',
  qemu: 'QEMU',
  virtualbox: 'VirtualBox',
  vmware: 'VMware',
  xen: 'Xen',
};

/** A license type in the reader's words; one that this console does not know is shown as it is. */
export const typeName = (type: string): string => n.value.types[type] ?? type;
export const osName = (os: string): string => n.value.os[os] ?? os;
export const hypervisorName = (name: string): string => HYPERVISORS[name] ?? name;
export const actionName = (action: string): string => n.value.actions[action] ?? action;
