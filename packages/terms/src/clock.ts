import { addDays, DAY, dayOf, daysBetween, endOfDay } from './dates.js';
import type { Day } from './model.js';

/** The time of one judgement. Every comparison with `now` goes through it, so that it knows until when the answer holds:
 * `until` is the first instant of the local clock at which any comparison made so far would come out differently, `turn` the
 * first at which more than a number of days that are left would. */
export class Clock {
  /** Time that counts, in ms: never before the last trusted time (D-6). */
  readonly now: number;
  until: number = Number.POSITIVE_INFINITY;
  turn: number = Number.POSITIVE_INFINITY;
  readonly #local: number;

  constructor(local: number, trusted: number = Number.NEGATIVE_INFINITY) {
    this.now = Math.max(local, trusted);
    this.#local = local;
  }

  /** What `compute` finds, and until when that holds by itself. */
  aside(compute: () => number): { readonly value: number; readonly until: number } {
    const before = this.until;
    this.until = Number.POSITIVE_INFINITY;
    const value = compute();
    const { until } = this;
    this.until = Math.min(before, until);
    return { value, until };
  }

  /** Has this instant come? It counts from its very moment on. */
  reached(at: number): boolean {
    if (this.now >= at) return true;
    this.#expect(at);
    return false;
  }

  /** Is it strictly later than this instant? */
  passed(at: number): boolean {
    return this.reached(at + 1);
  }

  /** Does the local clock lie further than this behind the last trusted time? Unit: ms. */
  isBehind(by: number): boolean {
    const caughtUp = this.now - by;
    if (this.#local >= caughtUp) return false;
    this.until = Math.min(this.until, caughtUp);
    this.turn = Math.min(this.turn, caughtUp);
    return true;
  }

  /** Days until an instant, rounded up: 1 ms left is one day (rules 1.8). */
  daysLeft(at: number): number {
    const days = Math.ceil((at - this.now) / DAY);
    this.#count(at - (days - 1) * DAY);
    return days;
  }

  /** Whole days since an instant; never negative. */
  daysSince(at: number): number {
    const days = Math.max(0, Math.floor((this.now - at) / DAY));
    this.#expect(at + (days + 1) * DAY);
    return days;
  }

  /** Today in the account's zone. */
  today(timeZone?: string): Day {
    const today = dayOf(this.now, timeZone);
    this.#expect(endOfDay(today, timeZone));
    return today;
  }

  /** Calendar days from today to a day: 0 on the day itself (rules 1.8). */
  calendarDaysLeft(day: Day, timeZone?: string): number {
    const today = dayOf(this.now, timeZone);
    this.#count(endOfDay(today, timeZone));
    return daysBetween(today, day);
  }

  /** Today plus a number of days, as a day. */
  dayAhead(days: number, timeZone?: string): Day {
    return addDays(this.today(timeZone), days);
  }

  /** The answer holds until then at most. */
  #expect(at: number): void {
    if (at > this.now && at < this.turn) this.turn = at;
    this.#count(at);
  }

  /** Its numbers do. */
  #count(at: number): void {
    if (at > this.now && at < this.until) this.until = at;
  }
}
