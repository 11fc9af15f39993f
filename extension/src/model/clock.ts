import { signal, type Signal } from '@preact/signals';

/** What every countdown counts from. It follows the authority's clock, not this machine's, and moves on by itself. */
export const now: Signal<number> = signal(Date.now());

const TICK_MS = 15_000;
let ahead = 0;

/** The authority's time, as far as it is known. */
export const serverNow = (): number => Date.now() + ahead;

/** Takes the authority's time over from a reply that came at `at`, in this machine's epoch milliseconds. */
export function setServerTime(iso: string, at: number = Date.now()): void {
  const difference = Date.parse(iso) - at;
  if (Number.isNaN(difference)) return;
  // Under two seconds is the way of the reply, not a wrong clock.
  ahead = Math.abs(difference) < 2000 ? 0 : difference;
  now.value = serverNow();
}

export function startClock(): void {
  setInterval(() => {
    now.value = serverNow();
  }, TICK_MS);
}
