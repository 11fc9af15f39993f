import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { License, LicenseOptions, Status } from '@leasehold/sdk';
import { describe, expect, test } from 'vitest';
import { selfSigned } from '../support/certificate.js';
import { LICENSE_KEY, problem, startLoopbackAuthority } from '../support/loopback-authority.js';
import { forkSource } from '../support/run-source.js';
import { BACKUP, RESTORE, Site, cleanUp, temporaryFolder } from '../support/sdk-fixture.js';
import { newSigner } from '../support/signing.js';
import { runtimeProblem } from '../../packages/sdk/src/runtime.js';

const activation = { key: LICENSE_KEY };
const isRoot = process.getuid?.() === 0;
const OPENER = fileURLToPath(new URL('../support/sdk-opener.ts', import.meta.url));

interface Told {
  readonly status: Status;
  readonly backup: ReturnType<License['authorize']> & {
    readonly words: { readonly sentence: string; readonly cure: string };
  };
  readonly restore: ReturnType<License['authorize']>;
}

/** What must be so whatever was wrong: a typed problem with its cause and the next step, no backup licensed by the
 * damage, restores open. */
function expectRefused(license: License, code: string, sentence: RegExp): void {
  const { problems } = license.status();
  const found = problems.find((one) => one.code === code);
  expect(found, JSON.stringify(problems)).toBeDefined();
  expect(found?.message).toMatch(sentence);
  expect(found?.remedy.length).toBeGreaterThan(10);
  const backup = license.authorize(BACKUP);
  expect(backup).toMatchObject({ allowed: false });
  expect(backup.explain()).toMatchObject({ sentence: expect.stringMatching(/./), cure: expect.stringMatching(/./) });
  expect(license.authorize(RESTORE)).toMatchObject({ allowed: true, warnings: ['RESTORE_ONLY'] });
}

/** Opens in another process, so that another user or a second writer is a real one. */
async function openElsewhere(options: LicenseOptions & { readonly uid?: number }): Promise<Told> {
  const { testing: _testing, ...plain } = options;
  const child = await forkSource(OPENER, [JSON.stringify(plain)]);
  let errors = '';
  child.stderr?.on('data', (text: Buffer) => (errors += text.toString()));
  return new Promise((resolve, reject) => {
    let told: Told | undefined;
    child.once('message', (message: unknown) => {
      told = message as Told;
      child.send('end');
    });
    child.once('exit', (status) => {
      if (told === undefined) reject(new Error(`It ended by itself (${status}): ${errors}`));
      else resolve(told);
    });
  });
}

