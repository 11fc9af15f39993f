import { LeaseholdError } from '@leasehold/protocol';

/** Waits for what others may wait for too: the signal ends this caller's wait, not the work. Rejects with TIMEOUT then. */
export async function waitFor<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const end = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    const leave = (): void => reject(brokenOff());
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true, signal: end.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    end.abort();
  }
}

function brokenOff(): LeaseholdError {
  return new LeaseholdError('TIMEOUT', 'The wait was broken off by whoever waited.', {
    remedy: 'Nothing is lost: what was under way goes on, or is asked again.',
  });
}
