import type { Facts } from '@leasehold/terms';
import { aip } from '@leasehold/terms/aip';
import type { decide } from '@leasehold/terms/engine';

export type Rulebook = Parameters<typeof decide>[2];

/** A machine is licensed by one profile: the rules of the others are never loaded. Those of machines, which nearly every
 * agent has, are part of what a start reads. */
const BOOKS: Readonly<Record<Facts['profile'], () => Promise<Rulebook>>> = {
  aip: async () => aip,
  msp: async () => (await import('@leasehold/terms/msp')).msp,
  lmp: async () => (await import('@leasehold/terms/lmp')).lmp,
  generic: async () => (await import('@leasehold/terms/generic')).generic,
};

const read: Partial<Record<Facts['profile'], Rulebook>> = {};

/** The rules that ship with this version for a profile. */
export async function rulebookOf(profile: Facts['profile']): Promise<Rulebook> {
  return (read[profile] ??= await BOOKS[profile]());
}
