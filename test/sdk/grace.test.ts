import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { License, Status } from '@leasehold/sdk';
import { describe, expect, test } from 'vitest';
import { LICENSE_KEY, problem } from '../support/loopback-authority.js';
import { BACKUP, DAY, RESTORE, Site, cleanUp, machineNamed } from '../support/sdk-fixture.js';

const activation = { key: LICENSE_KEY };
const NOBODY = 'http://127.0.0.1:9';
const HOUR = DAY / 24;

async function held(): Promise<Site> {
  const site = await Site.start();
  await (await site.open({ activation })).close();
  return site;
}

/** Hours of offline life that are left, by what the license itself says. */
function hoursLeft(license: License, site: Site): number {
  const { offlineUntil } = license.status();
  return Math.max(0, (Date.parse(offlineUntil ?? '') - site.clock.wallMs) / HOUR);
}

describe('offline life', () => {
  test('runs down over restarts, +25 h, +100 h, +8760 h, and ends once', async () => {
    const site = await held();
    const left: number[] = [];
    const allowed: boolean[] = [];
    for (const hours of [0, 25, 100, 8760]) {
      site.clock.pass(hours * HOUR);
      const license = await site.open({ authority: NOBODY });
      left.push(Math.round(hoursLeft(license, site)));
      allowed.push(license.authorize(BACKUP).allowed);
      expect(license.authorize(RESTORE).allowed).toBe(true);
      await license.close();
    }
    expect(left).toEqual([336, 311, 211, 0]);
    expect(allowed).toEqual([true, true, true, false]);
  });

  test.each([10, 46, 3650])(
    'that has ended does not come back by a clock set back %i days, in the process or after a restart',
    async (days) => {
      const site = await held();
      const license = await site.open({ authority: NOBODY });
      site.clock.pass(15 * DAY);
      const right = Math.floor(site.clock.wallMs / 1000);
      site.authority.behave.now = () => right;
      expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'LEASE_EXPIRED' });
      site.clock.wallMs -= days * DAY;
      expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'LEASE_EXPIRED' });
      await license.close();
      const again = await site.open({ authority: NOBODY });
      expect(again.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'LEASE_EXPIRED' });
      expect(again.status().clock).toBe('rolled_back');
      await again.close();
      // Also after the machine was restarted: all it knows is the mark on its disk.
      Object.assign(site.clock, { bootId: 'boot-2', uptimeMs: 60_000 });
      const rebooted = await site.open({ authority: NOBODY });
      expect(rebooted.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'LEASE_EXPIRED' });
      expect(rebooted.authorize(RESTORE).allowed).toBe(true);
      await rebooted.close();
      const healed = await site.open();
      expect(healed.status()).toMatchObject({ state: 'licensed', clock: 'behind', problems: [] });
    },
  );

  test('goes on through sleep: the time asleep counts, and the first answer after it is right', async () => {
    const site = await held();
    const license = await site.open({ authority: NOBODY });
    site.clock.pass(13 * DAY);
    expect(license.authorize(BACKUP).allowed).toBe(true);
    site.clock.pass(2 * DAY);
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'LEASE_EXPIRED' });
    site.clock.uptimeMs += 30 * DAY;
    site.clock.wallMs -= 5 * DAY;
    expect(license.authorize(BACKUP).allowed).toBe(false);
  });

  test('a jump of the clock to ten years ahead and back costs nothing for good', async () => {
    const site = await held();
    const license = await site.open({ authority: NOBODY });
    site.clock.wallMs += 3650 * DAY;
    expect(license.authorize(BACKUP).allowed).toBe(false);
    expect(license.status().clock).toBe('ahead');
    await license.close();
    const again = await site.open({ authority: NOBODY });
    expect(again.authorize(BACKUP).allowed).toBe(false);
    site.clock.wallMs -= 3650 * DAY;
    expect(again.authorize(BACKUP).allowed).toBe(true);
    expect(again.status()).toMatchObject({ state: 'offline', clock: 'ok' });
  });

  test('lets a job finish that runs when it ends, and starts none (D-8)', async () => {
    const site = await held();
    const license = await site.open({ authority: NOBODY });
    site.clock.pass(13 * DAY);
    const running = { action: 'job.continue', startedAt: new Date(site.clock.wallMs).toISOString() };
    site.clock.pass(2 * DAY);
    expect(license.authorize(running)).toMatchObject({ allowed: true });
    expect(license.authorize(BACKUP).allowed).toBe(false);
  });
});

describe('a warning', () => {
  test('comes once for each level, over as many restarts as there are', async () => {
    const site = await held();
    const told: [number, string][] = [];
    for (let day = 1; day <= 16; day += 1) {
      site.clock.pass(DAY);
      const license = await site.open({ authority: NOBODY });
      license.on('warning', ({ code }) => told.push([day, code]));
      license.status();
      license.status();
      await license.close();
    }
    expect(told).toEqual([
      [7, 'TOKEN_EXPIRED'],
      [11, 'TOKEN_EXPIRED'],
      [13, 'TOKEN_EXPIRED'],
    ]);
  });

  test('of a license that ends is told once for each level, over restarts too', async () => {
    const site = await Site.start();
    const ends = new Date(site.clock.wallMs + 20 * DAY).toISOString();
    site.authority.behave.license = { term: 'subscription', validUntil: ends };
    const told: number[] = [];
    for (let day = 0; day < 20; day += 1) {
      const license = await site.open({ activation });
      await license.check();
      if (license.authorize(BACKUP).notify) told.push(day);
      if (license.authorize(BACKUP).notify) told.push(-day);
      await license.close();
      site.clock.pass(DAY);
    }
    expect(told).toEqual([0, 6, 13, 17, 19]);
  });
});

