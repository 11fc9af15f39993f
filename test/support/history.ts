/** One operation of a concurrent run: when it was asked and answered (numbers of one counter), and what was answered.
 * `outcome` undefined = the reply was lost: it took effect, with whatever outcome. */
export interface Operation<Input> {
  readonly input: Input;
  readonly asked: number;
  readonly answered: number;
  readonly outcome: string | undefined;
}

/** What the operations mean, one after the other: the state and outcome that `input` gives in `state`. */
export type Model<State, Input> = (state: State, input: Input) => { readonly state: State; readonly outcome: string };

/** Is there a serial order of the operations that gives each one's outcome, and in which none goes before one that was
 * answered before it was asked (strict serializability)? Searches all orders, each set of done operations and state
 * once: runs of about a dozen operations. */
export function hasSerialOrder<State, Input>(
  operations: readonly Operation<Input>[],
  model: Model<State, Input>,
  initial: State,
): boolean {
  const all = 2 ** operations.length - 1;
  const seen = new Set<string>();
  function from(done: number, state: State): boolean {
    if (done === all) return true;
    const place = `${done} ${JSON.stringify(state)}`;
    if (seen.has(place)) return false;
    seen.add(place);
    const open = operations.map((_, index) => index).filter((index) => (done & (1 << index)) === 0);
    const firstAnswer = Math.min(...open.map((index) => operations[index]!.answered));
    return open.some((index) => {
      const { input, asked, outcome } = operations[index]!;
      if (asked > firstAnswer) return false;
      const step = model(state, input);
      return (outcome === undefined || outcome === step.outcome) && from(done | (1 << index), step.state);
    });
  }
  return from(0, initial);
}

/** A generator of numbers in [0, 1) from a seed (mulberry32), so that a failing run can be run again. */
export function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
