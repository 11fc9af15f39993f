import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openLicense } from '@leasehold/sdk';
import { describe, expect, test } from 'vitest';
import { startBench } from '../support/authority.js';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { openAgentSocket } from '../../packages/sdk/src/socket/status-socket.js';
import { BACKUP, cleanUp, DAY, RESTORE, Site, temporaryFolder } from '../support/sdk-fixture.js';

const activation = { key: LICENSE_KEY };

describe('a first start', () => {
  test('activates by license key and licenses a backup', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    const answer = license.authorize(BACKUP);
    expect(answer).toMatchObject({ allowed: true, decision: 'allow', reason_rule: 'AIP-0.1', notify: false });
    expect(license.authorize(RESTORE)).toMatchObject({ allowed: true, decision: 'allow' });
    expect(license.status()).toMatchObject({
      state: 'licensed',
      role: 'owner',
      problems: [],
      missedDays: 0,
      clock: 'ok',
    });
    expect(license.status().offlineUntil).toBe(
      new Date(Math.floor(site.clock.wallMs / 1000) * 1000 + 14 * DAY).toISOString(),
    );
    expect(site.authority.asked.map(({ path }) => path)).toEqual(['/v1/activate']);
  });

  test('explains itself in two languages', async () => {
    const site = await Site.start({ license: null });
    const license = await site.open({ activation });
    const answer = license.authorize(BACKUP);
    expect(answer).toMatchObject({ allowed: false, decision: 'needs', notify: true });
    expect(answer.needs).toEqual([expect.objectContaining({ edition: 'linux', count: 1 })]);
    expect(answer.explain().sentence).toBe('This machine has no license of its own.');
    expect(answer.explain('ja').language).toBe('ja');
    expect(license.authorize(BACKUP).notify).toBe(false);
  });

  test('advises what would be needed, and changes nothing', async () => {
    const site = await Site.start({ license: null });
    const license = await site.open({ activation });
    const plan = license.advise(BACKUP);
    expect(plan).toMatchObject({
      possible: true,
      before: { decision: 'needs' },
      after: { decision: 'allow' },
      licenses: 1,
    });
    expect(license.authorize(BACKUP).allowed).toBe(false);
    expect(license.advise({ action: 'bakcup' })).toBeUndefined();
  });

  test('without a key says that it is not activated, and keeps restores open', async () => {
    const site = await Site.start();
    const license = await site.open();
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'NOT_ACTIVATED' });
    expect(license.authorize(RESTORE)).toMatchObject({ allowed: true, warnings: ['RESTORE_ONLY'] });
    expect(license.status()).toMatchObject({ state: 'not_activated' });
    expect(site.authority.asked).toEqual([]);
  });
});

