import { LeaseholdError } from '@leasehold/protocol';
import type { ProblemCode } from '@leasehold/protocol';
import { iso } from './decision/facts.js';

/** What can be wrong at the same time, one problem each. */
export type Topic =
  | 'runtime'
  | 'lease'
  | 'keyset'
  | 'state'
  | 'writing'
  | 'folder'
  | 'lock'
  | 'secrets'
  | 'trust'
  | 'license-key'
  | 'contact'
  | 'machine'
  | 'usage';

/** A problem as `status()` shows it: a stable code, what happened, what to do next. */
export interface StatusProblem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly remedy: string;
  /** Since when, RFC 3339. */
  readonly since: string;
}

const ASK_SUPPORT = 'Send the diagnostics of this installation to the vendor’s support.';

/** What is wrong now. Nothing here throws or stops anything: it is told, and goes when it is cured. */
export class ProblemLog {
  readonly #now: () => number;
  readonly #onNew: (problem: StatusProblem) => void;
  readonly #open: Map<Topic, { readonly error: LeaseholdError; readonly problem: StatusProblem }> = new Map();

  constructor(now: () => number, onNew: (problem: StatusProblem) => void) {
    this.#now = now;
    this.#onNew = onNew;
  }

  /** Notes what went wrong; the same again keeps its time. It is told when it is new, unless the caller knows better. */
  note(topic: Topic, cause: unknown, isNews?: boolean): void {
    const error = asLeaseholdError(cause);
    const former = this.#open.get(topic);
    const since = former?.error.code === error.code ? former.problem.since : iso(this.#now());
    const problem = { ...statusProblem(error, this.#now()), since };
    this.#open.set(topic, { error, problem });
    if (isNews ?? former?.error.code !== error.code) this.#onNew(problem);
  }

  cured(...topics: readonly Topic[]): void {
    for (const topic of topics) this.#open.delete(topic);
  }

  get(topic: Topic): LeaseholdError | undefined {
    return this.#open.get(topic)?.error;
  }

  list(): StatusProblem[] {
    return [...this.#open.values()].map(({ problem }) => problem);
  }
}

/** An error as it is shown, noted or not. */
export function statusProblem({ code, message, details }: LeaseholdError, now: number): StatusProblem {
  return { code, message, remedy: details.remedy ?? ASK_SUPPORT, since: iso(now) };
}

/** Nothing was ever taken here, or all was given back. */
export function notActivated(): LeaseholdError {
  return new LeaseholdError('NOT_ACTIVATED', 'This installation holds no license yet.', {
    remedy: 'Activate it with its license key.',
  });
}

/** Anything thrown, as the one error of the product. */
export function asLeaseholdError(cause: unknown): LeaseholdError {
  if (LeaseholdError.is(cause)) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new LeaseholdError('INTERNAL', `A defect of the licensing: ${message}`, { remedy: ASK_SUPPORT, cause });
}
