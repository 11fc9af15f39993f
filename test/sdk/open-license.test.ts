import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LeaseholdError, openLicense } from '@leasehold/sdk';
import { describe, expect, test } from 'vitest';
import { LICENSE_KEY, problem } from '../support/loopback-authority.js';
import { openAgentSocket } from '../../packages/sdk/src/status-socket.js';
import { BACKUP, DAY, RESTORE, Site, temporaryFolder } from '../support/sdk-fixture.js';

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

describe('the lease chain', () => {
  test('a lost reply is asked again with the same nonce and costs no second seat', async () => {
    const site = await Site.start({ loseReply: true });
    const cut = await site.open({ activation });
    expect(cut.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'AUTHORITY_UNREACHABLE' });
    await cut.close();
    delete site.authority.behave.loseReply;
    const license = await site.open({ activation });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    const nonces = site.authority.asked.map(({ body }) => (body['chain'] as { nonce: string }).nonce);
    expect(new Set(nonces).size).toBe(1);
    expect(nonces.length).toBeGreaterThanOrEqual(2);
  });

  test('each check-in names the lease before it', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    expect((await license.check()).ok).toBe(true);
    expect((await license.check()).ok).toBe(true);
    const links = site.authority.asked.map(({ body }) => body['chain'] as { parent: string | null; nonce: string });
    expect(links.map(({ parent }) => parent)).toEqual([null, `1.${links[0]?.nonce}`, `2.${links[1]?.nonce}`]);
  });

  test('a replayed answer is not believed', async () => {
    const site = await Site.start({ replay: true });
    const license = await site.open({ activation });
    expect(license.status().problems).toMatchObject([{ code: 'TOKEN_FOREIGN' }]);
    expect(license.authorize(BACKUP).allowed).toBe(false);
  });

  test('an edited lease is not believed on the next start', async () => {
    const site = await Site.start();
    const first = await site.open({ activation });
    const longer = first.diagnostics().lease?.exp;
    expect(longer).toBeTypeOf('number');
    await first.close();
    const { StateStore } = await import('../../packages/sdk/src/state-store.js');
    const { fingerprint } = await import('@leasehold/fingerprint');
    const { binding } = await fingerprint({ salt: 'leasehold acme-backup' });
    const store = new StateStore({ folder: site.stateDir, binding });
    const read = await store.read('license');
    if (read.outcome !== 'found') throw new Error('no state');
    const document = read.value as { holding: { lease: string } };
    const [head, claims, seal] = document.holding.lease.split('.') as [string, string, string];
    const edited = { ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object), exp: 4_000_000_000 };
    document.holding.lease = [head, Buffer.from(JSON.stringify(edited)).toString('base64url'), seal].join('.');
    await store.write('license', document);
    await store.write('license', document);
    await site.authority.close();
    const license = await site.open();
    expect(license.status()).toMatchObject({ state: 'damaged', problems: [{ code: 'TOKEN_SIGNATURE' }] });
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'TOKEN_SIGNATURE' });
    expect(license.authorize(RESTORE).allowed).toBe(true);
  });

  test('a challenge is answered once', async () => {
    const site = await Site.start({ challenge: 'bm9uY2U' });
    const license = await site.open({ activation });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    expect(site.authority.asked).toHaveLength(2);
  });
});

describe('what an authority may say', () => {
  test('an explicit denial stops backups at once, across restarts, and never a restore', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    site.authority.behave.refuse = { '/v1/check-in': problem('LICENSE_REVOKED') };
    expect(await license.check()).toMatchObject({ ok: false, problem: { code: 'LICENSE_REVOKED' } });
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'LICENSE_REVOKED' });
    expect(license.authorize(RESTORE).allowed).toBe(true);
    await license.close();
    const again = await site.open({ activation });
    expect(again.status().state).toBe('denied');
    expect(again.authorize(BACKUP).allowed).toBe(false);
    site.authority.behave.refuse = {};
    expect((await again.check()).ok).toBe(true);
    expect(again.authorize(BACKUP).allowed).toBe(true);
  });

  test('a seat that an admin took away is not taken again by a timer, but by a person', async () => {
    const site = await Site.start();
    await (await site.open({ activation })).close();
    site.authority.behave.refuse = { '/v1/check-in': problem('NOT_ACTIVATED') };
    site.clock.pass(2 * DAY);
    const license = await site.open({ activation });
    await expect.poll(() => license.authorize(BACKUP).code, { timeout: 5000 }).toBe('NOT_ACTIVATED');
    expect(site.authority.asked.filter(({ path }) => path === '/v1/activate')).toHaveLength(1);
    expect((await license.check()).ok).toBe(true);
    expect(license.authorize(BACKUP).allowed).toBe(true);
  });

  test('an authority that lost the instance gets the license key again', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    site.authority.behave.refuse = { '/v1/check-in': problem('INSTANCE_UNKNOWN') };
    expect((await license.check()).ok).toBe(true);
    expect(site.authority.asked.at(-1)?.path).toBe('/v1/activate');
  });

  test('an outage leaves the lease alone', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    site.authority.behave.refuse = { '/v1/check-in': problem('OVERLOADED', { retryAfterSeconds: 120 }) };
    const { ok, status } = await license.check();
    expect(ok).toBe(false);
    expect(Date.parse(status.nextContact ?? '') - site.clock.wallMs).toBeGreaterThanOrEqual(120_000);
    expect(license.authorize(BACKUP).allowed).toBe(true);
  });
});

