import { describe, expect, test } from 'vitest';
import { LICENSE_KEY, problem } from '../support/loopback-authority.js';
import { BACKUP, DAY, RESTORE, Site } from '../support/sdk-fixture.js';
import { newSigner } from '../support/signing.js';

const activation = { key: LICENSE_KEY };

/** An installation that was activated once, by a person; nobody gives the license key again. */
async function activatedOnce(): Promise<Site> {
  const site = await Site.start();
  await (await site.open({ activation })).close();
  site.clock.pass(DAY);
  return site;
}

describe('a lease that cannot be proved any more is renewed without its license key', () => {
  test('where a new build pins the new root alone', async () => {
    const site = await activatedOnce();
    const next = await newSigner();
    await site.authority.rotate({ version: 2, root: next });
    const license = await site.open({ roots: [next.jwk] });
    expect(license.status()).toMatchObject({ state: 'licensed', problems: [], keyset: { version: 2 } });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    const [first, second] = site.authority.asked;
    expect([first?.path, second?.path]).toEqual(['/v1/activate', '/v1/check-in']);
    expect(second?.body['chain']).toMatchObject({ parent: expect.stringMatching(/^1\./) as unknown });
  });

  test('where its key leaked, and the keyset that says so came before the next lease', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    const revokedAt = Math.floor(site.clock.wallMs / 1000) - 3600;
    const keys = (old: { kid: string; x: string; nbf: number; exp: number }[]) =>
      old.map((key) => ({ ...key, revokedAt }));
    await site.authority.rotate({ version: 2, keys, freshKey: true });
    expect(await license.install(site.authority.currentKeyset())).toMatchObject({ ok: true });
    await license.close();
    site.clock.pass(DAY);
    const later = await site.open();
    expect(later.status()).toMatchObject({ state: 'licensed', problems: [] });
    expect(later.authorize(BACKUP).allowed).toBe(true);
  });

  test('once the authority is in reach; until then the cause is told and restores are open', async () => {
    const site = await activatedOnce();
    const next = await newSigner();
    await site.authority.rotate({ version: 2, root: next });
    site.authority.behave.refuse = { '/v1/check-in': problem('OVERLOADED') };
    const license = await site.open({ roots: [next.jwk] });
    expect(license.status().problems.map(({ code }) => code)).toContain('WRONG_ROOT');
    expect(license.authorize(BACKUP).allowed).toBe(false);
    expect(license.authorize(RESTORE).allowed).toBe(true);
    site.authority.behave.refuse = {};
    expect(await license.check()).toMatchObject({ ok: true, status: { state: 'licensed', problems: [] } });
    expect(license.authorize(BACKUP).allowed).toBe(true);
  });

  test('first with what is held, where a license key is known too; then with the key', async () => {
    const site = await activatedOnce();
    const next = await newSigner();
    await site.authority.rotate({ version: 2, root: next });
    site.authority.behave.refuse = { '/v1/check-in': problem('CONFLICT') };
    const license = await site.open({ activation, roots: [next.jwk] });
    expect(license.status()).toMatchObject({ state: 'licensed', problems: [] });
    const paths = site.authority.asked.map(({ path }) => path);
    expect(paths).toEqual(['/v1/activate', '/v1/check-in', '/v1/activate']);
  });

  test('by file, where nobody answers', async () => {
    const site = await activatedOnce();
    const next = await newSigner();
    await site.authority.close();
    const license = await site.open({ roots: [next.jwk] });
    expect(license.status().state).toBe('damaged');
    expect(await license.requestFile('renew')).toMatchObject({ ok: true });
    expect(await license.requestFile('deactivate')).toMatchObject({ ok: false });
  });
});
