/** What is under way, each at a place of its own. Not a Map or Set: one that calls pass through is laid out anew after every
 * hundred, and what stood in the old layout then outlives its call until the whole heap is cleaned up: 10 kB of each. */
export class UnderWay<T extends object> {
  readonly #places: (T | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#places.length - this.#free.length;
  }

  /** Answers its place, the lowest at first, which is given again once it is taken out. */
  add(one: T): number {
    const place = this.#free.pop() ?? this.#places.length;
    this.#places[place] = one;
    return place;
  }

  take(place: number): T | undefined {
    const one = this.#places[place];
    if (one === undefined) return undefined;
    this.#places[place] = undefined;
    this.#free.push(place);
    return one;
  }

  all(): T[] {
    return this.#places.filter((one) => one !== undefined);
  }
}
