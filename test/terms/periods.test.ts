import { expect, test } from 'vitest';
import { lastDayOf, renewedUntil } from '@leasehold/terms';

test.each([
  ['2026-06-15', 'monthly', 1, '2026-07-14'],
  ['2026-06-15', 'annual', 1, '2027-06-14'],
  ['2026-06-15', 'monthly', 18, '2027-12-14'],
  ['2026-06-01', 'monthly', 1, '2026-06-30'],
  ['2026-01-01', 'annual', 1, '2026-12-31'],
  ['2026-12-31', 'monthly', 1, '2027-01-30'],
  // A day that the last month lacks: nobody loses a day of it.
  ['2026-01-31', 'monthly', 1, '2026-02-28'],
  ['2028-01-30', 'monthly', 1, '2028-02-29'],
  ['2028-02-29', 'annual', 1, '2029-02-28'],
  ['2028-02-29', 'annual', 4, '2032-02-28'],
  ['2026-01-31', 'monthly', 2, '2026-03-30'],
] as const)('%s, %s, %i → %s', (first, mode, periods, last) => {
  expect(lastDayOf(first, mode, periods)).toBe(last);
});

test('a renewal goes on from the last day, today included, and from today where that is over', () => {
  expect(renewedUntil('2026-07-31', '2026-06-15', 'monthly', 1)).toBe('2026-08-31');
  expect(renewedUntil('2026-06-15', '2026-06-15', 'monthly', 1)).toBe('2026-07-15');
  expect(renewedUntil('2026-06-14', '2026-06-15', 'monthly', 1)).toBe('2026-07-14');
});

test('twelve months one by one end where a year ends', () => {
  let last = '2026-06-14';
  for (let month = 0; month < 12; month += 1) last = renewedUntil(last, '2026-06-15', 'monthly', 1);
  expect(last).toBe('2027-06-14');
});
