import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signToken } from '@leasehold/protocol';
import { describe, expect, test } from 'vitest';
import { LICENSE_KEY, problem } from '../support/loopback-authority.js';
import { BACKUP, DAY, RESTORE, Site, cleanUp } from '../support/sdk-fixture.js';
import { edited, newSigner } from '../support/signing.js';

const activation = { key: LICENSE_KEY };
const seconds = (ms: number): number => Math.floor(ms / 1000);

/** An activated installation whose authority is gone for good. */
async function orphan(days: number) {
  const site = await Site.start();
  await (await site.open({ activation })).close();
  const closed = site.authority.close();
  site.clock.pass(days * DAY);
  await closed;
  return site;
}

describe('an extension note, when an authority is gone', () => {
  test('prolongs the lease that is held, also one that lapsed meanwhile, across restarts and until its own end', async () => {
    const site = await orphan(20);
    const license = await site.open();
    expect(license.status().state).toBe('lapsed');
    const note = await site.authority.note({ from: seconds(site.clock.wallMs - 10 * DAY) });
    expect(await license.install(` ${note}\n`)).toMatchObject({
      ok: true,
      installed: 'extension_note',
      status: { state: 'offline', offlineUntil: new Date(seconds(site.clock.wallMs + 60 * DAY) * 1000).toISOString() },
    });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    await license.close();
    site.clock.pass(59 * DAY);
    const later = await site.open();
    expect(later.authorize(BACKUP).allowed).toBe(true);
    site.clock.pass(1.1 * DAY);
    expect(later.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'LEASE_EXPIRED' });
    expect(later.authorize(RESTORE).allowed).toBe(true);
  });

  test.each<[string, { from?: number; iat?: number; product?: string; iss?: string }, string | undefined]>([
    ['had ended before the authority fell silent', { from: 15 }, undefined],
    ['was issued after the note', { iat: -1 }, undefined],
    ['is of another product', { product: 'other-product' }, 'TOKEN_FOREIGN'],
    ['is of another account', { iss: 'account-2' }, 'TOKEN_FOREIGN'],
  ])('prolongs no lease that %s', async (_name, { from = -10, iat = 20, ...claims }, code) => {
    const site = await orphan(20);
    const license = await site.open();
    const started = site.clock.wallMs - 20 * DAY;
    const times = { from: seconds(started + from * DAY), iat: seconds(started + iat * DAY) };
    const outcome = await license.install(await site.authority.note({ ...times, ...claims }));
    expect(outcome).toMatchObject(code === undefined ? { ok: true } : { ok: false, problem: { code } });
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'LEASE_EXPIRED' });
  });

  test('of somebody else, edited, cut or of another kind is refused, and what is held stays', async () => {
    const site = await orphan(1);
    const license = await site.open();
    const note = await site.authority.note();
    const claims = { iss: 'account-1', product: 'acme-backup', iat: 1, from: 1, until: 4_000_000_000 };
    const files: [string, string][] = [
      [await signToken('extension', claims, await newSigner()), 'WRONG_ROOT'],
      [edited(note), 'TOKEN_SIGNATURE'],
      [note.slice(0, 40), 'TOKEN_MALFORMED'],
      ['', 'TOKEN_MALFORMED'],
      ['<html>', 'TOKEN_MALFORMED'],
      [site.authority.issued?.lease ?? '', 'TOKEN_KIND'],
      [await site.authority.note({ until: 0 }), 'TOKEN_CLAIMS'],
    ];
    for (const [file, code] of files) {
      expect(await license.install(file), code).toMatchObject({ ok: false, problem: { code } });
    }
    expect(await license.install(undefined as never)).toMatchObject({ ok: false });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    site.clock.pass(14 * DAY);
    expect(license.authorize(BACKUP).allowed).toBe(false);
  });

  test('carries no explicit denial', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    site.authority.behave.refuse = { '/v1/check-in': problem('LICENSE_REVOKED') };
    await license.check();
    expect((await license.install(await site.authority.note())).ok).toBe(true);
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'LICENSE_REVOKED' });
    await license.close();
    expect((await site.open()).authorize(BACKUP).allowed).toBe(false);
  });

  test('is fetched from any web server once nobody has answered for a day, and not before', async () => {
    const site = await Site.start();
    let fetched = 0;
    let text = '';
    const server = createServer((_request, response) => (fetched++, response.end(text)));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    cleanUp(() => (server.closeAllConnections(), server.close()));
    const extensionNotes = `http://127.0.0.1:${(server.address() as AddressInfo).port}/note.jws`;
    const license = await site.open({ activation, extensionNotes });
    await site.authority.close();
    await license.check();
    expect(fetched).toBe(0);
    site.clock.pass(2 * DAY);
    text = 'nothing yet';
    expect((await license.check()).ok).toBe(false);
    expect(fetched).toBe(1);
    text = await site.authority.note();
    site.clock.pass(DAY);
    await license.check();
    site.clock.pass(30 * DAY);
    expect(license.authorize(BACKUP).allowed).toBe(true);
    expect(license.status().state).toBe('offline');
  });
});

