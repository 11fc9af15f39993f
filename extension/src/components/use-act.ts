import { LeaseholdError } from '@leasehold/protocol';
import { useState } from 'preact/hooks';
import { TrustBroken } from '../connection/keyset.js';

export type Failure = LeaseholdError | TrustBroken;

export interface Act {
  readonly busy: boolean;
  readonly problem: Failure | undefined;
  readonly run: () => void;
  /** What went wrong is no matter any more: something else was given. */
  readonly forget: () => void;
}

/** One act of a person: runs once at a time, and keeps what went wrong for the place where it was started. `work` begins
 * inside the click itself, because browsers ask for permissions only there. */
export function useAct(work: () => Promise<void>): Act {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Failure>();
  return {
    busy,
    problem,
    forget: () => setProblem(undefined),
    run: () => {
      if (busy) return;
      setBusy(true);
      setProblem(undefined);
      void work()
        .catch((error: unknown) => setProblem(asFailure(error)))
        .finally(() => setBusy(false));
    },
  };
}

function asFailure(error: unknown): Failure {
  if (LeaseholdError.is(error) || error instanceof TrustBroken) return error;
  return new LeaseholdError('INTERNAL', String(error), { cause: error });
}