describe('its own timer', () => {
  test('checks in when the authority said so, without being asked', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    const { lastContact } = license.status();
    await license.close();
    site.clock.pass(1.1 * DAY);
    const later = await site.open({ activation });
    await expect.poll(() => later.status().lastContact, { timeout: 5000 }).not.toBe(lastContact);
    expect(site.authority.asked.map(({ path }) => path)).toEqual(['/v1/activate', '/v1/check-in']);
  });

  test('a backlog of reports goes on at once, batch by batch', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    for (let n = 0; n < 3500; n += 1) license.usage.record({ kind: 'backup', bytes: n });
    const waiting = () => license.usage.health().waiting;
    await expect.poll(() => license.check().then(() => waiting() < 3500), { timeout: 5000 }).toBe(true);
    await expect.poll(waiting, { timeout: 20_000 }).toBeLessThan(1000);
    const batches = site.authority.asked.flatMap(({ body }) => {
      return (body['usage'] as { records: unknown[] } | undefined)?.records.length ?? [];
    });
    expect(batches.slice(0, 3)).toEqual([1000, 1000, 1000]);
  });

  test('a refusal asks again soon, because the cure may be there', async () => {
    const site = await Site.start({ license: null });
    const license = await site.open({ activation });
    site.clock.pass(20 * 60_000);
    expect(license.authorize(BACKUP).allowed).toBe(false);
    expect(Date.parse(license.status().nextContact ?? '') - site.clock.wallMs).toBeLessThanOrEqual(60_000);
  });
});

describe('what will stop something', () => {
  test('a lease that nobody renews is told at 7, 3 and 1 days, once each; a healthy agent is silent', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    const told: [number, string][] = [];
    let day = 0;
    license.on('warning', ({ code }) => told.push([day, code]));
    for (; day < 3; day += 1) {
      expect((await license.check()).ok).toBe(true);
      site.clock.pass(DAY);
    }
    expect(told).toEqual([]);
    site.authority.behave.refuse = { '/v1/check-in': problem('OVERLOADED') };
    for (; day < 17; day += 1) {
      await license.check();
      expect(license.status().missedDays).toBe(day - 3);
      site.clock.pass(DAY);
    }
    expect(told).toEqual([
      [3, 'OVERLOADED'],
      [9, 'TOKEN_EXPIRED'],
      [13, 'TOKEN_EXPIRED'],
      [15, 'TOKEN_EXPIRED'],
    ]);
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'LEASE_EXPIRED' });
  });

  test('a keyset that ends within 90 days is told, and stops nothing that is held', async () => {
    const site = await Site.start({ keysetEnds: Math.floor(Date.now() / 1000) + 80 * 86_400 });
    const license = await site.open({ activation });
    expect(license.status()).toMatchObject({
      state: 'licensed',
      keyset: { endsSoon: true },
      problems: [{ code: 'KEYSET_EXPIRED' }],
    });
    expect(license.authorize(BACKUP).allowed).toBe(true);
  });
});

describe('giving the seat back', () => {
  test('empties the state; only a person takes it again', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    expect(await license.deactivate()).toEqual({ ok: true, reusableFrom: null });
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'NOT_ACTIVATED' });
    await license.close();
    const again = await site.open({ activation });
    expect(again.status().state).toBe('not_activated');
    expect((await again.check()).ok).toBe(true);
    expect(again.authorize(BACKUP).allowed).toBe(true);
  });

  test('changes nothing while the authority cannot be reached', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    await site.authority.close();
    expect(await license.deactivate()).toMatchObject({ ok: false, problem: { code: 'AUTHORITY_UNREACHABLE' } });
    expect(license.authorize(BACKUP).allowed).toBe(true);
  });
});

