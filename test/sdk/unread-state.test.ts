import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { License, Status } from '@leasehold/sdk';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { forkSource } from '../support/run-source.js';
import { BACKUP, Site, cleanUp, machineNamed, temporaryFolder } from '../support/sdk-fixture.js';
import { expectRefused } from '../support/sdk-refused.js';
import { canMount } from '../support/tmpfs.js';
import { nodeFileSystem } from '../../packages/sdk/src/state/durable-file.js';
import type { FileSystem } from '../../packages/sdk/src/state/durable-file.js';
import { StateStore } from '../../packages/sdk/src/state/state-store.js';

const activation = { key: LICENSE_KEY };
const isRoot = process.getuid?.() === 0;
const OPENER = fileURLToPath(new URL('../support/sdk-opener.ts', import.meta.url));

const bytesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => !name.endsWith('.sock') && !name.startsWith('usage'))
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'base64')]),
  );

/** An installation that holds a license; its folder is then out of reach, as on a disk that does not answer. */
class Lost {
  readonly site: Site;
  readonly instance: string | null;
  readonly #aside: string;
  readonly before: Record<string, string>;

  private constructor(site: Site, instance: string | null) {
    this.site = site;
    this.instance = instance;
    this.before = bytesIn(site.stateDir);
    this.#aside = `${site.stateDir}-aside`;
    renameSync(site.stateDir, this.#aside);
    symlinkSync(site.stateDir, site.stateDir);
  }

  static async start(): Promise<Lost> {
    const site = await Site.start();
    const license = await site.open({ activation }, machineNamed('one'));
    const { instance } = license.status();
    await license.close();
    site.authority.asked.length = 0;
    return new Lost(site, instance);
  }

  open(more: Parameters<Site['open']>[0] = {}): Promise<License> {
    return this.site.open({ activation, ...more }, { ...machineNamed('one'), random: (size) => Buffer.alloc(size) });
  }

  comeBack(): void {
    rmSync(this.site.stateDir);
    renameSync(this.#aside, this.site.stateDir);
    expect(bytesIn(this.site.stateDir)).toEqual(this.before);
  }
}

describe('a state that could not be read at the start', () => {
  afterEach(() => vi.useRealTimers());

  test('is named, nobody is asked for another seat, and it is picked up by a check', async () => {
    const lost = await Lost.start();
    const { site } = lost;
    const license = await lost.open();
    const place = new RegExp(`no folder at the path of the license state \\(${site.stateDir}\\)`);
    expectRefused(license, 'STATE_UNAVAILABLE', place);
    expect((await license.check()).problem).toMatchObject({ code: 'STATE_UNAVAILABLE' });
    expectRefused(license, 'STATE_UNAVAILABLE', place);
    license.usage.record({ kind: 'backup', bytes: 7 });
    expect(site.authority.asked).toEqual([]);
    lost.comeBack();
    const seen: Status[] = [];
    license.on('change', (status) => seen.push(status));
    expect(await license.check()).toMatchObject({
      ok: true,
      status: { instance: lost.instance, role: 'owner', problems: [] },
    });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    expect(seen.at(-1)?.state).toBe('licensed');
    await expect.poll(() => license.check().then(() => license.usage.health().waiting)).toBe(0);
    await license.close();
    expect(site.authority.asked.map(({ path }) => path)).not.toContain('/v1/activate');
    const again = await lost.open({ authority: 'http://127.0.0.1:9' });
    expect(again.status()).toMatchObject({ state: 'licensed', instance: lost.instance });
  });

  test('takes no file, gives no seat back and is not made an image of meanwhile', async () => {
    const lost = await Lost.start();
    const license = await lost.open();
    const note = await lost.site.authority.note();
    for (const done of [
      await license.install(note),
      await license.requestFile('renew'),
      await license.responseFile('x'),
      await license.deactivate(),
      await license.generalize({ discardUsage: true }),
    ])
      expect(done).toMatchObject({
        ok: false,
        problem: { code: expect.stringMatching(/^STATE_UNAVAILABLE|READ_ONLY/) },
      });
    await license.close();
    lost.comeBack();
    expect((await lost.open()).status()).toMatchObject({ state: 'licensed', instance: lost.instance });
  });

  test('is picked up by itself, without a check and without a restart', async () => {
    const lost = await Lost.start();
    const license = await lost.open();
    expect(license.authorize(BACKUP).allowed).toBe(false);
    lost.comeBack();
    await expect.poll(() => license.authorize(BACKUP).allowed, { timeout: 10_000 }).toBe(true);
    expect(license.status().instance).toBe(lost.instance);
    await expect.poll(() => lost.site.authority.asked.map(({ path }) => path)).toEqual(['/v1/check-in']);
  });

  test('is picked up by itself where no authority is set', async () => {
    const lost = await Lost.start();
    const { authority: _none, ...offline } = lost.site.options({ activation }, machineNamed('one'));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { openLicense } = await import('@leasehold/sdk');
    const license = await openLicense(offline);
    cleanUp(() => license.close());
    await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(60_000);
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'STATE_UNAVAILABLE' });
    expect((await license.check()).problem).toMatchObject({ code: 'STATE_UNAVAILABLE' });
    lost.comeBack();
    vi.advanceTimersByTime(60_000);
    vi.useRealTimers();
    await expect.poll(() => license.authorize(BACKUP).allowed, { timeout: 10_000 }).toBe(true);
  });

  test.runIf(isRoot)('for want of permission is read once that is given', async () => {
    const site = await Site.start();
    chmodSync(join(site.stateDir, '..'), 0o755);
    const { testing: _testing, ...options } = site.options({ activation });
    const first = await forkSource(OPENER, [JSON.stringify(options)]);
    const [held] = (await once(first, 'message')) as [{ status: Status }];
    first.send('end');
    await once(first, 'exit');
    site.authority.asked.length = 0;
    const child = await forkSource(OPENER, [JSON.stringify({ ...options, uid: 65_534 })]);
    const [told] = (await once(child, 'message')) as [{ status: Status; backup: object }];
    expect(told.backup).toMatchObject({ allowed: false, code: 'PERMISSION_DENIED' });
    expect(told.status.problems).toContainEqual(
      expect.objectContaining({ code: 'PERMISSION_DENIED', message: expect.stringContaining(site.stateDir) as string }),
    );
    expect(site.authority.asked).toEqual([]);
    for (const name of ['', ...readdirSync(site.stateDir)]) chownSync(join(site.stateDir, name), 65_534, 65_534);
    child.send('check');
    const [after] = (await once(child, 'message')) as [{ status: Status; backup: object }];
    expect(after.backup).toMatchObject({ allowed: true });
    expect(after.status).toMatchObject({ instance: held.status.instance, role: 'owner', problems: [] });
    expect(site.authority.asked.map(({ path }) => path)).toEqual(['/v1/check-in']);
    child.send('end');
    await once(child, 'exit');
  });

  test.runIf(canMount())('since its disk was not mounted is read once it is (needs root and mounts)', async () => {
    const lost = await Lost.start();
    lost.comeBack();
    const { site } = lost;
    const disk = temporaryFolder();
    cpSync(site.stateDir, disk, { recursive: true });
    rmSync(site.stateDir, { recursive: true });
    mkdirSync(site.stateDir, { mode: 0o700 });
    const license = await site.open({}, machineNamed('one'));
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'NOT_ACTIVATED' });
    await expect.poll(() => license.status().role).toBe('owner');
    execFileSync('mount', ['--bind', disk, site.stateDir]);
    cleanUp(() => execFileSync('umount', ['-l', site.stateDir]));
    expect((await license.check()).status).toMatchObject({ state: 'licensed', instance: lost.instance });
    await license.close();
    expect((await site.open({}, machineNamed('one'))).status()).toMatchObject({ state: 'licensed' });
  });

  test.each(['EIO', 'EBADMSG', 'EMFILE'])(
    'for %s is unavailable and not damaged: it is neither moved nor written over',
    async (code) => {
      const folder = join(temporaryFolder(), 'license');
      let fails = true;
      const readFile: FileSystem['readFile'] = (path) =>
        fails && !path.endsWith('.key')
          ? Promise.reject(Object.assign(new Error(code), { code }))
          : nodeFileSystem.readFile(path);
      const fill = new StateStore({ folder, binding: 'b' });
      for (const n of [1, 2]) await fill.write('license', { n });
      const before = bytesIn(folder);
      const store = new StateStore({ folder, binding: 'b', fs: { ...nodeFileSystem, readFile } });
      expect(await store.read('license')).toMatchObject({ outcome: 'unavailable' });
      expect(await store.write('license', { n: 3 })).toMatchObject({ outcome: 'unavailable' });
      expect(bytesIn(folder)).toEqual(before);
      fails = false;
      expect(await store.read('license')).toMatchObject({ outcome: 'found', value: { n: 2 }, damaged: [] });
      expect(await store.write('license', { n: 3 })).toMatchObject({ outcome: 'written', generation: 3 });
    },
  );
});
