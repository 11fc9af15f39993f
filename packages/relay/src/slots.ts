import { matchComponents } from '@leasehold/fingerprint';
import type { Message } from '@leasehold/protocol';
import { RecordLog } from './record-log.js';

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

/** All slots of a relay, found by device key, by hardware and by number at a cost that does not grow with them. */
export class SlotBook {
  readonly #log: RecordLog<Slot>;
  readonly #byKey: Map<string, string> = new Map();
  readonly #byPart: Map<string, Set<string>> = new Map();
  readonly #byNumber: Map<string, Map<number, string>> = new Map();
  readonly #last: Map<string, number> = new Map();

  private constructor(log: RecordLog<Slot>) {
    this.#log = log;
    for (const slot of log.records.values()) this.#index(slot);
  }

  static async open(path: string): Promise<SlotBook> {
    return new SlotBook(await RecordLog.open<Slot>(path));
  }

  get(id: string): Slot | undefined {
    return this.#log.records.get(id);
  }

  list(): Slot[] {
    return [...this.#log.records.values()].toSorted((a, b) => a.kind.localeCompare(b.kind) || a.n - b.n);
  }

  /** The slot of an agent that comes with a code: by its device key, or by what its hardware is (design section 3: the same
   * machine set up anew gets the same seat back). */
  slotOf(kind: string, jkt: string, components: Slot['components']): Slot | undefined {
    const known = this.get(this.#byKey.get(`${kind} ${jkt}`) ?? '');
    if (known !== undefined) return known;
    const alike = partsOf(kind, components).flatMap((part) => [...(this.#byPart.get(part) ?? [])]);
    return alike.map((id) => this.get(id)!).find((slot) => isSame(slot, components));
  }

  /** The number of the next client: after the last one, so that numbers follow the order of joining and a lowered quota
   * leaves those out who came last (LMP-3.10); a gap when there is no other. Undefined: the quota is used up. */
  nextNumber(kind: string, quota: number, now: number): number | undefined {
    const after = (this.#last.get(kind) ?? 0) + 1;
    return after <= quota ? after : this.gap(kind, quota, now);
  }

  /** The first number within the quota that nobody holds (any more). */
  gap(kind: string, quota: number, now: number): number | undefined {
    for (let n = 1; n <= quota; n += 1) if (isOver(this.#holderOf(kind, n), now)) return n;
    return undefined;
  }

  /** CALs in use by kind, as the server reports them to the authority (LMP-4.8). */
  used(now: number): Record<string, number> {
    const used: Record<string, number> = {};
    for (const slot of this.#log.records.values())
      used[slot.kind] = (used[slot.kind] ?? 0) + (isOver(slot, now) ? 0 : 1);
    return used;
  }

  /** Resolves when it is on disk; a slot that had this number before, and is over, is forgotten. */
  async put(slot: Slot): Promise<void> {
    const former = this.#byNumber.get(slot.kind)?.get(slot.n);
    const gone = former === undefined || former === slot.id ? undefined : this.remove(former);
    const before = this.get(slot.id);
    if (before !== undefined) this.#forget(before);
    this.#index(slot);
    await Promise.all([gone, this.#log.put(slot.id, slot)]);
  }

  remove(id: string): Promise<void> {
    const slot = this.get(id);
    if (slot !== undefined) this.#forget(slot);
    return this.#log.remove(id);
  }

  settled(): Promise<void> {
    return this.#log.settled();
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  #holderOf(kind: string, n: number): Slot | undefined {
    return this.get(this.#byNumber.get(kind)?.get(n) ?? '');
  }

  #index(slot: Slot): void {
    const { id, kind, n, jkt, components } = slot;
    this.#byKey.set(`${kind} ${jkt}`, id);
    for (const part of partsOf(kind, components)) this.#byPart.set(part, (this.#byPart.get(part) ?? new Set()).add(id));
    this.#byNumber.set(kind, (this.#byNumber.get(kind) ?? new Map<number, string>()).set(n, id));
    this.#last.set(kind, Math.max(n, this.#last.get(kind) ?? 0));
  }

  #forget({ id, kind, n, jkt, components }: Slot): void {
    this.#byKey.delete(`${kind} ${jkt}`);
    for (const part of partsOf(kind, components)) this.#byPart.get(part)?.delete(id);
    const numbers = this.#byNumber.get(kind);
    if (numbers?.get(n) === id) numbers.delete(n);
    if (this.#last.get(kind) === n) this.#last.set(kind, Math.max(0, ...(numbers?.keys() ?? [])));
  }
}

/** Was it taken off, and has the lease ended that it held? */
function isOver(slot: Slot | undefined, now: number): boolean {
  return slot === undefined || (slot.removed && now >= slot.head.exp * 1000);
}

function partsOf(kind: string, components: Slot['components']): string[] {
  return Object.entries(components).map(([name, hash]) => `${kind} ${name} ${hash}`);
}

function isSame(slot: Slot, components: Slot['components']): boolean {
  const { verdict } = matchComponents(slot.components, components);
  return verdict === 'same' || verdict === 'drift';
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
