import { expect, test } from 'vitest';
import { LICENSE_KEY, problem } from '../support/loopback-authority.js';
import { BACKUP, DAY, RESTORE, Site } from '../support/sdk-fixture.js';

const activation = { key: LICENSE_KEY };
const away = { '/v1/check-in': problem('OVERLOADED') };

/** A machine whose check-in was answered, whose reply was lost, and that nobody answered for `days` since. */
async function lostReply(days: number) {
  const site = await Site.start();
  const license = await site.open({ activation });
  site.clock.pass(DAY);
  site.authority.behave.loseReply = true;
  expect((await license.check()).ok).toBe(false);
  delete site.authority.behave.loseReply;
  site.authority.behave.refuse = away;
  site.clock.pass(days * DAY);
  await license.check();
  site.authority.behave.refuse = {};
  return { site, license };
}

test.each([5, 20])(
  'a lost reply that is answered again %i days later sets no clock back and prolongs nothing',
  async (days) => {
    const { site, license } = await lostReply(days);
    const { ok, status } = await license.check();
    const now = site.clock.wallMs;
    expect({ ok, state: status.state, clock: status.clock, missedDays: status.missedDays }).toEqual({
      ok: true,
      state: 'licensed',
      clock: 'ok',
      missedDays: 0,
    });
    expect(Math.abs(Date.parse(status.lastContact!) - now)).toBeLessThan(1000);
    expect(Math.abs(Date.parse(status.offlineUntil!) - now - 14 * DAY)).toBeLessThan(1000);
    expect(license.authorize(BACKUP).allowed).toBe(true);
    site.authority.behave.refuse = away;
    site.clock.pass(14.1 * DAY);
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'LEASE_EXPIRED' });
    expect(license.authorize(RESTORE).allowed).toBe(true);
  },
);

test('an answer that was never lost is not asked for twice, also where the request was made anew', async () => {
  const site = await Site.start();
  const license = await site.open({ activation });
  site.authority.behave.refuse = away;
  site.clock.pass(3 * DAY);
  expect((await license.check()).ok).toBe(false);
  site.authority.behave.refuse = {};
  site.clock.pass(DAY);
  const before = site.authority.asked.length;
  expect((await license.check()).ok).toBe(true);
  expect(site.authority.asked.length - before).toBe(1);
});

test('a clock that stands years ahead is healed by an answer to a request that nobody had answered at first', async () => {
  const site = await Site.start();
  const license = await site.open({ activation });
  const real = site.clock.wallMs;
  site.authority.behave.now = () => Math.floor((site.clock.wallMs - 900 * DAY) / 1000);
  site.authority.behave.refuse = away;
  site.clock.wallMs = real + 900 * DAY;
  expect((await license.check()).ok).toBe(false);
  site.clock.pass(2 * DAY);
  site.authority.behave.refuse = {};
  expect(await license.check()).toMatchObject({ ok: true, status: { state: 'licensed', clock: 'ahead' } });
  const { lastContact, offlineUntil } = license.status();
  expect(Math.abs(Date.parse(lastContact!) - real - 2 * DAY)).toBeLessThan(2000);
  expect(Math.abs(Date.parse(offlineUntil!) - real - 16 * DAY)).toBeLessThan(2000);
  expect(license.authorize(BACKUP).allowed).toBe(true);
});
