import { describe, expect, test } from 'vitest';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { BACKUP, DAY, RESTORE, Site } from '../support/sdk-fixture.js';
import { newSigner } from '../support/signing.js';

const activation = { key: LICENSE_KEY };
const codes = (status: { readonly problems: readonly { readonly code: string }[] }): string[] =>
  status.problems.map(({ code }) => code);
const fetched = (site: Site): number => site.authority.asked.filter(({ path }) => path === '/v1/keyset').length;

describe('the keys of an authority change while an agent runs', () => {
  test('a lease signed by a key that is newer than the keyset here: the keyset is asked for once', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    await site.authority.rotate({ version: 2, freshKey: true });
    site.authority.behave.withholdKeyset = true;
    site.clock.pass(DAY);
    expect(await license.check()).toMatchObject({ ok: true });
    expect(fetched(site)).toBe(1);
    expect(license.authorize(BACKUP).allowed).toBe(true);
    await license.close();
    const again = await site.open({ activation });
    expect(again.authorize(BACKUP).allowed).toBe(true);
    expect(fetched(site)).toBe(1);
  });

  test('a lease signed by a key that no keyset lists is refused after one look, and the held one goes on', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    await site.authority.rotate({ version: 2, freshKey: true });
    await site.authority.rotate({ version: 3, keys: (old) => old.slice(0, 1) });
    site.authority.behave.withholdKeyset = true;
    site.clock.pass(DAY);
    expect(await license.check()).toMatchObject({ ok: false, problem: { code: 'KEY_UNKNOWN' } });
    expect(fetched(site)).toBe(1);
    expect(license.authorize(BACKUP).allowed).toBe(true);
    site.clock.pass(14 * DAY);
    expect(license.authorize(BACKUP).allowed).toBe(false);
    expect(license.authorize(RESTORE).allowed).toBe(true);
  });

  test('entitlements whose key is gone from the keyset are asked for anew', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    await site.authority.rotate({ version: 2, freshKey: true });
    await site.authority.rotate({ version: 3, keys: (old) => old.slice(1) });
    site.authority.behave.keepEntitlements = true;
    site.clock.pass(DAY);
    expect(await license.check()).toMatchObject({ ok: false, problem: { code: 'KEY_UNKNOWN' } });
    expect(await license.check()).toMatchObject({ ok: true });
    await license.close();
    const again = await site.open();
    expect(again.authorize(BACKUP).allowed).toBe(true);
  });

  test('a keyset older than the highest seen is refused, also after a restart; the held lease goes on', async () => {
    const site = await Site.start();
    await site.authority.rotate({ version: 5 });
    const license = await site.open({ activation });
    await site.authority.rotate({ version: 4 });
    site.clock.pass(DAY);
    expect(await license.check()).toMatchObject({ ok: false, problem: { code: 'KEYSET_ROLLBACK' } });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    await license.close();
    const again = await site.open({ activation });
    expect(await again.check()).toMatchObject({ ok: false, problem: { code: 'KEYSET_ROLLBACK' } });
    expect(again.authorize(BACKUP).allowed).toBe(true);
  });

  test('a signing key that was revoked signs no lease from then on; one from before lives on', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    const revokedAt = Math.floor(site.clock.wallMs / 1000) + 3600;
    await site.authority.rotate({ version: 2, keys: (old) => old.map((key) => ({ ...key, revokedAt })) });
    site.clock.pass(DAY);
    expect(await license.check()).toMatchObject({ ok: false, problem: { code: 'TOKEN_SIGNATURE' } });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    await license.close();
    const again = await site.open({ activation });
    expect(again.authorize(BACKUP).allowed).toBe(true);
    // Whoever hides the revocation behind the former keyset is not believed.
    await site.authority.rotate({ version: 1, keys: (old) => old.map(({ revokedAt: _gone, ...key }) => key) });
    expect(await again.check()).toMatchObject({ ok: false, problem: { code: 'KEYSET_ROLLBACK' } });
    await site.authority.rotate({ version: 3, freshKey: true });
    // The chain asks for the same lease again until it is answered; the authority signs it anew.
    site.authority.forget();
    expect(await again.check()).toMatchObject({ ok: true });
    expect(codes(again.status())).toEqual([]);
  });

  test('a keyset that has ended stops no lease that is held, and everyone is told', async () => {
    const ends = Math.floor(Date.now() / 1000) + 2 * 86_400;
    const site = await Site.start({ keysetEnds: ends });
    const license = await site.open({ activation });
    await license.close();
    site.clock.pass(5 * DAY);
    const again = await site.open({ activation, authority: 'http://127.0.0.1:9' });
    const answer = again.authorize(BACKUP);
    expect(answer.allowed).toBe(true);
    expect(codes(again.status())).toContain('KEYSET_EXPIRED');
  });

  test('a lease from an epoch before the one held is refused: an old copy of the authority moves nobody back', async () => {
    const site = await Site.start({ epoch: 3 });
    const license = await site.open({ activation });
    site.authority.behave.epoch = 2;
    site.clock.pass(DAY);
    expect(await license.check()).toMatchObject({ ok: false, problem: { code: 'TOKEN_FOREIGN' } });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    site.authority.behave.epoch = 4;
    site.authority.forget();
    expect(await license.check()).toMatchObject({ ok: true });
  });

  test('two roots stand while the vendor changes from one to the other; without the old one its leases fall', async () => {
    const site = await Site.start();
    const old = site.authority.root;
    await (await site.open({ activation })).close();
    const next = await newSigner();
    const { kty, crv, x } = next.jwk;
    const both = [old, { kty, crv, x }];
    await (await site.open({ roots: both })).close();
    await site.authority.rotate({ version: 2, root: next });
    const license = await site.open({ roots: both });
    expect(await license.check()).toMatchObject({ ok: true, status: { keyset: { version: 2 } } });
    await license.close();
    const later = await site.open({ roots: [{ kty, crv, x }] });
    expect(later.status()).toMatchObject({ state: 'licensed', problems: [] });
    await later.close();
    const past = await site.open({ roots: [old] });
    // Neither the keyset that is held nor the authority's.
    expect(past.status()).toMatchObject({
      state: 'damaged',
      problems: [{ code: 'WRONG_ROOT' }, { code: 'WRONG_ROOT' }],
    });
  });
});
