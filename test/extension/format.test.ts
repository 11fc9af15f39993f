import { afterEach, expect, test } from 'vitest';
import { core } from '../../extension/src/texts/en/core.js';
import { language } from '../../extension/src/texts/language.js';
import { amountText } from '../../extension/src/model/buying.js';
import { day, endOf, exact, setTimeZone, shortDay } from '../../extension/src/texts/format.js';

afterEach(() => setTimeZone(undefined));

test.each(['Pacific/Auckland', 'Pacific/Kiritimati', 'Asia/Tokyo', 'UTC', 'America/New_York', 'Pacific/Pago_Pago'])(
  'a calendar day is that day in %s, on days of a clock change too',
  (zone) => {
    setTimeZone(zone);
    for (const text of ['2026-11-30', '2027-01-01', '2026-09-27', '2026-11-01', '2027-03-14']) {
      const [, month, date] = text.split('-').map(Number);
      expect(shortDay(text)).toMatch(new RegExp(` ${date}$`));
      expect(new Date(`${day(text)} UTC`).getUTCMonth()).toBe(month! - 1);
    }
  },
);

test('a day ends at midnight of the account, not of Greenwich', () => {
  const ends = { 'Asia/Tokyo': '2026-11-30T15:00Z', 'America/New_York': '2026-12-01T05:00Z', UTC: '2026-12-01T00:00Z' };
  for (const [zone, end] of Object.entries(ends)) {
    setTimeZone(zone);
    expect(endOf('2026-11-30'), zone).toBe(Date.parse(end));
  }
});

test('of a day no time of day is told, which it has not', () => {
  setTimeZone('Asia/Tokyo');
  expect(exact('2026-11-30')).toBe('Monday, November 30, 2026');
  expect(exact('2026-11-30T06:00:00Z')).toMatch(/3:00:00\sPM GMT\+9/);
});

test('figures are written as the reader writes them', () => {
  expect(core.headline.canBackUp(99_999, 100_000)).toBe('99,999 of 100,000 machines can back up');
  expect(core.headline.sub(1000, 2000, 100_000)).toBe(
    '1,000 stopped, 2,000 in grace. Restores are open on all 100,000.',
  );
  expect(core.health.silent(37_000)).toBe('37,000 silent inside their lease');
  language.value = 'ja';
  expect(amountText(120_000, 'jpy')).toBe('\uffe5120,000');
});