describe('the handle', () => {
  test('answers nonsense with a refusal that names the field, and never throws', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    for (const nonsense of [
      undefined,
      null,
      7,
      {},
      { action: 3 },
      { action: 'bakcup' },
      { ...BACKUP, size: 1n },
      { ...BACKUP, scope: 'all' },
    ]) {
      const answer = license.authorize(nonsense as never);
      expect(answer.allowed).toBe(false);
      expect(answer.explain().sentence).toContain('not one that can be judged');
    }
    expect(license.authorize({ action: 'backup', machine: 'another' })).toMatchObject({
      allowed: false,
      code: 'UNKNOWN_ID',
    });
    for (const nonsense of [null, {}, { kind: '' }, { kind: 'backup', bytes: -1 }])
      license.usage.record(nonsense as never);
    expect(license.usage.health().rejected).toBe(4);
  });

  test('usage rides on the check-in and is trimmed when it was seen', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    license.usage.record({ kind: 'backup', bytes: 1234 });
    license.usage.record({ kind: 'backup', bytes: 1 });
    await expect.poll(async () => (await license.check(), site.authority.asked.at(-1)?.body['usage'])).toBeUndefined();
    const usage = site.authority.asked.flatMap(
      ({ body }) => (body['usage'] as { records: { bytes: number }[] } | undefined) ?? [],
    );
    expect(usage.flatMap(({ records }) => records.map(({ bytes }) => bytes))).toEqual([1234, 1]);
    expect(license.usage.health().waiting).toBe(0);
  });

  test('refusals are told with the next check-in, once', async () => {
    const site = await Site.start({ license: null });
    const license = await site.open({ activation });
    for (let n = 0; n < 5; n += 1) license.authorize(BACKUP);
    await license.check();
    const told = site.authority.asked.at(-1)?.body['refusals'];
    expect(told).toEqual([
      expect.objectContaining({ action: 'backup', decision: expect.objectContaining({ decision: 'needs' }) }),
    ]);
    await license.check();
    expect(site.authority.asked.at(-1)?.body['refusals']).toBeUndefined();
  });

  test('diagnostics hold no key, no token and nothing raw', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    const text = JSON.stringify(license.diagnostics());
    const machineId = readFileSync('/etc/machine-id', 'utf8').trim();
    expect(text).not.toContain(LICENSE_KEY);
    if (machineId !== '') expect(text).not.toContain(machineId);
    expect(text).not.toMatch(/eyJ[\w-]{20,}\./);
  });

  test('tells of changes and new problems', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    const heard: string[] = [];
    license.on('change', ({ state }) => heard.push(state));
    const stop = license.on('warning', ({ code }) => heard.push(code));
    await license.check();
    await site.authority.close();
    await license.check();
    await license.check();
    expect(heard).toEqual(['licensed', 'AUTHORITY_UNREACHABLE', 'offline', 'offline']);
    stop();
  });

  test('closes at the end of its block: nothing is under way any more, and what was recorded waits on the disk', async () => {
    const site = await Site.start();
    {
      await using license = await openLicense(site.options({ activation }));
      license.usage.record({ kind: 'backup', bytes: 7 });
    }
    const asked = site.authority.asked.length;
    const again = await site.open({ activation });
    await expect.poll(() => again.usage.health().waiting).toBe(1);
    expect(again.status().role).toBe('owner');
    expect(site.authority.asked).toHaveLength(asked);
  });

  test('rejects only for mistakes in the options, and names the path', async () => {
    const site = await Site.start();
    const wrong: [string, object][] = [
      ['product', { product: '' }],
      ['stateDir', { stateDir: 'relative' }],
      ['roots', { roots: [] }],
      ['roots[0]', { roots: [{ kty: 'RSA' }] }],
      ['authority', { authority: 'ftp://x' }],
      ['activation.key', { activation: {} }],
      ['stateDirectory', { stateDirectory: '/x' }],
    ];
    for (const [path, more] of wrong) {
      const error: unknown = await openLicense(site.options(more)).catch((caught: unknown) => caught);
      if (!LeaseholdError.is(error)) throw new Error(`${path} was accepted`);
      expect(error).toMatchObject({ code: 'OPTIONS_INVALID', details: { path } });
    }
  });

  test('a state folder that was lost is activated anew', async () => {
    const site = await Site.start();
    await (await site.open({ activation })).close();
    rmSync(site.stateDir, { recursive: true });
    const license = await site.open({ activation });
    expect(license.authorize(BACKUP).allowed).toBe(true);
  });

  test('state that was edited is healed by the license key', async () => {
    const site = await Site.start();
    await (await site.open({ activation })).close();
    for (const name of readdirSync(site.stateDir).filter((file) => /\.(a|b)$/.test(file))) {
      writeFileSync(join(site.stateDir, name), 'edited');
    }
    const license = await site.open({ activation });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    expect(license.status()).toMatchObject({ state: 'licensed', problems: [] });
  });
});
