import { signal, type Signal } from '@preact/signals';

/** What every countdown counts from. It follows the authority's clock, not this machine's, and moves on by itself. */
export const now: Signal<number> = signal(Date.now());

const TICK_MS = 15_000;
let ahead = 0;

/** Takes the authority's time over from a reply. */
export function setServerTime(iso: string): void {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return;
  // Under two seconds is the way of the reply, not a wrong clock.
  const difference = at - Date.now();
  ahead = Math.abs(difference) < 2000 ? 0 : difference;
  now.value = Date.now() + ahead;
}

export function startClock(): void {
  setInterval(() => {
    now.value = Date.now() + ahead;
  }, TICK_MS);
}
