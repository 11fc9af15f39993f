import { computed, signal, type Signal } from '@preact/signals';
import { language } from './language.js';

/** The account's zone: days end there. The reader's own until the authority has told it. */
const timeZone: Signal<string | undefined> = signal(undefined);

/** Takes a zone over; one that this browser does not know leaves the reader's own. */
export function setTimeZone(name: string | undefined): void {
  try {
    timeZone.value = name && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    timeZone.value = undefined;
  }
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** By whose ways the reader writes figures and dates. */
export const localeOf = (): string => {
  const [preferred] = typeof navigator === 'undefined' ? [] : navigator.languages;
  return preferred?.startsWith(language.value) ? preferred : language.value === 'ja' ? 'ja-JP' : 'en-US';
};

type Parts = Intl.DateTimeFormatOptions;
const TIME: Parts = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const DATE: Parts = { month: 'short', day: 'numeric' };
const SHAPES = {
  /** Nov 21 */
  short: DATE,
  /** Nov 21, 2026 */
  day: { ...DATE, year: 'numeric' },
  /** Sat, Nov 21, 10:22 */
  instant: { ...DATE, weekday: 'short', ...TIME },
  /** Sat */
  weekday: { weekday: 'short' },
  time: TIME,
  month: { month: 'short' },
  number: { year: 'numeric', month: '2-digit', day: '2-digit' },
  full: { dateStyle: 'full', timeStyle: 'long' },
  fullDay: { dateStyle: 'full' },
  /** 11/21/2026, GMT-05:00 */
  offset: { timeZoneName: 'longOffset' },
} satisfies Record<string, Parts>;

const formatters = computed(() => {
  const zone = timeZone.value;
  const made = new Map<keyof typeof SHAPES, Intl.DateTimeFormat>();
  // Each when it is first needed: to make one takes longer than to draw a row.
  return (name: keyof typeof SHAPES): Intl.DateTimeFormat => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const shape: Parts = SHAPES[name];
    const format = new Intl.DateTimeFormat(localeOf(), zone === undefined ? shape : { ...shape, timeZone: zone });
    made.set(name, format);
    return format;
  };
});

const IS_DAY = /^\d{4}-\d{2}-\d{2}$/;

const isDay = (at: When): at is string => typeof at === 'string' && IS_DAY.test(at);

/** When the clock shows a time of a day, by what it is ahead of UTC at an instant near to that. */
const clockAt = (text: string, near: number): number =>
  Date.parse(text + (formatters.value('offset').format(near).split('GMT')[1] || 'Z'));

/** Milliseconds of an instant; of a day its end in the account's zone, because days are inclusive. */
export function endOf(text: string): number {
  if (!isDay(text)) return Date.parse(text);
  const end = `${text}T24:00`;
  // That which is near may lie before a clock change.
  return clockAt(end, clockAt(end, Date.parse(text) + DAY));
}

/** Of a calendar day its noon, which is that day for whoever is in the account's zone. */
const dateOf = (at: When): Date => new Date(isDay(at) ? clockAt(`${at}T12:00`, Date.parse(at)) : at);

type When = string | number;
const write = (shape: keyof typeof SHAPES) => (at: When) => {
  const date = dateOf(at);
  return Number.isNaN(date.getTime()) ? String(at) : formatters.value(shape).format(date);
};

/** Nov 21 */
export const shortDay = write('short');
/** Nov 21, 2026, or 2026/11/21 in Japanese tables. */
export const day = (at: When): string => write(language.value === 'ja' ? 'number' : 'day')(at);
/** Sat, Nov 21, 10:22 */
export const instant = write('instant');
export const time = write('time');
export const month = write('month');
/** The exact instant, or the whole day, for the pointer and for screen readers. */
export const exact = (at: When): string => write(isDay(at) ? 'fullDay' : 'full')(at);

const isSameDay = (a: number, b: number) =>
  formatters.value('number').format(a) === formatters.value('number').format(b);

/** `Today, 08:01`, within six days `Fri, 08:01`, before that `Nov 9`. */
export function recent(at: When, now: number): string {
  const ms = dateOf(at).getTime();
  if (isSameDay(ms, now)) return language.value === 'ja' ? `今日 ${time(ms)}` : `Today, ${time(ms)}`;
  const between = language.value === 'ja' ? ' ' : ', ';
  if (now - ms < 6 * DAY && ms <= now) return `${write('weekday')(ms)}${between}${time(ms)}`;
  return shortDay(ms);
}

/** Since when something runs: the time alone where that was not long ago. */
export const since = (at: When, now: number): string =>
  now - dateOf(at).getTime() < 12 * HOUR ? time(at) : recent(at, now);

/** What is left or has passed, in its two largest units: `8 d 12 h`, `1 h 23 min`, `4 min`. */
export function span(ms: number): string {
  const rest = Math.abs(ms);
  const whole = (unit: number) => Math.floor(rest / unit);
  const ja = language.value === 'ja';
  const [d, h, m] = ja ? ['日', '時間', '分'] : [' d', ' h', ' min'];
  const gap = ja ? '' : ' ';
  if (rest >= DAY) {
    const hours = whole(HOUR) % 24;
    return hours === 0 || rest >= 100 * DAY ? `${whole(DAY)}${d}` : `${whole(DAY)}${d}${gap}${hours}${h}`;
  }
  if (rest >= HOUR) return `${whole(HOUR)}${h}${gap}${whole(MINUTE) % 60}${m}`;
  return `${whole(MINUTE)}${m}`;
}

/** The same in its largest unit, for chips: `19 d`. */
export function shortSpan(ms: number): string {
  const rest = Math.abs(ms);
  if (rest >= DAY) return span(Math.floor(rest / DAY) * DAY);
  return rest >= HOUR ? (span(rest).split(/(?<=h|時間)/)[0] ?? '') : span(rest);
}

export const number = (value: number): string => value.toLocaleString(localeOf());

/** What stands one after the other in a sentence. */
export const listed = (items: readonly string[]): string => items.join(language.value === 'ja' ? '、' : ', ');

/** Japanese has no space between two of its own words, which a sentence gets that is put together from either script. */
export const tight = (text: string): string =>
  text.replace(/(?<=[\u3000-\u9fff\uff00-\uff60]) (?=[\u3000-\u9fff])/g, '');

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
/** Bytes in decimal units, as disks are sold: `1.4 TB`. */
export function bytes(value: number): string {
  const step = value < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** step;
  return `${scaled.toLocaleString(localeOf(), { maximumFractionDigits: scaled < 10 ? 1 : 0 })} ${UNITS[step]}`;
}

/** Shortens an id in the middle: `SV-2QK7…M4TD`. */
export function shortId(id: string, most = 14): string {
  if (id.length <= most) return id;
  const tail = 4;
  return `${id.slice(0, most - tail - 1)}…${id.slice(-tail)}`;
}
