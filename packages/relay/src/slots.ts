import { matchComponents } from '@leasehold/fingerprint';
import type { Message } from '@leasehold/protocol';

/** One agent's place under a Pool Key: client `n` of its kind. Times are seconds since 1970. */
export interface Slot {
  readonly id: string;
  readonly kind: string;
  readonly n: number;
  /** The agent's device key. Those it had before belong to a machine that was set up anew, or copied. */
  readonly jkt: string;
  readonly formerKeys: readonly string[];
  readonly label: string | null;
  readonly components: Message<'MachineReport'>['components'];
  readonly since: number;
  /** The head of its lease chain. */
  readonly head: Head;
  /** Leases whose branch was left by a rollback; if one speaks again, two machines hold this chain. */
  readonly left: readonly string[];
  readonly forked: boolean;
  /** Taken off by an administrator: its number is free once the lease it holds has ended. */
  readonly removed: boolean;
  /** Usage counted so far, by outbox epoch. */
  readonly counted: Readonly<Record<string, number>>;
}

export interface Head {
  readonly jti: string;
  readonly seq: number;
  readonly parent: string | null;
  readonly nonce: string;
  readonly iat: number;
  readonly exp: number;
}

export type Slots = ReadonlyMap<string, Slot>;

/** The slot of an agent that comes with a license key: by its device key, or by what its hardware is (design section 3: the
 * same machine set up anew gets the same seat back). */
export function slotOf(slots: Slots, kind: string, jkt: string, components: Slot['components']): Slot | undefined {
  const ofKind = [...slots.values()].filter((slot) => slot.kind === kind);
  const known = ofKind.find((slot) => slot.jkt === jkt);
  return known ?? ofKind.find((slot) => isSame(slot, components));
}

function isSame(slot: Slot, components: Slot['components']): boolean {
  const { verdict } = matchComponents(slot.components, components);
  return verdict === 'same' || verdict === 'drift';
}

/** The number of the next client: after the last one, so that numbers follow the order of joining and a lowered quota
 * leaves those out who came last (LMP-3.10); a gap when there is no other. Undefined: the quota is used up. */
export function nextNumber(slots: Slots, kind: string, quota: number, now: number): number | undefined {
  const holding = [...slots.values()].filter((slot) => slot.kind === kind && !isFree(slot, now));
  const taken = new Set(holding.map(({ n }) => n));
  const after = Math.max(0, ...taken) + 1;
  if (after <= quota) return after;
  for (let n = 1; n <= quota; n += 1) if (!taken.has(n)) return n;
  return undefined;
}

export function isFree({ removed, head }: Slot, now: number): boolean {
  return removed && now >= head.exp * 1000;
}

/** CALs in use by kind, as the server reports them to the authority (LMP-4.8). */
export function usedBy(slots: Slots): Record<string, number> {
  const used: Record<string, number> = {};
  for (const { kind } of slots.values()) used[kind] = (used[kind] ?? 0) + 1;
  return used;
}

/** Where a request stands in the chain of its slot (as the authority judges chains): its verdict, and the slot that is
 * left when it moves on. `repeated`: the reply was lost and is given again. */
export function placeInChain(
  slot: Slot,
  { parent, nonce }: Message<'ChainLink'>,
): { readonly repeated: boolean; readonly verdict: 'same' | 'restored' | 'cloned'; readonly slot: Slot } {
  const { head } = slot;
  if (head.nonce === nonce && head.parent === parent) return { repeated: true, verdict: 'same', slot };
  if (parent === head.jti) return { repeated: false, verdict: slot.forked ? 'cloned' : 'same', slot };
  if (parent !== null && slot.left.includes(parent)) {
    const left = [...slot.left.filter((jti) => jti !== parent), head.jti];
    return { repeated: false, verdict: 'cloned', slot: { ...slot, left, forked: true } };
  }
  const left = [...slot.left, head.jti].slice(-BRANCHES);
  return { repeated: false, verdict: slot.forked ? 'cloned' : 'restored', slot: { ...slot, left } };
}

/** Branches that are remembered. */
const BRANCHES = 8;
