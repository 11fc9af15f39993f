import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LICENSE_KEY, problem } from '../support/loopback-authority.js';
import { BACKUP, DAY, RESTORE, Site } from '../support/sdk-fixture.js';

const firstRunDays = 14;
const NOBODY = 'http://127.0.0.1:9';

describe('the first days of an installation that was never activated', () => {
  test('back up with a warning until they are over, counted across restarts; restores stay open', async () => {
    const site = await Site.start();
    const open = () => site.open({ firstRunDays });
    const license = await open();
    const first = license.authorize(BACKUP);
    expect(first).toMatchObject({ allowed: true, decision: 'warn', warnings: ['FIRST_RUN'], value: { daysLeft: 14 } });
    expect(first.notify).toBe(true);
    expect(first.explain()).toMatchObject({
      sentence: expect.stringMatching(/holds no license yet; .* until 2/),
      cure: expect.stringContaining('license key'),
    });
    expect(license.authorize(BACKUP).notify).toBe(false);
    expect(license.status().state).toBe('not_activated');
    await license.close();
    site.clock.pass(13.5 * DAY);
    const later = await open();
    expect(later.authorize(BACKUP)).toMatchObject({ allowed: true, value: { daysLeft: 1 } });
    await later.close();
    site.clock.pass(0.6 * DAY);
    const over = await open();
    expect(over.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'NOT_ACTIVATED' });
    expect(over.authorize(RESTORE).allowed).toBe(true);
  });

  test('hold through an outage, and not through a no of the authority, nor after it', async () => {
    const site = await Site.start();
    const activation = { key: LICENSE_KEY };
    const offline = await site.open({ firstRunDays, activation, authority: NOBODY });
    expect(offline.authorize(BACKUP)).toMatchObject({ allowed: true, warnings: ['FIRST_RUN'] });
    await offline.close();
    site.authority.behave.refuse = { '/v1/activate': problem('OVERLOADED') };
    const busy = await site.open({ firstRunDays, activation });
    expect(busy.authorize(BACKUP).allowed).toBe(true);
    site.authority.behave.refuse = { '/v1/activate': problem('SEATS_EXHAUSTED') };
    await busy.check();
    expect(busy.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'SEATS_EXHAUSTED' });
    await busy.close();
    const again = await site.open({ firstRunDays, activation, authority: NOBODY });
    expect(again.authorize(BACKUP).allowed).toBe(false);
    expect(again.authorize(RESTORE).allowed).toBe(true);
    await again.close();
    site.authority.behave.refuse = {};
    expect((await site.open({ firstRunDays, activation })).authorize(BACKUP).decision).toBe('allow');
  });

  test('are not had again by giving the seat back, nor by damage, nor by a clock that is set back', async () => {
    const site = await Site.start();
    const license = await site.open({ firstRunDays, activation: { key: LICENSE_KEY } });
    expect(license.authorize(BACKUP).decision).toBe('allow');
    expect((await license.deactivate()).ok).toBe(true);
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'NOT_ACTIVATED' });
    await license.close();
    expect((await site.open({ firstRunDays })).authorize(BACKUP).allowed).toBe(false);

    const other = await Site.start();
    await (await other.open({ firstRunDays })).close();
    rmSync(`${other.stateDir}/store.key`);
    expect((await other.open({ firstRunDays })).authorize(BACKUP)).toMatchObject({
      allowed: false,
      code: 'STATE_DAMAGED',
    });

    const back = await Site.start();
    await (await back.open({ firstRunDays })).close();
    back.clock.pass(20 * DAY);
    await (await back.open({ firstRunDays })).close();
    back.clock.wallMs -= 19 * DAY;
    expect((await back.open({ firstRunDays })).authorize(BACKUP).allowed).toBe(false);
  });

  test('count from when the clock is right: they were over with a start in 1970, and without end with one in a time to come', async () => {
    const site = await Site.start();
    const today = site.clock.wallMs;
    const activation = { key: LICENSE_KEY };
    site.clock.wallMs = Date.UTC(1970, 0, 1, 1);
    const license = await site.open({ firstRunDays, activation, authority: NOBODY });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    site.clock.wallMs = today;
    await license.check();
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: true, value: { daysLeft: 14 } });
    await license.close();
    site.clock.pass(14.1 * DAY);
    const over = await site.open({ firstRunDays, activation, authority: NOBODY });
    await over.check();
    expect(over.authorize(BACKUP).allowed).toBe(false);

    const ahead = await Site.start();
    ahead.authority.behave.now = () => Math.floor(today / 1000);
    ahead.authority.behave.refuse = { '/v1/activate': problem('OVERLOADED') };
    ahead.clock.wallMs = today + 365 * DAY;
    const early = await ahead.open({ firstRunDays, activation });
    ahead.clock.wallMs = today;
    await early.check();
    expect(early.authorize(BACKUP)).toMatchObject({ allowed: true });
    expect(early.authorize(BACKUP).value).toMatchObject({ daysLeft: 14 });
  });

  test('begin only where their start can be written, and only where the vendor grants them', async () => {
    const site = await Site.start();
    expect((await site.open()).authorize(BACKUP).allowed).toBe(false);
    const reader = await site.open({ firstRunDays, stateDir: '/proc/leasehold' });
    expect(reader.authorize(BACKUP).allowed).toBe(false);
    for (const wrong of [0, 31, 1.5, '14']) {
      await expect(site.open({ firstRunDays: wrong as number })).rejects.toMatchObject({
        details: { path: 'firstRunDays' },
      });
    }
  });
});
