import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** One row of a comparison: `run` does `count` operations and returns something that depends on each. */
export interface Contender {
  readonly row: string;
  readonly count: number;
  run(count: number): unknown;
}

export interface Figure {
  readonly row: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** What each round measured, in the order of the rounds: rounds of one run can be compared pair by pair. */
  readonly rounds: readonly number[];
}

/** The median over the rounds of one figure divided by another of the same run: a noisy moment strikes both alike. */
export function ratio(of: Figure, to: Figure): number {
  return middle(of.rounds.map((value, round) => value / to.rounds[round]!));
}

/** Like `ratio`, for a difference. */
export function difference(of: Figure, to: Figure): number {
  return middle(of.rounds.map((value, round) => value - to.rounds[round]!));
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** Nanoseconds an operation, all contenders in turn in every round, so that a noisy moment strikes all alike. */
export async function interleaved(
  contenders: readonly Contender[],
  rounds: number,
): Promise<ReadonlyMap<string, Figure>> {
  for (const one of contenders) for (let k = 0; k < 5; k += 1) await one.run(one.count);
  const samples = new Map(contenders.map((one) => [one.row, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const one of contenders) {
      const start = process.hrtime.bigint();
      const pending = one.run(one.count);
      if (pending instanceof Promise) await pending;
      samples.get(one.row)!.push(Number(process.hrtime.bigint() - start) / one.count);
    }
  }
  return new Map([...samples].map(([row, values]) => [row, figure(row, 'ns', values)]));
}

export function figure(row: string, unit: string, values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  return { row, unit, median: middle(values), min: sorted[0]!, max: sorted.at(-1)!, rounds: values };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of heap an operation leaves behind, over `count` operations after the same number of warm-up operations. */
export function heapPerOperation(run: (count: number) => unknown, count: number): number {
  run(count);
  collect();
  const before = process.memoryUsage().heapUsed;
  run(count);
  return Math.max(0, (process.memoryUsage().heapUsed - before) / count);
}
