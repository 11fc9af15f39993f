import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LeaseholdError, openLicense } from '@leasehold/sdk';
import { describe, expect, test } from 'vitest';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { BACKUP, Site } from '../support/sdk-fixture.js';

const activation = { key: LICENSE_KEY };

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
      ['activation', { activation: 'LH-12345' }],
      ['activation.days', { activation: { key: 'LH-12345', days: 3 } }],
      ['ca', { ca: '/etc/ssl/ca.pem' }],
      ['secrets', { secrets: { getPassword: () => null } }],
      ['stateDirectory', { stateDirectory: '/x' }],
    ];
    for (const [path, more] of wrong) {
      const error: unknown = await openLicense(site.options(more)).catch((caught: unknown) => caught);
      if (!LeaseholdError.is(error)) throw new Error(`${path} was accepted`);
      expect(error).toMatchObject({ code: 'OPTIONS_INVALID', details: { path } });
    }
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no relay yet');
      },
      'It threw: no relay yet.',
    ],
    ['is a promise', async () => ({ used: {} }), 'and no promise'],
    ['says nothing', () => undefined, 'and no promise'],
  ])('a function `server` that %s is a mistake of the option, told as one', async (_what, server, words) => {
    const site = await Site.start();
    const license = await site.open({ activation, server: server as never });
    expect(license.status().problems).toContainEqual(
      expect.objectContaining({ code: 'OPTIONS_INVALID', message: expect.stringContaining(words) }),
    );
  });

  test('an installation without a license says so in Japanese, too, and to a developer which field is wrong', async () => {
    const site = await Site.start();
    const license = await site.open({});
    const { language, sentence, cure } = license.authorize(BACKUP).explain('ja');
    expect([language, sentence, cure]).toEqual([
      'ja',
      expect.stringMatching(/ライセンスがありません/),
      expect.stringMatching(/認証/),
    ]);
    const licensed = await (await Site.start()).open({ activation });
    const { sentence: odd, cure: told } = licensed.authorize({ action: 'backup', machine: 'nas' }).explain();
    expect([odd, told]).toEqual([
      expect.stringMatching(/: machine: names nothing/),
      expect.stringMatching(/inventory/),
    ]);
  });

  test.each([
    ['LICENSE_KEY_UNKNOWN', /ライセンスキーは/, /新しいキー/],
    ['SEATS_EXHAUSTED', /シート/, /解放/],
    ['DATABASE_UNAVAILABLE', /一時的に/, /再試行/],
  ] as const)('an activation that failed with %s says so in Japanese', async (code, sentence, cure) => {
    const site = await Site.start();
    site.authority.behave = { refuse: { '/v1/activate': new LeaseholdError(code, 'No.', { remedy: 'Ask.' }) } };
    const license = await site.open({ activation });
    const answer = license.authorize(BACKUP);
    expect(answer.explain()).toMatchObject({ language: 'en', sentence: 'No.', cure: 'Ask.' });
    expect(answer.explain('ja')).toMatchObject({
      language: 'ja',
      sentence: expect.stringMatching(sentence),
      cure: expect.stringMatching(cure),
    });
  });

  test('a problem that has no Japanese words speaks English and says that it does', async () => {
    const site = await Site.start();
    site.authority.behave = { refuse: { '/v1/activate': new LeaseholdError('METHOD_NOT_ALLOWED', 'No.') } };
    const license = await site.open({ activation });
    expect(license.authorize(BACKUP).explain('ja')).toMatchObject({ language: 'en', sentence: 'No.' });
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
