import { addDays } from './dates.js';
import type { Day } from './model.js';
import type { PaymentMode } from './instances/purchase.js';

/** The last day of so many paid months or years that begin with `first`. A day that the last month lacks counts as its
 * end: what begins on 31 January for one month ends on 28 February, and the next month begins on 1 March. */
export function lastDayOf(first: Day, mode: PaymentMode, periods: number): Day {
  const [year, month, day] = first.split('-').map(Number) as [number, number, number];
  const months = month - 1 + periods * (mode === 'annual' ? 12 : 1);
  const daysThere = new Date(Date.UTC(year, months + 1, 0)).getUTCDate();
  if (day > daysThere) return dayAt(year, months, daysThere);
  return addDays(dayAt(year, months, day), -1);
}

/** The last day after a renewal: it goes on from the last day there is, or from today where that is over (MSP-P1). */
export function renewedUntil(validUntil: Day, today: Day, mode: PaymentMode, periods: number): Day {
  return lastDayOf(validUntil < today ? today : addDays(validUntil, 1), mode, periods);
}

function dayAt(year: number, months: number, day: number): Day {
  return new Date(Date.UTC(year, months, day)).toISOString().slice(0, 10);
}
