import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { describe, expect, test } from 'vitest';
import { undiciWire } from '../../packages/sdk/src/wire/wire.js';
import { LICENSE_KEY, problem } from '../support/loopback-authority.js';
import { BACKUP, DAY, RESTORE, Site } from '../support/sdk-fixture.js';

const activation = { key: LICENSE_KEY };

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
    const { StateStore } = await import('../../packages/sdk/src/state/state-store.js');
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
    expect(license.status()).toMatchObject({
      state: 'damaged',
      problems: [{ code: 'TOKEN_SIGNATURE' }, { code: 'AUTHORITY_UNREACHABLE' }],
    });
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

  test('a machine that is renamed while it runs is told of by its new name', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    const { hostname } = os;
    try {
      os.hostname = () => 'renamed';
      syncBuiltinESMExports();
      expect((await license.check()).ok).toBe(true);
    } finally {
      os.hostname = hostname;
      syncBuiltinESMExports();
    }
    const names = site.authority.asked.map(({ body }) => (body['machine'] as { label: string }).label);
    expect(names).toEqual([hostname(), 'renamed']);
  });

  test('a contact that failed while the clock stood a year ahead is tried again once the clock is right', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    const away = { '/v1/check-in': problem('OVERLOADED') };
    site.authority.behave.refuse = away;
    site.clock.wallMs += 365 * DAY;
    expect((await license.check()).ok).toBe(false);
    site.clock.wallMs -= 365 * DAY;
    site.clock.pass(2 * DAY);
    expect(Date.parse(license.status().nextContact!) - site.clock.wallMs).toBeLessThanOrEqual(DAY);
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

  test('a keyset that ends is told at 90, 30 and 7 days, once each, however often the product is started', async () => {
    const site = await Site.start({ keysetEnds: Math.floor(Date.now() / 1000) + 92 * 86_400, leaseDays: 90 });
    const told: [number, string][] = [];
    for (let day = 0; day < 92; day += 1) {
      const license = await site.open({ activation });
      license.on('warning', ({ code }) => told.push([day, code]));
      expect((await license.check()).ok).toBe(true);
      expect(license.status().problems.length).toBe(day < 2 ? 0 : 1);
      await license.close();
      site.clock.pass(DAY);
    }
    expect(told).toEqual([2, 62, 85].map((day) => [day, 'KEYSET_EXPIRED']));
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

  test('a check-in that is under way brings nothing in its place', async () => {
    const site = await Site.start();
    const late = new AbortController();
    const real = undiciWire();
    const wire: typeof real = {
      send: async (request) => {
        const reply = await real.send(request);
        if (request.url.endsWith('/v1/check-in')) await once(late.signal, 'abort');
        return reply;
      },
      close: () => real.close(),
    };
    const license = await site.open({ activation }, { wire });
    const check = license.check();
    await expect.poll(() => site.authority.asked.at(-1)?.path).toBe('/v1/check-in');
    expect(await license.deactivate()).toEqual({ ok: true, reusableFrom: null });
    late.abort();
    expect(await check).toMatchObject({ ok: false, problem: { code: 'NOT_ACTIVATED' } });
    expect(license.status().state).toBe('not_activated');
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'NOT_ACTIVATED' });
  });

  test('changes nothing while the authority cannot be reached', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    await site.authority.close();
    expect(await license.deactivate()).toMatchObject({ ok: false, problem: { code: 'AUTHORITY_UNREACHABLE' } });
    expect(license.authorize(BACKUP).allowed).toBe(true);
  });
});