describe('an explicit no of the authority', () => {
  test('rides on no grace: not on the lease, not through an outage, not on other hardware, not over restarts', async () => {
    const site = await Site.start();
    const license = await site.open({ activation }, machineNamed('one'));
    site.authority.behave.refuse = { '/v1/check-in': problem('LICENSE_REVOKED') };
    await license.check();
    await license.close();
    for (const machine of ['one', 'other']) {
      const again = await site.open({ authority: NOBODY }, machineNamed(machine));
      await again.check();
      expect(again.authorize(BACKUP)).toMatchObject({ allowed: false });
      expect(again.authorize(RESTORE).allowed).toBe(true);
      await again.close();
    }
  });
});

describe('after a failure the agent comes back', () => {
  /** Minutes to the next attempt after each of ten failures, with jitter at its end or at its beginning. */
  async function waits(byte: number, retryAfter?: number): Promise<number[]> {
    const site = await held();
    const details = retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter };
    site.authority.behave.refuse = { '/v1/check-in': problem('OVERLOADED', details) };
    const random = (size: number) => Buffer.alloc(size, byte);
    const license = await site.open({}, { random });
    const found: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      const { status } = await license.check();
      found.push(Math.round((Date.parse(status.nextContact ?? '') - site.clock.wallMs) / 60_000));
    }
    return found;
  }

  test('after a random wait below a bound that doubles up to an hour', async () => {
    expect(await waits(255)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    expect(await waits(0)).toEqual(Array.from({ length: 10 }, () => 0));
    expect((await waits(128)).slice(0, 4)).toEqual([1, 1, 2, 4]);
  });

  test('not before it was asked to, and no later than a day however long it was asked to stay away', async () => {
    expect((await waits(0, 90 * 60))[0]).toBe(90);
    expect((await waits(0, 10 * 365 * 86_400))[0]).toBe(24 * 60);
  });

  test.each([
    ['in seconds', '120', 2],
    ['as an instant by its own clock', 'Fri, 01 Jan 1999 00:05:00 GMT', 5],
    ['in words that mean nothing', 'soon', 0],
  ])('when something before the authority says so %s', async (_name, header, minutes) => {
    const site = await held();
    const server = createServer((_request, response) => {
      response.writeHead(503, { 'retry-after': header, date: 'Fri, 01 Jan 1999 00:00:00 GMT' }).end('busy');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    cleanUp(() => (server.closeAllConnections(), server.close()));
    const authority = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const license = await site.open({ authority }, { random: (size) => Buffer.alloc(size) });
    const { status } = await license.check();
    expect(Math.round((Date.parse(status.nextContact ?? '') - site.clock.wallMs) / 60_000)).toBe(minutes);
    expect(license.authorize(BACKUP).allowed).toBe(true);
  });

  /** An overdue check-in that is refused like this, and how many ms a start right after it still waits for the next. */
  async function afterRestart(details: { retryAfterSeconds?: number }, days = 1.5) {
    const site = await held();
    site.clock.wallMs += days * DAY;
    site.authority.behave.refuse = { '/v1/check-in': problem('OVERLOADED', details) };
    const random = (size: number) => Buffer.alloc(size, 255);
    const killed = await site.open({ authority: site.authority.url }, { random });
    await killed.check();
    await killed.close();
    const open = () => site.open({ authority: site.authority.url }, { random });
    const pause = ({ status }: { status: () => Status }) => Date.parse(status().nextContact ?? '') - site.clock.wallMs;
    return { site, open, pause };
  }

  test('also where it is started again and again: not before it was asked to', async () => {
    const { site, open, pause } = await afterRestart({ retryAfterSeconds: 600 });
    const asked = site.authority.asked.length;
    for (let n = 0; n < 5; n += 1) {
      const again = await open();
      expect(again.authorize(BACKUP).allowed).toBe(true);
      expect(pause(again)).toBeGreaterThan(590_000);
      await again.close();
    }
    expect(site.authority.asked).toHaveLength(asked);
    site.clock.pass(601_000);
    site.authority.behave.refuse = {};
    const later = await open();
    await expect.poll(() => site.authority.asked.length, { timeout: 5000 }).toBeGreaterThan(asked);
    await later.close();
    site.clock.pass(2 * DAY);
    expect(pause(await open())).toBeLessThanOrEqual(0);
  });

  test('and else within a minute, or who starts it anew to see whether it is cured waits for long', async () => {
    const { site, open, pause } = await afterRestart({});
    const again = await open();
    expect(pause(again)).toBeGreaterThan(30_000);
    expect(pause(again)).toBeLessThanOrEqual(60_000);
    expect((await again.check()).ok).toBe(false);
    expect(site.authority.asked.filter(({ path }) => path === '/v1/check-in')).toHaveLength(2);
  });

  test('and a pause that a wrong clock wrote down holds nobody back', async () => {
    const { site, open, pause } = await afterRestart({ retryAfterSeconds: 600 }, 14_000);
    site.clock.wallMs -= 13_998 * DAY;
    expect(pause(await open())).toBeLessThanOrEqual(0);
  });

  test('heals by itself with the first contact after the lease has ended', async () => {
    const site = await held();
    const license = await site.open({ authority: site.authority.url });
    site.authority.behave.refuse = { '/v1/check-in': problem('OVERLOADED') };
    site.clock.pass(20 * DAY);
    await license.check();
    expect(license.status().state).toBe('lapsed');
    site.authority.behave.refuse = {};
    expect((await license.check()).status).toMatchObject({ state: 'licensed', problems: [], missedDays: 0 });
    expect(license.authorize(BACKUP).allowed).toBe(true);
  });
});
