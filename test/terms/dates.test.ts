import { dayOf, decide, endOfDay, isDay, isoOf, readFacts, type Facts, type License } from '@leasehold/terms';
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

test('the last day that can be written has an end, and a license that names it ends after all others', () => {
  expect(endOfDay('9999-12-31')).toBe(Date.UTC(10_000, 0, 1));
  expect(endOfDay('9999-12-31', 'Europe/Berlin')).toBe(Date.UTC(10_000, 0, 1) - 3_600_000);
  const on = (host: string, validUntil: string): License => ({
    id: host,
    edition: 'virtual',
    term: 'subscription',
    validUntil,
    boundTo: { type: 'host', id: host },
  });
  for (const [one, other] of [
    ['9999-12-31', '2026-06-20'],
    ['2026-06-20', '9999-12-31'],
  ] as const) {
    const facts: Facts = {
      profile: 'aip',
      now: '2026-06-15T10:00:00Z',
      machines: [{ id: 'vm', kind: 'guest', os: 'linux', hostId: 'h1' }],
      hosts: ['h1', 'h2'].map((id) => ({ id, kind: 'bare_metal', hypervisor: 'kvm', hciId: 'hci' })),
      licenses: [on('h1', one), on('h2', other)],
    };
    expect(decide(facts, { action: 'backup', machine: 'vm' })).toMatchObject({
      reason_rule: 'D-2',
      value: { daysLeft: 5 },
    });
  }
});

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
    ['UTC', '9998-12-31', '9999-01-01T00:00:00.000Z'],
  ])('%s %s ends at %s', (zone, day, end) => {
    const at = endOfDay(day, zone);
    expect(new Date(at).toISOString()).toBe(end);
    expect(dayOf(at - 1, zone)).toBe(day);
    expect(dayOf(at, zone) > day).toBe(true);
  });
});

describe('an instant as text', () => {
  test.each([
    0,
    1,
    -1,
    951_782_399_999,
    1_781_517_600_000,
    Date.UTC(9999, 11, 31, 23, 59, 59, 999),
    -62_135_596_800_000,
    -62_167_219_200_001,
    253_402_300_800_000,
    8.64e15,
  ])('is spelled as the language does: %i', (at) => expect(isoOf(at)).toBe(new Date(at).toISOString()));

  test.each([Number.NaN, Infinity, 8.64e15 + 1])('throws for what is none: %f', (at) =>
    expect(() => isoOf(at)).toThrow(RangeError),
  );
});

test.each<[timeZone: string, day: string, end: string]>([
  ['America/Santiago', '2026-09-05', '2026-09-06T04:00:00Z'],
  ['America/Havana', '2026-03-07', '2026-03-08T05:00:00Z'],
  ['Atlantic/Azores', '2026-03-28', '2026-03-29T01:00:00Z'],
  ['Africa/Cairo', '2026-04-23', '2026-04-23T22:00:00Z'],
  ['America/Santiago', '2026-04-04', '2026-04-05T04:00:00Z'],
  ['America/Havana', '2026-10-31', '2026-11-01T04:00:00Z'],
])('in %s, whose clock changes at midnight, %s is over where the next day begins', (timeZone, day, end) => {
  expect(endOfDay(day, timeZone)).toBe(Date.parse(end));
  expect(dayOf(endOfDay(day, timeZone) - 1, timeZone)).toBe(day);
});