describe('a keyset as a file', () => {
  test('revokes a key where nothing goes online, and an older one is refused, also after a restart', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    const old = site.authority.currentKeyset();
    await site.authority.rotate({ version: 3, freshKey: true });
    expect(await license.install(site.authority.currentKeyset())).toMatchObject({ ok: true, installed: 'keyset' });
    expect(license.status().keyset).toMatchObject({ version: 3 });
    await license.close();
    const again = await site.open();
    expect(again.status().keyset).toMatchObject({ version: 3 });
    expect(await again.install(old)).toMatchObject({ ok: false, problem: { code: 'KEYSET_ROLLBACK' } });
    expect(again.authorize(BACKUP).allowed).toBe(true);
  });

  test('is refused where it would leave the held lease without its key, until a new lease is there', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    await site.authority.rotate({ version: 3, keys: () => [], freshKey: true });
    const refused = await license.install(site.authority.currentKeyset());
    expect(refused).toMatchObject({ ok: false, problem: { code: 'KEY_UNKNOWN' } });
    await license.close();
    const again = await site.open();
    expect(again.authorize(BACKUP).allowed).toBe(true);
    expect((await again.check()).ok).toBe(true);
    expect(await again.install(site.authority.currentKeyset())).toMatchObject({ ok: true, installed: 'keyset' });
  });

  test('that ends a leaked key says what it takes from a machine without a network, and how to get it back', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    const leaked = seconds(site.clock.wallMs) - 3600;
    const revoke = <K extends object>(keys: readonly K[]) => keys.map((key) => ({ ...key, revokedAt: leaked }));
    await site.authority.rotate({ version: 3, keys: revoke, freshKey: true });
    const outcome = await license.install(site.authority.currentKeyset());
    const [told] = outcome.status.problems;
    expect(outcome).toMatchObject({ ok: true, installed: 'keyset' });
    expect(told).toMatchObject({ code: 'TOKEN_SIGNATURE', message: expect.stringContaining('leaked') });
    expect(told!.remedy).toMatch(/request file.*new backups end with the next start/);
    await license.close();
    const again = await site.open({ authority: 'http://127.0.0.1:9' });
    expect(again.authorize(BACKUP).allowed).toBe(false);
    expect(again.authorize(RESTORE).allowed).toBe(true);
    await again.close();
    const online = await site.open();
    expect((await online.check()).ok).toBe(true);
    expect(online.status().problems).toEqual([]);
  });

  test('is not taken by a process that only reads', async () => {
    const site = await Site.start();
    await site.open({ activation });
    const reader = await site.open();
    expect(await reader.install(await site.authority.note())).toMatchObject({
      ok: false,
      problem: { code: 'STATE_IN_USE' },
    });
    expect(await reader.deactivate()).toMatchObject({ ok: false, problem: { code: 'STATE_IN_USE' } });
  });
});

describe('the word of a root for the one after it', () => {
  test('lets a new root in where no new build arrives, over restarts, and never the other way round', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    const next = await newSigner();
    const word = await site.authority.successor(next);
    await site.authority.rotate({ version: 2, root: next });
    expect(await license.check()).toMatchObject({ ok: false, problem: { code: 'WRONG_ROOT' } });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    expect(await license.install(word)).toMatchObject({ ok: true, installed: 'successor_root' });
    expect(await license.check()).toMatchObject({ ok: true });
    await license.close();
    const again = await site.open();
    expect(again.status()).toMatchObject({ state: 'licensed', problems: [], keyset: { version: 2 } });
    // Its own word for one more, as a chain; and an extension note is believed under it.
    const third = await newSigner();
    expect((await again.install(await site.authority.successor(third))).ok).toBe(true);
    expect((await again.install(await site.authority.note())).ok).toBe(true);
    await again.close();
    // Who pins the new root alone believes nothing that the old one says.
    const newer = await site.open({ roots: [third.jwk], stateDir: `${site.stateDir}-2` });
    expect(await newer.install(word)).toMatchObject({ ok: false, problem: { code: 'WRONG_ROOT' } });
  });

  test('of a stranger names nobody, and edited state neither', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    const stranger = await newSigner();
    const word = await signToken('successor', { x: stranger.jwk.x, iat: 1 }, stranger);
    expect(await license.install(word)).toMatchObject({ ok: false, problem: { code: 'WRONG_ROOT' } });
    await site.authority.rotate({ version: 2, root: stranger });
    expect(await license.check()).toMatchObject({ ok: false, problem: { code: 'WRONG_ROOT' } });
  });
});
