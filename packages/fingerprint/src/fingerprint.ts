import { version } from 'node:os';
import type { MachineKind, OsClass } from '@leasehold/terms';
import { judgeBootMedium } from './boot-medium.js';
import type { BootMedium } from './boot-medium.js';
import { judgeCloud } from './cloud.js';
import type { Cloud } from './cloud.js';
import { judgeContainer } from './container.js';
import type { Container } from './container.js';
import { judgeHypervisor } from './hypervisor.js';
import type { Hypervisor } from './hypervisor.js';
import { hashParts, hashSource, judgeIdentity, stateBinding } from './identity.js';
import type { Component, Components, Identity } from './identity.js';
import { osClass } from './os-class.js';
import { probeLinux } from './probes/linux.js';
import { probeMacos } from './probes/macos.js';
import { readInstanceId } from './probes/metadata.js';
import type { MetadataOptions } from './probes/metadata.js';
import { probeNode } from './probes/node.js';
import { ABSENT, firstOf } from './probes/reading.js';
import type { Reading } from './probes/reading.js';
import { probeWindows } from './probes/windows.js';

export interface MachineOptions {
  /** Where the system's files are; `/` unless a test gives a tree. */
  readonly root?: string;
  /** The id that whoever starts a container gives this installation, from a volume or a manifest. */
  readonly instanceId?: string;
  /** `process.platform` unless a test gives another. */
  readonly platform?: string;
  /** Where a cloud's metadata service is, and how long it is given; a test gives one on loopback. */
  readonly metadata?: MetadataOptions;
}

export interface FingerprintOptions extends MachineOptions {
  /** Keys the hashes: of the account and product, so that two vendors cannot compare what they hold. */
  readonly salt: string | Uint8Array;
}

/** What is known of this machine. It holds hashes, classes and words of ours: nothing raw, so it may be stored, sent and
 * shown. */
export interface Fingerprint {
  readonly identity: Identity;
  readonly components: Components;
  readonly machine: { readonly kind: MachineKind | 'unknown'; readonly os: OsClass };
  readonly hypervisor: Hypervisor;
  readonly container: Container;
  readonly cloud: Cloud;
  readonly bootMedium: BootMedium;
  readonly bootId: Component;
  /** The host a guest runs on, hashed, where the hypervisor tells it. `reported`: the guest's administrator can forge it. */
  readonly host: { readonly component: Component; readonly confidence: 'reported' | 'unknown' };
  /** What changes when a guest is copied or put back to a snapshot; a restore by our own customers' product does so too,
   * so it is a reason to check in and never one to refuse. */
  readonly cloneHints: { readonly vmGeneration: Component; readonly guestId: Component };
  /** What sealed files are bound to (see `stateBinding`). */
  readonly binding: string;
}

/** A machine that was read once; it hashes under any salt and shows nothing else. */
export interface MachineReading {
  fingerprint(salt: string | Uint8Array): Fingerprint;
}

/** Reads this machine: on Linux from files, without starting a process; in a cloud its metadata service is asked too. Never rejects for what it finds or does not. */
export async function readMachine(options: MachineOptions = {}): Promise<MachineReading> {
  const platform = options.platform ?? process.platform;
  const read = await probe(platform, options.root ?? '/');
  const { provider } = judgeCloud(read.signs);
  // Firmware first: off a cloud, the metadata address is a black hole.
  const instance = provider === null ? ABSENT : await readInstanceId(provider, options.metadata);
  const reading = { ...read, guestId: firstOf([read.guestId, instance]) };
  return { fingerprint: (salt) => judge(reading, salt, options.instanceId) };
}

function probe(platform: string, root: string): Reading | Promise<Reading> {
  if (platform === 'linux') return probeLinux(root);
  if (platform === 'win32') return probeWindows();
  return platform === 'darwin' ? probeMacos() : probeNode(platform);
}

/** Reads this machine and hashes it under one salt. An empty salt is a programming error: TypeError. */
export async function fingerprint(options: FingerprintOptions): Promise<Fingerprint> {
  return (await readMachine(options)).fingerprint(options.salt);
}

function judge(reading: Reading, salt: string | Uint8Array, instanceId: string | undefined): Fingerprint {
  if (salt.length === 0) throw new TypeError('The salt of a fingerprint must not be empty.');
  const { signs } = reading;
  const components = hashParts(reading, salt, instanceId);
  const container = judgeContainer(signs);
  const contained = container.kind !== null;
  const hashed = (
    name: 'boot_id' | 'vm_generation' | 'guest_id' | 'host',
    of: 'machine' | 'host' = 'machine',
  ): Component => hashSource(salt, name, SOURCE_OF[name](reading), of);
  const host = hashed('host', 'host');
  return {
    identity: judgeIdentity(components, contained),
    components,
    // What only a contact or a boot medium asks for is judged when it is asked for: a start has no use for it.
    get machine() {
      return { kind: machineKind(this.hypervisor, this.cloud), os: osClass(reading.platform, version()) };
    },
    get hypervisor() {
      return judgeHypervisor(signs);
    },
    container,
    get cloud() {
      return judgeCloud(signs);
    },
    get bootMedium() {
      return judgeBootMedium(signs);
    },
    bootId: hashed('boot_id'),
    host: { component: host, confidence: host.state === 'value' ? 'reported' : 'unknown' },
    cloneHints: { vmGeneration: hashed('vm_generation'), guestId: hashed('guest_id') },
    binding: stateBinding(components, contained),
  };
}

const SOURCE_OF = {
  boot_id: (reading: Reading) => reading.bootId,
  vm_generation: (reading: Reading) => reading.vmGeneration,
  guest_id: (reading: Reading) => reading.guestId,
  host: (reading: Reading) => reading.hostName,
} as const;

function machineKind(hypervisor: Hypervisor, cloud: Cloud): MachineKind | 'unknown' {
  if (cloud.provider !== null) return 'cloud';
  return { bare_metal: 'physical', guest: 'guest', unknown: 'unknown' }[hypervisor.kind] as MachineKind | 'unknown';
}
