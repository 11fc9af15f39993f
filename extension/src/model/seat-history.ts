import { isSeatHistory } from '@leasehold/protocol/guards';
import type { ReplyOf } from '@leasehold/protocol';
import type { Live } from './live.js';
import { createResource, type Resource } from './resource.js';

type History = ReplyOf<'seatHistory'>;
/** Seats by day, the oldest first and today the last; null: nobody knows. */
export interface SeatDays {
  readonly days: readonly string[];
  readonly used: readonly (number | null)[];
  readonly owned: readonly (number | null)[];
}

/** Days that are over change no more, and what is so today stands beside the line: the feed moves nothing of it. */
export function seatHistory(live: Live): Resource<History> {
  const resource = createResource((signal) => live.authority.call('seatHistory', isSeatHistory, { signal }));
  return { ...resource, changed: () => undefined };
}

interface Seats {
  readonly used: number;
  readonly owned: number;
}

/** The series that `fits`, added up day by day; today's is the one that stands elsewhere on the page. */
export function seatDays(
  { days, series }: History,
  fits: (one: History['series'][number]) => boolean,
  today: Seats,
): SeatDays {
  const chosen = series.filter(fits);
  const sum = (which: keyof Seats) =>
    days.map((_day, i) => {
      if (i === days.length - 1) return today[which];
      const known = chosen.flatMap((one) => one[which][i] ?? []);
      return known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
    });
  return { days, used: sum('used'), owned: sum('owned') };
}