describe('the authority', () => {
  test('a wrong URL: some other web server answers', async () => {
    const site = await Site.start({ raw: '<html>Welcome!</html>' });
    const license = await site.open({ activation });
    expectRefused(license, 'GUARD_FAILED', /not a Leasehold authority/);
  });

  test('a wrong URL: a server that sends us elsewhere is not followed', async () => {
    const site = await Site.start({ redirect: 'http://127.0.0.1:9/' });
    const license = await site.open({ activation });
    expectRefused(license, 'GUARD_FAILED', /302/);
    expect(site.authority.asked).toHaveLength(1);
  });

  test('a wrong URL: a name that nobody knows', async () => {
    const site = await Site.start();
    const license = await site.open({ activation, authority: 'https://licensing.invalid' });
    expectRefused(license, 'AUTHORITY_UNREACHABLE', /licensing\.invalid/);
  });

  test('a wrong URL: what answers speaks no HTTP', async () => {
    const site = await Site.start();
    const server = createServer((socket) => socket.end('220 mail.example ESMTP\r\n'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    cleanUp(() => server.close());
    const { port } = server.address() as { port: number };
    const license = await site.open({ activation, authority: `http://127.0.0.1:${port}` });
    expectRefused(license, 'GUARD_FAILED', /does not speak HTTP/);
    await license.close();
    const secure = await site.open({ activation, authority: `https://127.0.0.1:${port}` });
    expectRefused(secure, 'AUTHORITY_UNREACHABLE', /does not speak TLS|no TLS connection/);
  });

  test('a refused connection', async () => {
    const site = await Site.start();
    await site.authority.close();
    const license = await site.open({ activation });
    expectRefused(license, 'AUTHORITY_UNREACHABLE', /refused/);
  });

  test('a bad certificate: self-signed, for another name, and trusted by the option ca', async () => {
    const site = await Site.start();
    const { key, cert } = selfSigned(3650);
    const secure = await startLoopbackAuthority({}, { key, cert });
    cleanUp(() => secure.close());
    const options = { activation, authority: secure.url, roots: [secure.root] };
    const license = await site.open(options);
    expectRefused(license, 'BAD_CERTIFICATE', /signed by nobody this machine trusts/);
    expect(secure.asked).toEqual([]);
    await license.close();
    const named = await site.open({ ...options, ca: cert, authority: secure.url.replace('127.0.0.1', 'localhost') });
    expectRefused(named, 'BAD_CERTIFICATE', /another name/);
    await named.close();
    const trusting = await site.open({ ...options, ca: cert });
    expect(trusting.authorize(BACKUP).allowed).toBe(true);
  });

  test('a certificate that has ended by the clock of this machine', async () => {
    const site = await Site.start();
    const { key, cert } = selfSigned(2, '-30d');
    const secure = await startLoopbackAuthority({ time: 'none' }, { key, cert });
    cleanUp(() => secure.close());
    const license = await site.open({ activation, authority: secure.url, roots: [secure.root], ca: cert });
    expectRefused(license, 'CLOCK_BREAKS_TLS', /By the clock of this machine \(2\d{3}-.*has ended/);
  });

  test('one that says nothing is given up in time', async () => {
    const site = await Site.start();
    const { wireProblem } = await import('../../packages/sdk/src/wire-problems.js');
    const { undiciWire } = await import('../../packages/sdk/src/wire.js');
    const server = createServer(() => undefined);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    cleanUp(() => server.close());
    const { port } = server.address() as { port: number };
    const license = await site.open(
      { activation, authority: `http://127.0.0.1:${port}` },
      { wire: undiciWire({ timeoutMs: 300 }) },
    );
    expectRefused(license, 'TIMEOUT', /did not answer in time/);
    expect(wireProblem(new Error('odd'), 'http://x/', { clock: 'machine', at: 0 }).code).toBe('AUTHORITY_UNREACHABLE');
  });

  test('one that answers without end is cut off', async () => {
    const site = await Site.start({ raw: `{"x":"${'y'.repeat(10_000_000)}"}` });
    const license = await site.open({ activation });
    expectRefused(license, 'PAYLOAD_TOO_LARGE', /longer than/);
  });
});

describe('the license key', () => {
  test('unknown', async () => {
    const site = await Site.start();
    const license = await site.open({ activation: { key: 'LH-00000-00000-00000-00000-00001-0K6QQ' } });
    expect(license.status().problems[0]?.code).toMatch(/LICENSE_KEY/);
    const { formatLicenseKey } = await import('@leasehold/protocol');
    await license.close();
    const other = await site.open({ activation: { key: formatLicenseKey('license', new Uint8Array(16).fill(7)) } });
    expectRefused(other, 'LICENSE_KEY_UNKNOWN', /No license has this key/);
  });

  test('used up', async () => {
    const site = await Site.start({ refuse: { '/v1/activate': problem('SEATS_EXHAUSTED') } });
    expectRefused(await site.open({ activation }), 'SEATS_EXHAUSTED', /SEATS_EXHAUSTED/);
  });

  test('mistyped: found before any request, and what is held goes on', async () => {
    const site = await Site.start();
    const typo = { key: LICENSE_KEY.replace('0J4SM', '0J4SN') };
    const license = await site.open({ activation: typo });
    expectRefused(license, 'LICENSE_KEY_TYPO', /not a whole license key/);
    expect(site.authority.asked).toEqual([]);
    await license.close();
    await (await site.open({ activation })).close();
    const held = await site.open({ activation: typo });
    expect((await held.check()).ok).toBe(true);
    expect(held.authorize(BACKUP).allowed).toBe(true);
    expect(held.status().problems).toMatchObject([{ code: 'LICENSE_KEY_TYPO' }]);
  });
});

describe('the root', () => {
  test('a wrong root: nothing of that authority is believed', async () => {
    const site = await Site.start();
    const { jwk } = await newSigner();
    const license = await site.open({ activation, roots: [jwk] });
    expectRefused(license, 'WRONG_ROOT', /root that is not pinned/);
  });

  test('a wrong root on a later start: what is held is not believed either', async () => {
    const site = await Site.start();
    await (await site.open({ activation })).close();
    await site.authority.close();
    const { jwk } = await newSigner();
    const license = await site.open({ roots: [jwk] });
    expectRefused(license, 'WRONG_ROOT', /root that is not pinned/);
    expect(license.status().state).toBe('damaged');
    await license.close();
    expect((await site.open()).authorize(BACKUP).allowed).toBe(true);
  });
});

describe('the state', () => {
  async function heldOffline(): Promise<Site> {
    const site = await Site.start();
    const license = await site.open({ activation });
    await license.check();
    await license.close();
    await site.authority.close();
    return site;
  }
  const generations = (site: Site): string[] =>
    readdirSync(site.stateDir)
      .filter((file) => /^license\.[ab]$/.test(file))
      .map((file) => join(site.stateDir, file));

  test('truncated', async () => {
    const site = await heldOffline();
    for (const file of generations(site)) truncateSync(file, Math.floor(statSync(file).size / 2));
    const license = await site.open();
    expectRefused(license, 'STATE_DAMAGED', /license\.[ab] /);
    expect(license.status().state).toBe('damaged');
  });

  test('truncated in its newer generation alone: the one before is used, and said', async () => {
    const site = await heldOffline();
    const [newest] = generations(site).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
    truncateSync(newest ?? '', 20);
    const license = await site.open();
    expect(license.authorize(BACKUP).allowed).toBe(true);
    expect(license.status().problems).toMatchObject([
      { code: 'STATE_DAMAGED', message: expect.stringContaining('generation before') },
    ]);
  });

  test('edited', async () => {
    const site = await heldOffline();
    for (const file of generations(site)) {
      const bytes = readFileSync(file);
      bytes[bytes.length - 60] = (bytes[bytes.length - 60] ?? 0) ^ 1;
      writeFileSync(file, bytes);
    }
    const license = await site.open();
    expectRefused(license, 'STATE_DAMAGED', /changed by somebody else/);
  });

  test('without its key, and without its device key', async () => {
    const site = await heldOffline();
    for (const file of readdirSync(site.stateDir).filter((name) => name.startsWith('secrets')))
      rmSync(join(site.stateDir, file));
    const license = await site.open();
    expectRefused(license, 'STATE_DAMAGED', /device key/);
    await license.close();
    rmSync(join(site.stateDir, 'store.key'));
    expectRefused(await site.open(), 'STATE_DAMAGED', /store\.key is gone/);
  });

  test('a file in place of the folder', async () => {
    const site = await Site.start();
    const stateDir = join(temporaryFolder(), 'file');
    writeFileSync(stateDir, '');
    const license = await site.open({ activation, stateDir });
    expectRefused(license, 'STATE_UNAVAILABLE', /no folder at the path/);
  });

  test.runIf(isRoot)('on a full disk: nothing new is licensed, and what is held goes on', async () => {
    const site = await Site.start();
    const stateDir = temporaryFolder();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=700', 'tmpfs', stateDir]);
    if (mounted.status !== 0) throw new Error(`A small disk could not be mounted: ${String(mounted.stderr)}`);
    cleanUp(() => spawnSync('umount', ['-l', stateDir]));
    const fill = () => spawnSync('dd', ['if=/dev/zero', `of=${join(stateDir, 'filler')}`, 'bs=4096']);
    fill();
    const full = await site.open({ activation, stateDir });
    expectRefused(full, 'DISK_FULL', /disk of the license state is full/);
    await full.close();
    rmSync(join(stateDir, 'filler'));
    await (await site.open({ activation, stateDir })).close();
    fill();
    const held = await site.open({ activation, stateDir });
    expect(held.status().problems.map(({ code }) => code)).toContain('DISK_FULL');
    expect(held.authorize(BACKUP).allowed).toBe(true);
    expect((await held.check()).ok).toBe(true);
    expect(held.authorize(BACKUP).allowed).toBe(true);
    held.usage.record({ kind: 'backup', bytes: 1 });
    expect(held.usage.health().waiting).toBe(1);
    rmSync(join(stateDir, 'filler'));
    expect((await held.check()).status).toMatchObject({ role: 'owner', problems: [] });
    await expect.poll(() => held.check().then(() => held.usage.health().waiting)).toBe(0);
    await held.close();
    expect((await site.open({ activation, stateDir })).authorize(BACKUP).allowed).toBe(true);
  });

  test('in a folder that this user may only read', async () => {
    const site = await Site.start();
    const uid = isRoot ? 65_534 : (process.getuid?.() ?? 0);
    const parent = mkdtempSync('/tmp/leasehold-readonly-');
    chmodSync(parent, 0o755);
    const stateDir = join(parent, 'license');
    cleanUp(() => rmSync(parent, { recursive: true, force: true }));
    if (isRoot) chownSync(parent, uid, uid);
    const options = { ...site.options({ activation, stateDir }), ...(isRoot ? { uid } : {}) };
    const first = await openElsewhere(options);
    expect(first.backup.allowed, JSON.stringify(first.status.problems)).toBe(true);
    chmodSync(stateDir, 0o500);
    const held = await openElsewhere(options);
    expect(held.status.problems).toContainEqual(
      expect.objectContaining({ code: 'READ_ONLY_FOLDER', remedy: expect.stringMatching(/./) }),
    );
    expect(held.backup.allowed).toBe(true);
    chmodSync(stateDir, 0o700);
    for (const file of readdirSync(stateDir)) rmSync(join(stateDir, file), { recursive: true });
    chmodSync(stateDir, 0o500);
    const empty = await openElsewhere(options);
    expect(empty.status.problems).toContainEqual(expect.objectContaining({ code: 'READ_ONLY_FOLDER' }));
    expect(empty.backup).toMatchObject({ allowed: false, code: 'READ_ONLY_FOLDER' });
    expect(empty.backup.words.cure).toContain('mode 700');
    expect(empty.restore.allowed).toBe(true);
    chmodSync(stateDir, 0o700);
  });

  test.runIf(isRoot)('in a folder of another user', async () => {
    const site = await Site.start();
    await (await site.open({ activation })).close();
    chmodSync(join(site.stateDir, '..'), 0o755);
    const told = await openElsewhere({ ...site.options({ activation }), uid: 65_534 });
    expect(told.status.problems.map(({ code }) => code)).toContain('PERMISSION_DENIED');
    expect(told.backup).toMatchObject({ allowed: false, code: 'PERMISSION_DENIED' });
    expect(told.restore.allowed).toBe(true);
  });

  test('two processes on one state folder', async () => {
    const site = await Site.start();
    const first = await site.open({ activation });
    const told = await openElsewhere(site.options());
    expect(told.status).toMatchObject({ role: 'reader', problems: [{ code: 'STATE_IN_USE' }] });
    expect(told.status.problems[0]?.remedy).toContain('stateDir of its own');
    expect(told.backup.allowed).toBe(true);
    expect(told.restore.allowed).toBe(true);
    await first.deactivate();
    const after = await openElsewhere(site.options());
    expect(after.status.problems.map(({ code }) => code)).toEqual(['STATE_IN_USE']);
    expect(after.backup).toMatchObject({ allowed: false, code: 'NOT_ACTIVATED' });
    expect(after.restore.allowed).toBe(true);
  });

  test('two processes that start at once on an empty folder take one seat', async () => {
    const site = await Site.start();
    const both = await Promise.all([
      openElsewhere(site.options({ activation })),
      openElsewhere(site.options({ activation })),
    ]);
    expect(both.map(({ restore }) => restore.allowed)).toEqual([true, true]);
    const seats = site.authority.asked
      .filter(({ path }) => path === '/v1/activate')
      .map(({ body }) => (body['chain'] as { nonce: string }).nonce);
    expect(new Set(seats).size).toBe(1);
  });
});

describe('the machine', () => {
  test('an old Node is told and stops nothing', () => {
    for (const version of ['v14.21.3', 'v20.17.0', 'v20.18.0']) {
      expect(runtimeProblem(version)).toMatchObject({
        code: 'NODE_TOO_OLD',
        details: { remedy: expect.stringMatching(/Update Node/) },
      });
    }
    for (const version of ['v20.18.1', 'v20.20.2', 'v22.0.0', 'v26.10.0'])
      expect(runtimeProblem(version)).toBeUndefined();
  });

  test('a port in use: the place of the status sockets is taken by somebody else', async () => {
    const site = await Site.start();
    const runFolder = join(temporaryFolder(), 'taken');
    writeFileSync(runFolder, '');
    const license = await site.open({ activation }, { socket: { runFolder } });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    expect(license.status().role).toBe('owner');
  });
});
