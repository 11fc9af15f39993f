import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { Site } from '../support/sdk-fixture.js';

const zone = process.env['TZ'];
beforeAll(() => void (process.env['TZ'] = 'Europe/Berlin'));
afterAll(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

describe('the daily check keeps its time of day (A-23)', () => {
  test.each([
    ['an ordinary day', '2026-06-15T06:05:00Z', '2026-06-16T06:05:00.000Z'],
    ['the last of winter time', '2026-03-28T07:05:00Z', '2026-03-29T06:05:00.000Z'],
    ['the last of summer time', '2026-10-24T06:05:00Z', '2026-10-25T07:05:00.000Z'],
  ])('after %s', async (_day, at, next) => {
    const site = await Site.start();
    site.clock.wallMs = Date.parse(at);
    const license = await site.open({ activation: { key: LICENSE_KEY } });
    expect(license.status().nextContact).toBe(next);
  });
});
