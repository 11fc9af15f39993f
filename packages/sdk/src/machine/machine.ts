import { hostname } from 'node:os';
import { componentHashes, fingerprint, matchComponents } from '@leasehold/fingerprint';
import type { Component, Fingerprint } from '@leasehold/fingerprint';
import type { LeaseClaims, Message } from '@leasehold/protocol';
import type { Settings } from '../options.js';

type MachineReport = Message<'MachineReport'>;

/** What is known of the machine we run on: hashes and classes, nothing raw. */
export interface ThisMachine {
  readonly fingerprint: Fingerprint;
  readonly components: Readonly<Record<string, string>>;
  /** What the authority is told; put together with the first contact. */
  readonly report: MachineReport;
}

/** Reads this machine. The hashes are keyed by the product, so that two vendors cannot compare what they hold; not by the
 * root, which rotates. */
export async function readThisMachine(settings: Settings): Promise<ThisMachine> {
  const { product, instanceId, testing } = settings;
  const read = testing?.fingerprint ?? fingerprint;
  const found = await read({ salt: `leasehold ${product}`, ...(instanceId === undefined ? {} : { instanceId }) });
  const components = componentHashes(found.components);
  let report: MachineReport | undefined;
  return {
    fingerprint: found,
    components,
    get report() {
      report ??= reportOf(found, components, settings);
      // A service runs for years, and its machine may be renamed meanwhile.
      return settings.label === undefined ? { ...report, label: hostLabel() } : report;
    },
  };
}

function reportOf(
  { container, machine, hypervisor, cloud, bootId, cloneHints }: Fingerprint,
  components: ThisMachine['components'],
  { label, declaredHostId, instanceId }: Settings,
): MachineReport {
  return {
    label: label === undefined ? hostLabel() : label,
    kind: container.kind === null ? machine.kind : 'container',
    os: machine.os,
    components,
    hypervisor: hypervisor.name,
    cloud: cloud.provider,
    bootId: hashOf(bootId),
    vmGeneration: hashOf(cloneHints.vmGeneration),
    ...(declaredHostId === undefined ? {} : { declaredHostId }),
    ...(instanceId === undefined ? {} : { instanceId }),
  };
}

function hostLabel(): string | null {
  return hostname().slice(0, 200) || null;
}

/** D-9, offline: is this surely another machine than the one the lease names? Too little to tell is no. */
export function isAnotherMachine(lease: LeaseClaims, machine: ThisMachine, threshold?: number): boolean {
  return matchComponents(lease.components, machine.components, threshold).verdict === 'different';
}

export function hashOf(component: Component): string | null {
  return component.state === 'value' ? component.hash : null;
}
