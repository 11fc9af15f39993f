/** Negative, zero or positive, as `sort` asks for it; also for infinite numbers, and for texts in no language's order. */
export function compare<Value extends string | number>(one: Value, other: Value): number {
  return Number(one > other) - Number(one < other);
}
