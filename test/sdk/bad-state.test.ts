import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { License, LicenseOptions, Status } from '@leasehold/sdk';
import { describe, expect, test } from 'vitest';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { forkSource } from '../support/run-source.js';
import { BACKUP, Site, cleanUp, temporaryFolder } from '../support/sdk-fixture.js';
import { expectRefused } from '../support/sdk-refused.js';
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

  test.each([
    ['a link that leads nowhere', 'gone/license'],
    ['a name that is too long', 'x'.repeat(300)],
  ])('%s in place of the folder is no failure of the disk', async (_what, name) => {
    const site = await Site.start();
    const folder = temporaryFolder();
    symlinkSync(join(folder, 'nowhere'), join(folder, 'gone'));
    const license = await site.open({ activation, stateDir: join(folder, name) });
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
