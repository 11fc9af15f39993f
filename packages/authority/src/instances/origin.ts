import { matchComponents } from '@leasehold/fingerprint';
import type { LeaseClaims } from '@leasehold/protocol';
import { componentsOf, factsOf, type InstanceRow, type MachineReport } from './instance.js';

/** The machine as it was while nobody doubted it. When two hold one chain, the one that is still this machine is the
 * original (design section 3, Lease chain). */
interface Origin {
  readonly components: LeaseClaims['components'];
  readonly vmGeneration: string | null;
  /** Since it speaks from other hardware, or under another generation: when the last lease of what was before ends. Until
   * then that may come back. */
  readonly movedUntil: number | null;
}

type Parts = Pick<Origin, 'components' | 'vmGeneration'>;

export function newOrigin({ components, vmGeneration }: MachineReport): string {
  return write({ components, vmGeneration, movedUntil: null });
}

/** The origin after a check-in that goes on with the chain. `before` is the instance as it was. */
export function originAfter(before: InstanceRow, machine: MachineReport, moved: boolean, now: number): string {
  const origin = originOf(before);
  if (origin === undefined) return newOrigin(machine);
  // A hypervisor calls a copy so, and whatever it reverted or restored: until it is known which, this is not the origin.
  const isAnother = (factsOf(before).vmGeneration ?? machine.vmGeneration) !== machine.vmGeneration;
  if (moved || isAnother) return write({ ...origin, movedUntil: origin.movedUntil ?? before.lease_expires_at ?? now });
  const open = origin.movedUntil !== null && now < origin.movedUntil;
  return open ? before.origin! : newOrigin(machine);
}

/** Which of two machines on one chain is the original: the one that speaks, or the one that holds the head; undefined where
 * both are alike, or neither is. */
export function originalOf(named: InstanceRow, speaker: MachineReport): 'speaker' | 'head' | undefined {
  const origin = originOf(named);
  if (origin === undefined) return undefined;
  const head = { components: componentsOf(named), vmGeneration: factsOf(named).vmGeneration };
  const [spoke, holds] = [isStill(origin, speaker), isStill(origin, head)];
  if (spoke === holds) return undefined;
  return spoke ? 'speaker' : 'head';
}

/** A hypervisor gives a copied or reverted guest another generation, whatever parts were copied along. */
function isStill(origin: Parts, { components, vmGeneration }: Parts): boolean {
  if (matchComponents(origin.components, components).verdict === 'different') return false;
  return origin.vmGeneration === null || vmGeneration === null || origin.vmGeneration === vmGeneration;
}

function originOf({ origin }: InstanceRow): Origin | undefined {
  return origin === null ? undefined : (JSON.parse(origin) as Origin);
}

function write(origin: Origin): string {
  return JSON.stringify(origin);
}
