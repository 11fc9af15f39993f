import { LeaseholdError } from '@leasehold/protocol';
import { keepAlive } from './keep-alive.js';

/** Waits for what others may wait for too: the signal ends this caller's wait, not the work. Rejects with TIMEOUT then. */
export async function waitFor<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return keepAlive(work);
  assertSignal(signal);
  let hearNoMore: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    hearNoMore = onAbort(signal, () => reject(brokenOff()));
  });
  try {
    return await keepAlive(Promise.race([work, aborted]));
  } finally {
    hearNoMore?.();
  }
}

/** @throws LeaseholdError INPUT_INVALID */
export function assertSignal(signal: unknown): void {
  if (signal instanceof AbortSignal) return;
  throw new LeaseholdError('INPUT_INVALID', 'What was given as signal is no AbortSignal.', {
    path: 'signal',
    remedy: 'Give an AbortSignal, or leave it out.',
  });
}

const leavers = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `leave` with the signal, at once where it came before. All who wait by one signal share one listener: Node 20 warns
 * of eleven as of a leak. @returns what ends the listening */
export function onAbort(signal: AbortSignal, leave: () => void): () => void {
  if (signal.aborted) leave();
  const all = leavers.get(signal) ?? new Set();
  if (!leavers.has(signal)) {
    leavers.set(signal, all);
    signal.addEventListener('abort', () => all.forEach((each) => each()), { once: true });
  }
  all.add(leave);
  return () => void all.delete(leave);
}

function brokenOff(): LeaseholdError {
  return new LeaseholdError('TIMEOUT', 'The wait was broken off by whoever waited.', {
    remedy: 'Nothing is lost: what was under way goes on, or is asked again.',
  });
}
