import { dayOf, endOfDay, isDay, readFacts } from '@leasehold/terms';
import { describe, expect, test } from 'vitest';

const now = (at: unknown): unknown => readFacts({ profile: 'generic', now: at });

describe('an instant', () => {
  test.each([
    '2026-06-15T10:00:00Z',
    '2026-06-15T10:00Z',
    '2026-06-15T10:00:00.1Z',
    '2026-06-15T10:00:00.123456789Z',
    '2026-06-15T10:00:00+02:00',
    '2028-02-29T23:59:59-11:30',
  ])('may be %s', (at) => expect(now(at)).toBeTruthy());

  test.each([
    '',
    '2026-06-15',
    '2026-06-15 10:00:00Z',
    '2026-06-15T10:00:00',
    '2026-06-15T10Z',
    '2026-06-15T1:00:00Z',
    '2026-06-15T10:0:00Z',
    '2026-06-15T10:00:0Z',
    '2026-06-15T10:00:00.Z',
    '2026-06-15T10:00:00.1234567890Z',
    '2026-06-15T10:00:00+2:00',
    '2026-06-15T10:00:00+0200',
    '26-06-15T10:00:00Z',
    '+002026-06-15T10:00:00Z',
    '2026-02-29T10:00:00Z',
    '2026-06-31T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-06-15T25:00:00Z',
    '2026-06-15T10:60:00Z',
    ' 2026-06-15T10:00:00Z',
    '2026-06-15T10:00:00Z\n',
    1_781_517_600_000,
    null,
  ])('may not be %j', (at) => {
    expect(() => now(at)).toThrow(expect.objectContaining({ code: 'FACTS_INVALID', path: 'given.now' }));
  });
});

test.each<[day: unknown, right: boolean]>([
  ['2026-06-15', true],
  ['2028-02-29', true],
  ['2026-02-29', false],
  ['2026-00-10', false],
  ['2026-6-15', false],
  ['2026-06-15T00:00:00Z', false],
  [20_260_615, false],
])('%j is a day: %s', (day, right) => expect(isDay(day)).toBe(right));

describe('a day of a zone', () => {
  test.each([
    ['Europe/Berlin', '2026-06-15', '2026-06-15T22:00:00.000Z'],
    ['Europe/Berlin', '2026-12-31', '2026-12-31T23:00:00.000Z'],
    // The clocks go forward and back in the night after.
    ['Europe/Berlin', '2026-03-28', '2026-03-28T23:00:00.000Z'],
    ['Europe/Berlin', '2026-03-29', '2026-03-29T22:00:00.000Z'],
    ['Europe/Berlin', '2026-10-25', '2026-10-25T23:00:00.000Z'],
    ['America/St_Johns', '2026-06-15', '2026-06-16T02:30:00.000Z'],
    ['Pacific/Kiritimati', '2026-06-15', '2026-06-15T10:00:00.000Z'],
    ['UTC', '2026-06-15', '2026-06-16T00:00:00.000Z'],
  ])('%s %s ends at %s', (zone, day, end) => {
    const at = endOfDay(day, zone);
    expect(new Date(at).toISOString()).toBe(end);
    expect(dayOf(at - 1, zone)).toBe(day);
    expect(dayOf(at, zone) > day).toBe(true);
  });
});