describe('a later start', () => {
  test('verifies what is held and asks nobody', async () => {
    const site = await Site.start();
    await (await site.open({ activation })).close();
    site.authority.asked.length = 0;
    const license = await site.open({ activation });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    expect(license.status().state).toBe('licensed');
    expect(site.authority.asked).toEqual([]);
  });

  test('answers first and takes the folder right after; what was recorded meanwhile is on disk then', async () => {
    const site = await Site.start();
    await (await site.open({ activation })).close();
    const license = await site.open({ activation });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    expect(license.status()).toMatchObject({ state: 'licensed', role: 'pending', problems: [] });
    for (let n = 0; n < 1500; n += 1) license.usage.record({ kind: 'backup', bytes: n });
    await expect.poll(() => license.status().role).toBe('owner');
    await expect.poll(() => license.usage.health()).toMatchObject({ state: 'ok', waiting: 1500, rejected: 0 });
    expect(await openAgentSocket({ status: () => 0, check: async () => 0 }, { folder: site.stateDir })).toMatchObject({
      outcome: 'in_use',
    });
  });

  test('takes over what another process wrote between its first answer and its lock', async () => {
    const site = await Site.start();
    const first = await site.open({ activation });
    const { lastContact: before } = first.status();
    const older = join(temporaryFolder(), 'older');
    cpSync(site.stateDir, older, { recursive: true, filter: (path) => !path.endsWith('.sock') });
    site.clock.pass(DAY);
    const { lastContact: after } = (await first.check()).status;
    expect(after).not.toBe(before);
    await first.close();
    const newer = join(temporaryFolder(), 'newer');
    cpSync(site.stateDir, newer, { recursive: true });
    rmSync(site.stateDir, { recursive: true });
    cpSync(older, site.stateDir, { recursive: true });

    const license = await site.open({ activation });
    expect(license.status()).toMatchObject({ role: 'pending', lastContact: before });
    cpSync(newer, site.stateDir, { recursive: true });
    await expect.poll(() => license.status().role).toBe('owner');
    await expect.poll(() => license.status().lastContact).toBe(after);
    await license.close();
    expect((await site.open({ activation })).status().lastContact).toBe(after);
  });

  test('beside a process that holds the folder says so at once', async () => {
    const site = await Site.start();
    await site.open({ activation });
    const second = await site.open({ activation });
    expect(second.status()).toMatchObject({ role: 'reader', problems: [{ code: 'STATE_IN_USE' }] });
    expect(second.authorize(BACKUP).allowed).toBe(true);
  });

  test('runs offline until the lease ends, then refuses backups by D-5 and no restore', async () => {
    const site = await Site.start();
    await (await site.open({ activation })).close();
    await site.authority.close();
    const license = await site.open({ activation });
    site.clock.pass(13.9 * DAY);
    expect(license.authorize(BACKUP).allowed).toBe(true);
    site.clock.pass(0.2 * DAY);
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'LEASE_EXPIRED', reason_rule: 'D-5' });
    expect(license.authorize(BACKUP).explain().sentence).toContain('lease of this machine has ended');
    expect(license.authorize({ action: 'be_media.use', purpose: 'cold_backup' }).allowed).toBe(false);
    expect(license.authorize(RESTORE)).toMatchObject({ allowed: true, warnings: ['RESTORE_ONLY'] });
    expect(license.status().state).toBe('lapsed');
    const check = await license.check();
    expect(check).toMatchObject({ ok: false, problem: { code: 'AUTHORITY_UNREACHABLE' } });
  });

  test('after the lease has ended waits for a contact first', async () => {
    const site = await Site.start();
    await (await site.open({ activation })).close();
    site.clock.pass(20 * DAY);
    const license = await site.open({ activation });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    expect(site.authority.asked.map(({ path }) => path)).toEqual(['/v1/activate', '/v1/check-in']);
  });

  test('of a machine whose lease was made for other hardware goes on for the shortage grace', async () => {
    const site = await Site.start();
    const { fingerprint } = await import('@leasehold/fingerprint');
    const as = (id: string) => ({
      fingerprint: async (options: Parameters<typeof fingerprint>[0]) => {
        const found = await fingerprint(options);
        const value = (hash: string) => ({ state: 'value', hash, of: 'machine' }) as const;
        const components = {
          hardware_uuid: value(`${id}1`),
          machine_id: value(`${id}2`),
          disk_serial: value(`${id}3`),
        };
        return { ...found, components };
      },
    });
    await (await site.open({ activation }, as('AA'))).close();
    await site.authority.close();
    const license = await site.open({ activation }, as('BB'));
    const answer = license.authorize(BACKUP);
    expect(answer).toMatchObject({
      allowed: true,
      warnings: ['MACHINE_CHANGED'],
      value: { daysLeft: 14 },
      notify: true,
    });
    expect(answer.explain().sentence).toContain('not the hardware');
    expect(license.status()).toMatchObject({ machine: 'changed', problems: [{ code: 'MACHINE_CHANGED' }] });
    expect(license.status().shortageGraceUntil).not.toBeNull();
    await license.close();
    site.clock.pass(10 * DAY);
    const later = await site.open({ activation }, as('BB'));
    expect(later.authorize(BACKUP)).toMatchObject({ allowed: true, value: { daysLeft: 4 } });
    site.clock.pass(3.99 * DAY);
    expect(later.authorize(BACKUP)).toMatchObject({ allowed: true, value: { daysLeft: 1 } });
    expect(later.authorize(RESTORE).allowed).toBe(true);
  });
});

describe('a slip of the vendor', () => {
  test('an event that never comes, and a listener that is none, are told', async () => {
    const site = await Site.start();
    const license = await site.open();
    const listen = (event: string, listener: unknown) => license.on(event as never, listener as never);
    expect(() => listen('chnage', () => undefined)).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', details: expect.objectContaining({ path: 'event' }) }),
    );
    expect(() => listen('chnage', () => undefined)).toThrow('chnage');
    expect(() => listen('change', 'tellAdmin')).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ path: 'listener' }) }),
    );
    license.on('warning', () => undefined)();
  });

  test.each([
    ['testing', true],
    ['testing', []],
    ['testing.now', { now: () => 0 }],
  ])('%s: a replacement of the world that would be passed over', async (path, testing) => {
    const site = await Site.start();
    const options = { ...site.options(), testing: testing as never };
    await expect(openLicense(options)).rejects.toMatchObject({ code: 'OPTIONS_INVALID', details: { path } });
  });

  test('a path that does not belong to the address is told with what to do', async () => {
    const site = await Site.start();
    const bench = await startBench();
    cleanUp(() => bench.close());
    const license = await site.open({ activation, authority: `${bench.authority.url}/v1` });
    const [problem] = license.status().problems;
    expect(problem).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('/v1') as string });
    expect(problem?.remedy).toContain('Leave /v1 out of the option `authority`');
    expect(license.authorize(RESTORE).allowed).toBe(true);
  });
});
