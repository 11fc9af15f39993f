import type { Known, License, MspLicense } from './model.js';

type Entry = NonNullable<Known['licenses']>[number];
/** What a license may be held by: a thing it is bound to, or (`assigned`) an instance or domain. */
type Holder = readonly [kind: string, id: string];

const NONE: readonly never[] = [];

/** Licenses by what holds them, kept while single ones change: the cost of one change does not grow with their number. */
export class Holders {
  readonly #held: Map<string, Map<string, Entry[]>> = new Map();
  readonly #free: Set<Entry> = new Set();

  constructor(licenses: readonly Entry[]) {
    for (const license of licenses) this.add(license);
  }

  add(license: Entry): void {
    const holder = holderOf(license);
    if (holder === undefined) {
      this.#free.add(license);
      return;
    }
    const [kind, id] = holder;
    let ofKind = this.#held.get(kind);
    if (ofKind === undefined) this.#held.set(kind, (ofKind = new Map()));
    const list = ofKind.get(id);
    if (list === undefined) ofKind.set(id, [license]);
    else list.push(license);
  }

  remove(license: Entry): void {
    const holder = holderOf(license);
    if (holder === undefined) {
      this.#free.delete(license);
      return;
    }
    const [kind, id] = holder;
    const rest = this.of(kind, id).filter((one) => one !== license);
    this.#held.get(kind)?.set(id, rest);
  }

  of(kind: string, id: string): readonly Entry[] {
    return this.#held.get(kind)?.get(id) ?? NONE;
  }

  /** Every license held by something of one kind. */
  *ofKind(kind: string): Generator<Entry> {
    for (const list of this.#held.get(kind)?.values() ?? NONE) yield* list;
  }

  /** Licenses in stock, bound to nothing. */
  free(): ReadonlySet<Entry> {
    return this.#free;
  }
}

function holderOf(license: Entry): Holder | undefined {
  const { boundTo, assignedTo } = license as Partial<License & MspLicense>;
  if (typeof assignedTo === 'string') return ['assigned', assignedTo];
  return boundTo === null || boundTo === undefined ? undefined : [boundTo.type, boundTo.id];
}
