import { LeaseholdError } from '@leasehold/protocol';
import { describe, expect, test } from 'vitest';
import { Lane } from '../../packages/authority/src/serving/lane.js';

/** A lane with a clock by hand. */
function laneOf(width: number, random: () => number = () => 0) {
  const time = { now: 0 };
  return { lane: new Lane({ width, clock: () => time.now, random, later: setImmediate }), time };
}

function comeBack(lane: Lane): number | undefined {
  try {
    lane.assertOpen();
    return undefined;
  } catch (error) {
    if (!LeaseholdError.is(error) || error.code !== 'OVERLOADED') throw error;
    return error.details.retryAfterSeconds;
  }
}

describe('a lane', () => {
  test('lets so many in, the rest in the order of their coming', async () => {
    const { lane } = laneOf(2);
    const order: number[] = [];
    const ends = await Promise.all([lane.enter(), lane.enter()]);
    const waiting = [1, 2, 3].map(async (n) => {
      const end = await lane.enter();
      order.push(n);
      return end;
    });
    expect(lane.waiting).toBe(3);
    ends[0]?.();
    ends[0]?.(); // ending twice is ending
    (await waiting[0]!)();
    (await waiting[1]!)();
    (await waiting[2]!)();
    expect(order).toEqual([1, 2, 3]);
    expect(lane.waiting).toBe(0);
  });

  test('gives a turn that is free again in the next turn of the event loop, so that who comes meanwhile is seen', async () => {
    const { lane } = laneOf(1);
    const end = await lane.enter();
    const seen: string[] = [];
    const next = lane.enter().finally(() => seen.push('in'));
    end();
    for (let n = 0; n < 20; n += 1) await Promise.resolve();
    expect(seen).toEqual([]);
    await next;
  });

  test('turns nobody away while the first in the queue waits shortly, everybody else after that', async () => {
    const { lane, time } = laneOf(1);
    const end = await lane.enter();
    void lane.enter();
    time.now = 499;
    expect(comeBack(lane)).toBeUndefined();
    time.now = 500;
    expect(comeBack(lane)).toBeGreaterThanOrEqual(5);
    expect(lane.turnedAway).toBe(1);
    end();
    expect(comeBack(lane)).toBeUndefined();
  });

  test('gives each a time of its own, at the pace at which it serves', async () => {
    const { lane, time } = laneOf(1);
    const end = await lane.enter();
    void lane.enter();
    time.now = 1000;
    const times = Array.from({ length: 1000 }, () => comeBack(lane)!);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    // 50 a second until it knows better, of which three quarters are promised.
    expect(times.at(-1)).toBeCloseTo(5 + 1000 / 37.5, 0);
    const late = Array.from({ length: 100_000 }, () => comeBack(lane)!);
    expect(Math.max(...late)).toBe(900);
    end();
  });

  test('spreads by up to a quarter more', async () => {
    const { lane, time } = laneOf(1, () => 0.999);
    await lane.enter();
    void lane.enter();
    time.now = 1000;
    expect(comeBack(lane)).toBe(7);
  });
});
