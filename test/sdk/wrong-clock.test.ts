import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { License, LicenseOptions, Status, StatusProblem } from '@leasehold/sdk';
import { describe, expect, test } from 'vitest';
import { issueChain } from '../support/certificate-chain.js';
import { LICENSE_KEY, startLoopbackAuthority, type LoopbackAuthority } from '../support/loopback-authority.js';
import { bundleSource } from '../support/run-source.js';
import { BACKUP, DAY, Site, cleanUp, temporaryFolder } from '../support/sdk-fixture.js';
import { selfSigned } from '../support/certificate.js';

const PROGRAM = fileURLToPath(new URL('../support/sdk-clock.ts', import.meta.url));
const faketime = spawnSync('faketime', ['--version']).status === 0;
const activation = { key: LICENSE_KEY };
const NOBODY = 'https://127.0.0.1:9';

interface Found {
  readonly status: Status;
  readonly backup: ReturnType<License['authorize']>;
  readonly restore: ReturnType<License['authorize']>;
  readonly problem?: StatusProblem;
  readonly wall: number;
}

/** Opens the license in a process whose clock is off by `days`; its uptime stays the machine's. */
async function underClock(
  days: number,
  options: LicenseOptions & { readonly check?: boolean },
  more: NodeJS.ProcessEnv = {},
): Promise<Found> {
  const program = await bundleSource(PROGRAM);
  const env = { ...process.env, FAKETIME_DONT_FAKE_MONOTONIC: '1', ...more };
  const faked = ['-f', `${days < 0 ? '' : '+'}${days}d`, process.execPath, program, JSON.stringify(options)];
  const child = spawn('faketime', faked, { env });
  const texts = { out: '', error: '' };
  child.stdout.on('data', (text: Buffer) => (texts.out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (texts.error += text.toString()));
  await new Promise((done) => child.once('close', done));
  if (texts.out === '') throw new Error(texts.error);
  return JSON.parse(texts.out) as Found;
}

async function secureAuthority(): Promise<{ authority: LoopbackAuthority; ca: string }> {
  const { key, cert, ca } = issueChain({ days: 90 });
  const authority = await startLoopbackAuthority({}, { key, cert });
  cleanUp(() => authority.close());
  return { authority, ca };
}

function optionsFor(authority: LoopbackAuthority, more: Partial<LicenseOptions> = {}): LicenseOptions {
  const { root, url } = authority;
  const stateDir = temporaryFolder();
  return { product: 'acme-backup', version: '12.1', roots: [root], authority: url, stateDir, activation, ...more };
}

const soonNow = (text: string | null): number => Math.abs(Date.parse(text ?? '') - Date.now());

describe.skipIf(!faketime)('the whole process under a wrong clock (needs faketime)', () => {
  test.each(['http', 'https'])(
    'over %s each contact heals it, and the right clock finds all as it was',
    async (scheme) => {
      const { authority, ca } =
        scheme === 'https' ? await secureAuthority() : { authority: await plain(), ca: undefined };
      const options = optionsFor(authority, ca === undefined ? {} : { ca });
      expect((await underClock(0, options)).status).toMatchObject({ state: 'licensed', clock: 'ok' });
      for (const [days, verdict] of [
        [-1, 'behind'],
        [3650, 'ahead'],
        [-365, 'behind'],
      ] as const) {
        const found = await underClock(days, { ...options, check: true });
        expect(found.problem, `${days} days`).toBeUndefined();
        expect(found.status).toMatchObject({ state: 'licensed', clock: verdict, problems: [] });
        expect(found.backup.allowed).toBe(true);
        expect(Math.abs(found.wall - Date.now() - days * DAY)).toBeLessThan(DAY / 2);
        expect(soonNow(found.status.lastContact)).toBeLessThan(DAY / 2);
      }
      const right = await underClock(0, { ...options, authority: NOBODY });
      expect(right.status).toMatchObject({ state: 'licensed', clock: 'ok' });
      expect(right.backup.allowed).toBe(true);
    },
  );

  test('a first start under it takes its seat, over https too', async () => {
    const { authority, ca } = await secureAuthority();
    const [behind, ahead] = await Promise.all(
      [-365, 3650].map((days) => underClock(days, optionsFor(authority, { ca }))),
    );
    expect(behind).toMatchObject({ status: { state: 'licensed', clock: 'behind' }, backup: { allowed: true } });
    expect(ahead).toMatchObject({ status: { state: 'licensed', clock: 'ahead' }, backup: { allowed: true } });
  });

  test('an authority of certificates that an admin gave the process is trusted under it as well', async () => {
    const { authority, ca } = await secureAuthority();
    const file = join(temporaryFolder(), 'company-ca.pem');
    // Node passes over a certificate that cannot be read.
    writeFileSync(file, `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${ca}`);
    const given = { NODE_EXTRA_CA_CERTS: file };
    const found = await underClock(3650, optionsFor(authority), given);
    expect(found).toMatchObject({ status: { state: 'licensed', clock: 'ahead', problems: [] } });
    expect((await underClock(3650, optionsFor(authority))).status.state).not.toBe('licensed');
  });

  test('ten years ahead with nobody in reach stops backups, never a restore, and not for good', async () => {
    const authority = await plain();
    const options = optionsFor(authority);
    await underClock(0, options);
    const alone = { ...options, authority: NOBODY };
    for (let restart = 0; restart < 2; restart += 1) {
      const off = await underClock(3650, alone);
      expect(off.status).toMatchObject({ state: 'lapsed', clock: 'ahead' });
      expect(off.backup).toMatchObject({ allowed: false, code: 'LEASE_EXPIRED' });
      expect(off.restore.allowed).toBe(true);
    }
    const back = await underClock(0, alone);
    expect(back).toMatchObject({ status: { state: 'licensed', clock: 'ok' }, backup: { allowed: true } });
  });
});

describe('a certificate that the clock of this machine does not accept', () => {
  const expired = async (behave = {}) => {
    const { key, cert } = selfSigned(2, '-30d');
    const secure = await startLoopbackAuthority(behave, { key, cert });
    cleanUp(() => secure.close());
    return { secure, options: { activation, authority: secure.url, roots: [secure.root], ca: cert } };
  };

  test('is the one to blame where the signed time agrees with the machine', async () => {
    const { options } = await expired();
    const license = await (await Site.start()).open(options);
    const [told] = license.status().problems;
    expect(told?.code).toBe('BAD_CERTIFICATE');
    expect(told?.message).toMatch(/By the time that the authority signed \(2\d{3}-.* has ended/);
    expect(told?.remedy).toMatch(/Renew the certificate/);
    expect(license.authorize(BACKUP).allowed).toBe(false);
  });

  test.each(['none', 'replayed', 'forged'] as const)(
    'leaves it open who is wrong where the time is %s',
    async (time) => {
      const { options, secure } = await expired({ time });
      const license = await (await Site.start()).open(options);
      expect(license.status()).toMatchObject({ clock: 'ok', problems: [{ code: 'CLOCK_BREAKS_TLS' }] });
      expect(secure.asked.map(({ path }) => path.split('/')[2])).toEqual(['time']);
    },
  );
});

async function plain(): Promise<LoopbackAuthority> {
  const authority = await startLoopbackAuthority();
  cleanUp(() => authority.close());
  return authority;
}
