import { readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { LicenseOptions } from '@leasehold/sdk';
import { describe, expect, test } from 'vitest';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { BACKUP, Site } from '../support/sdk-fixture.js';

const activation = { key: LICENSE_KEY };
const A_TOKEN = expect.stringMatching(/^\(a token of \d+ characters\)$/) as unknown;
const LINEAGE = 'eyJhIjoxfQ.eyJiIjoyfQ.c2ln';
/** All that an installation can be told to say of itself. */
const TALKATIVE: Partial<LicenseOptions> = {
  activation,
  label: 'rack 4',
  instanceId: 'instance-1',
  declaredHostId: 'host-1',
  server: () => ({ used: { obm: 3 } }),
};

describe('what is sent', () => {
  test.each<[string, Partial<LicenseOptions>]>([
    ['of an installation as most are', { activation }],
    ['of one that tells all that it can', TALKATIVE],
  ])('%s is shown as it leaves, member by member', async (_name, options) => {
    const site = await Site.start({ license: null });
    const license = await site.open(options);
    const { asked } = site.authority;
    const chain = { parent: null, nonce: '(random)' };
    expect(license.diagnostics().sent).toMatchObject({
      to: site.authority.url,
      activation: { ...asked[0]?.body, licenseKey: '(the license key)', chain },
    });
    expect(Object.keys(license.diagnostics().sent.activation)).toEqual(Object.keys(asked[0]?.body ?? {}));

    license.authorize(BACKUP);
    license.usage.record({ kind: 'backup', bytes: 7 });
    writeFileSync(join(site.stateDir, 'lineage.note'), LINEAGE);
    const { checkIn } = license.diagnostics().sent;
    await license.check();
    const { path, body = {} } = asked.at(-1) ?? {};
    expect(path).toBe('/v1/check-in');
    expect(Object.keys(body)).toEqual(expect.arrayContaining(['usage', 'refusals', 'lineage', 'lease']));
    const { parent } = body['chain'] as { parent: string };
    const shown = { ...body, lease: A_TOKEN, lineage: A_TOKEN, chain: { parent, nonce: '(random)' } };
    expect(checkIn).toEqual(shown);
  });

  test('holds no key, no token, nothing raw of the machine, and changes nothing', async () => {
    const site = await Site.start();
    const license = await site.open({ activation, label: null });
    const text = JSON.stringify(license.diagnostics().sent);
    expect(text).not.toContain(LICENSE_KEY);
    expect(text).not.toMatch(/eyJ[\w-]{20,}\./);
    const macs = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ mac }) => mac));
    const raw = [readFileSync('/etc/machine-id', 'utf8').trim(), ...macs].filter((value) => /[1-9a-f]/.test(value));
    for (const value of raw) expect(text.toLowerCase()).not.toContain(value);
    expect(JSON.stringify(license.diagnostics().sent)).toBe(text);
    expect(site.authority.asked.map(({ path }) => path)).toEqual(['/v1/activate']);
  });

  test('is nothing yet where no license is held and no authority set; a function of the vendor that fails is named', async () => {
    const site = await Site.start();
    const { authority: _none, ...options } = site.options();
    const { openLicense } = await import('@leasehold/sdk');
    await using bare = await openLicense(options);
    expect(bare.diagnostics().sent).toMatchObject({ to: null, checkIn: null });
    await bare.close();
    const broken = (): never => {
      throw new Error('no number');
    };
    await using license = await openLicense({ ...options, server: broken });
    expect(license.diagnostics().sent.activation).toEqual({
      problem: expect.stringContaining('The option server is wrong. It threw: no number.') as string,
    });
  });
});
