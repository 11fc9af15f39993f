import type { Day, Iso } from './model.js';

export const HOUR = 3_600_000;
export const DAY = 86_400_000;

const DAY_FORM = /^(\d{4})-(\d{2})-(\d{2})$/;
const ISO_FORM = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** Is this a real calendar day (`2026-02-30` is not)? */
export function isDay(value: unknown): value is Day {
  const parts = typeof value === 'string' ? DAY_FORM.exec(value) : null;
  if (parts === null) return false;
  const [, year, month, day] = parts.map(Number) as [number, number, number, number];
  const at = new Date(Date.UTC(year, month - 1, day));
  return at.getUTCFullYear() === year && at.getUTCMonth() === month - 1 && at.getUTCDate() === day;
}

/** Is this a real instant with its offset? */
export function isIso(value: unknown): value is Iso {
  const parts = typeof value === 'string' ? ISO_FORM.exec(value) : null;
  return parts !== null && isDay(parts[1]) && !Number.isNaN(Date.parse(value as string));
}

/** Milliseconds since the epoch. The text has been read before: facts hold valid dates only. */
export function instant(iso: Iso): number {
  return Date.parse(iso);
}

/** The instant as text, to the millisecond. Not by `toISOString`, which has V8 load the machine's time zone, though nothing
 * in the text depends on it: that costs a start 0.8 MB. */
export function isoOf(at: number): Iso {
  const date = new Date(at);
  const year = date.getUTCFullYear();
  // Beyond four digits, and for what is no instant: a RangeError, never a text that only looks like one.
  if (!(year >= 0 && year <= 9999)) return date.toISOString();
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${String(year).padStart(4, '0')}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${day}T${time}.${String(date.getUTCMilliseconds()).padStart(3, '0')}Z`;
}

/** First moment of a day, in the account's IANA zone, else UTC. */
export function startOfDay(day: Day, timeZone?: string): number {
  return midnight(Date.parse(`${day}T00:00:00Z`), timeZone);
}

/** First moment after a day that counts to its end (A-34, MSP-P1: the last day is valid). Counted, not written: 9999-12-31
 * has an end too. */
export function endOfDay(day: Day, timeZone?: string): number {
  return midnight(Date.parse(`${day}T00:00:00Z`) + DAY, timeZone);
}

/** The instant at which a zone's clock shows what this instant is in UTC; the first one after it where the clock leaves that
 * out, as some zones do at midnight once a year. */
function midnight(utc: number, timeZone?: string): number {
  if (timeZone === undefined || timeZone === 'UTC') return utc;
  // The offset of the guess can differ from that of the result across a clock change: ask twice.
  const guess = utc - zoneOffset(utc, timeZone);
  const offset = zoneOffset(guess, timeZone);
  const found = utc - offset;
  return zoneOffset(found, timeZone) === offset ? found : Math.max(guess, found);
}

export function addDays(day: Day, days: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** The calendar day of an instant, in the account's zone, else UTC. */
export function dayOf(at: number, timeZone?: string): Day {
  const offset = timeZone === undefined || timeZone === 'UTC' ? 0 : zoneOffset(at, timeZone);
  return new Date(at + offset).toISOString().slice(0, 10);
}

/** Whole calendar days from one day to another. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY);
}

/** The same moment years later; 29 February becomes 1 March. */
export function addYears(at: number, years: number): number {
  const date = new Date(at);
  return date.setUTCFullYear(date.getUTCFullYear() + years);
}

export function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

/** One formatter a zone: making one costs a hundred times what using it does. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}

function zoneOffset(at: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(at);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - (at - (((at % 1000) + 1000) % 1000));
}
