import { isNews, warningLevel, type Decision } from '@leasehold/terms';
import { expect, test } from 'vitest';

const steps = [30, 14, 7, 3, 1, 0];
const soon = (daysLeft: number): Decision => ({
  decision: 'warn',
  reason_rule: 'D-2',
  warnings: ['EXPIRES_SOON'],
  value: { daysLeft },
});

test.each([
  [30, 30],
  [29, 30],
  [15, 30],
  [14, 14],
  [8, 14],
  [7, 7],
  [4, 7],
  [3, 3],
  [2, 3],
  [1, 1],
  [0, 0],
])('%i days left are level %i', (daysLeft, days) => {
  expect(warningLevel(soon(daysLeft), steps)).toEqual({ cause: 'D-2 warn EXPIRES_SOON', days });
});

test('more days than the first step, or none, have no step', () => {
  expect(warningLevel(soon(31), steps)).toMatchObject({ days: null });
  expect(warningLevel({ decision: 'warn', reason_rule: 'F-3', warnings: ['INVENTORY_STALE'] }, steps)).toEqual({
    cause: 'F-3 warn INVENTORY_STALE',
    days: null,
  });
  expect(warningLevel({ decision: 'allow', reason_rule: 'AIP-0.1' }, steps)).toBeNull();
});

test('from a year before the end to its day, each level is told once', () => {
  let last = null as ReturnType<typeof warningLevel>;
  const told: number[] = [];
  for (let days = 365; days >= 0; days -= 1) {
    for (let job = 0; job < 24; job += 1) {
      const decision: Decision = days > 30 ? { decision: 'allow', reason_rule: 'AIP-0.1' } : soon(days);
      const now = warningLevel(decision, steps);
      if (isNews(now, last)) told.push(days);
      last = now;
    }
  }
  expect(told).toEqual(steps);
});

test('another cause is news, the same one with more time is not, and its next step is again', () => {
  const at3 = warningLevel(soon(3), steps);
  const grace: Decision = { decision: 'warn', reason_rule: 'D-3', warnings: ['IN_GRACE'], value: { daysLeft: 30 } };
  expect(isNews(warningLevel(grace, steps), at3)).toBe(true);
  const extended = warningLevel(soon(10), steps);
  expect(isNews(extended, at3)).toBe(false);
  expect(isNews(warningLevel(soon(7), steps), extended)).toBe(true);
  expect(isNews(null, at3)).toBe(false);
  expect(isNews(at3, null)).toBe(true);
});
