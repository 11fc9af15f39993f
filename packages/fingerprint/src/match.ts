import type { Part } from './probes/reading.js';

/** The parts of an identity; `instance_id` is the one that whoever starts a container injects. */
export type ComponentName = Part | 'instance_id';

/** What each part counts (design: order of evidence). A hardware UUID is the board; a machine id is the installation; one
 * injected id outweighs what all containers of an image share. Parts that are not listed are shown and never count. */
export const WEIGHTS: Readonly<Partial<Record<ComponentName, number>>> = {
  instance_id: 4,
  hardware_uuid: 3,
  machine_id: 2,
  disk_serial: 2,
  mac: 1,
};

/** Components come with a lease, so a name may be anything. */
export function weightOf(name: string): number {
  return Object.hasOwn(WEIGHTS, name) ? (WEIGHTS[name as ComponentName] ?? 0) : 0;
}

/** With less than this on both sides nothing can be said: the lease chain alone decides. */
export const MINIMUM_WEIGHT = 4;

/** D-9: at or above it is the same machine. */
export const SAME_MACHINE = 0.6;

/** Hashes by component, as a lease carries them. */
export type ComponentHashes = Readonly<Record<string, string>>;

export interface Match {
  readonly verdict: 'same' | 'drift' | 'unknown' | 'different';
  /** Weight of the equal parts over the weight of those with a value on both sides, 0 to 1; 0 if there are none. */
  readonly similarity: number;
  /** Components with a value on both sides that differ, those without weight included. */
  readonly changed: readonly string[];
}

/** Is this the machine it was? Only components with a value on both sides count: what could not be read this time (another
 * user, a disk that sleeps) is no change. `threshold` is the policy's `fingerprintThreshold`. */
export function matchComponents(
  before: ComponentHashes,
  now: ComponentHashes,
  threshold: number = SAME_MACHINE,
): Match {
  const both = Object.keys(before).filter((name) => Object.hasOwn(now, name));
  const changed = both.filter((name) => before[name] !== now[name]);
  const weigh = (names: readonly string[]): number => names.reduce((sum, name) => sum + weightOf(name), 0);
  const total = weigh(both);
  const similarity = total === 0 ? 0 : (total - weigh(changed)) / total;
  if (total < MINIMUM_WEIGHT) return { verdict: 'unknown', similarity, changed };
  if (similarity < threshold) return { verdict: 'different', similarity, changed };
  return { verdict: similarity === 1 ? 'same' : 'drift', similarity, changed };
}
