import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFileSystem } from '../../packages/sdk/src/durable-file.js';
import type { FileSystem } from '../../packages/sdk/src/durable-file.js';
import { StateStore } from '../../packages/sdk/src/state-store.js';

const isRoot = process.getuid?.() === 0;
let base: string;
let folder: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'leasehold-state-'));
  folder = join(base, 'license');
});
afterEach(() => rm(base, { recursive: true, force: true }));

const open = (binding = 'machine-1', fs?: FileSystem): StateStore =>
  new StateStore(fs === undefined ? { folder, binding } : { folder, binding, fs });

describe('state store: what was written is found', () => {
  it('answers absent for a folder that is not there, and makes nothing by reading', async () => {
    expect(await open().read('state')).toEqual({ outcome: 'absent' });
    expect(readdirSync(base)).toEqual([]);
  });

  it('finds the last generation after each of many writes, from another handle', async () => {
    for (let n = 1; n <= 5; n += 1) {
      expect(await open().write('state', { n })).toEqual({ outcome: 'written', generation: n });
      expect(await open().read('state')).toMatchObject({ outcome: 'found', value: { n }, generation: n, damaged: [] });
    }
    expect(readdirSync(folder).sort()).toEqual(['state.a', 'state.b', 'store.key']);
  });

  it('keeps files at 600 and tightens the folder to 700', async () => {
    mkdirSync(folder, { mode: 0o755 });
    await open().write('state', { n: 1 });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });

  it('writes in turn when called at once, and no plain text reaches the disk', async () => {
    const store = open();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.write('state', { secret: `text-${n}` })),
    );
    expect(outcomes.map((o) => o.outcome === 'written' && o.generation)).toEqual(
      Array.from({ length: 20 }, (_, n) => n + 1),
    );
    expect(await store.read('state')).toMatchObject({ outcome: 'found', value: { secret: 'text-19' } });
    expect(readFileSync(join(folder, 'state.a')).includes('text-')).toBe(false);
  });
});

describe('state store: damage has a name and never a value', () => {
  const truth = { lease: 'abc', generation: 'newest' };
  async function twoGenerations(): Promise<{ newest: string; older: string }> {
    await open().write('state', { lease: 'old' });
    await open().write('state', truth);
    return { newest: join(folder, 'state.b'), older: join(folder, 'state.a') };
  }

  it('falls back to the older generation for a bit flipped in any byte, and says which file', async () => {
    const { newest } = await twoGenerations();
    const good = readFileSync(newest);
    for (let at = 0; at < good.length; at += 1) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(newest, bad);
      const outcome = await open().read('state');
      expect(outcome, `byte ${at}`).toMatchObject({ outcome: 'found', value: { lease: 'old' }, generation: 1 });
      expect(outcome).toMatchObject({ damaged: [{ file: 'state.b' }] });
    }
  });

  it('is damaged when both are cut at any length, or empty', async () => {
    const { newest, older } = await twoGenerations();
    const good = readFileSync(newest);
    for (let length = 0; length < good.length; length += 1) {
      writeFileSync(newest, good.subarray(0, length));
      writeFileSync(older, good.subarray(0, length));
      const outcome = await open().read('state');
      expect(outcome, `length ${length}`).toMatchObject({ outcome: 'damaged' });
      expect(outcome).not.toHaveProperty('value');
    }
  });

  it.each([
    ['an empty file', '', 'empty'],
    [
      'a foreign file',
      'just text, long enough to be anything at all, and then some more text to be sure of it',
      'not_a_state_file',
    ],
    ['the start of one of ours', 'LHST', 'truncated'],
  ])('names %s', async (_name, text, reason) => {
    const { newest, older } = await twoGenerations();
    writeFileSync(newest, text);
    writeFileSync(older, text);
    expect(await open().read('state')).toMatchObject({ outcome: 'damaged', reason });
  });

  it('names another machine: the files were copied whole, with their key', async () => {
    await twoGenerations();
    expect(await open('machine-2').read('state')).toMatchObject({ outcome: 'damaged', reason: 'other_machine' });
  });

  it('names a document put under another name, and an older one put back is told by its generation', async () => {
    const { newest, older } = await twoGenerations();
    copyFileSync(newest, join(folder, 'secrets.a'));
    expect(await open().read('secrets')).toMatchObject({ outcome: 'damaged', reason: 'edited' });
    copyFileSync(older, newest);
    expect(await open().read('state')).toMatchObject({ outcome: 'found', generation: 1, value: { lease: 'old' } });
  });

  it.each([
    ['missing', (key: string) => rmSync(key), 'key_missing'],
    ['empty', (key: string) => writeFileSync(key, ''), 'key_damaged'],
    ['short', (key: string) => writeFileSync(key, Buffer.alloc(31)), 'key_damaged'],
    ['another', (key: string) => writeFileSync(key, Buffer.alloc(32, 7)), 'edited'],
  ])('names a key that is %s', async (_name, harm, reason) => {
    await twoGenerations();
    harm(join(folder, 'store.key'));
    expect(await open().read('state')).toMatchObject({ outcome: 'damaged', reason });
  });

  it('names a folder in the place of a file', async () => {
    const { newest, older } = await twoGenerations();
    for (const file of [newest, older]) {
      rmSync(file);
      mkdirSync(file);
    }
    expect(await open().read('state')).toMatchObject({ outcome: 'damaged', reason: 'unreadable' });
  });

  it('writes again after damage, and keeps what it replaces aside', async () => {
    const { newest, older } = await twoGenerations();
    writeFileSync(older, 'broken');
    expect(await open().write('state', { lease: 'new' })).toMatchObject({ outcome: 'written', generation: 3 });
    expect(readFileSync(`${older}.damaged`, 'utf8')).toBe('broken');
    expect(await open().read('state')).toMatchObject({ outcome: 'found', value: { lease: 'new' }, damaged: [] });
    expect(statSync(newest).isFile()).toBe(true);
  });

  it('opens again when the binding comes back, also after a write under another one', async () => {
    await twoGenerations();
    await open('machine-2').write('state', { lease: 'other' });
    const outcome = await open('machine-1').read('state');
    expect(outcome).toMatchObject({ outcome: 'found', value: truth });
  });
});

/** Mock: a disk that fails from its n-th operation on, as if the process were killed there (nothing after it happens)
 * or as if the system refused (`code`). Everything before reaches the real disk. */
function failingDisk(stopAt: number, code: string): { fs: FileSystem; count: () => number } {
  let operations = 0;
  const step = (): void => {
    operations += 1;
    if (operations >= stopAt) throw Object.assign(new Error(code), { code });
  };
  const guard =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      step();
      return call(...args);
    };
  const openFile = async (
    ...args: Parameters<FileSystem['open']>
  ): Promise<Awaited<ReturnType<FileSystem['open']>>> => {
    step();
    const handle = await nodeFileSystem.open(...args);
    return new Proxy(handle, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function') return member;
        return async (...rest: unknown[]): Promise<unknown> => {
          try {
            step();
          } catch (error) {
            // A killed process leaves half of what it was writing.
            if (property === 'writeFile') await target.write(rest[0] as Buffer, 0, 20);
            if (property === 'close') await target.close();
            throw error;
          }
          return (member as (...a: unknown[]) => unknown).apply(target, rest);
        };
      },
    });
  };
  const { chmod, mkdir, readFile, rename, rm: remove, stat } = nodeFileSystem;
  const fs = {
    chmod: guard(chmod),
    mkdir: guard(mkdir as (...args: unknown[]) => Promise<unknown>),
    open: openFile,
    readFile: guard(readFile as (...args: unknown[]) => Promise<unknown>),
    rename: guard(rename),
    rm: guard(remove),
    stat: guard(stat as (...args: unknown[]) => Promise<unknown>),
  } as unknown as FileSystem;
  return { fs, count: () => operations };
}

describe('state store: a disk that stops', () => {
  it('keeps the old value or has the new one, killed at every single file operation', async () => {
    const whole = failingDisk(Number.POSITIVE_INFINITY, '');
    await open('m', whole.fs).write('state', { n: 0 });
    const fresh = whole.count();
    const seenFresh = new Set<string>();
    for (let stopAt = 1; stopAt <= fresh; stopAt += 1) {
      rmSync(folder, { recursive: true });
      expect(await open('m', failingDisk(stopAt, 'KILLED').fs).write('state', { n: 0 })).toMatchObject({
        outcome: 'unavailable',
      });
      const after = await open('m').read('state');
      seenFresh.add(after.outcome);
      expect(['absent', 'found']).toContain(after.outcome);
      expect(await open('m').write('state', { n: 1 })).toMatchObject({ outcome: 'written' });
    }
    expect(seenFresh).toEqual(new Set(['absent', 'found']));

    await open('m').write('state', { n: 2 });
    const before = join(base, 'before');
    cpSync(folder, before, { recursive: true });
    const second = failingDisk(Number.POSITIVE_INFINITY, '');
    await open('m', second.fs).write('state', { n: 3 });
    const seen = new Set<unknown>();
    for (let stopAt = 1; stopAt <= second.count(); stopAt += 1) {
      rmSync(folder, { recursive: true });
      cpSync(before, folder, { recursive: true });
      await open('m', failingDisk(stopAt, 'KILLED').fs).write('state', { n: 3 });
      const after = await open('m').read('state');
      expect(after, `killed at ${stopAt}`).toMatchObject({ outcome: 'found', damaged: [] });
      if (after.outcome === 'found') seen.add((after.value as { n: number }).n);
    }
    expect(seen).toEqual(new Set([2, 3]));
  });

  it.each([
    ['ENOSPC', 'disk_full'],
    ['EROFS', 'read_only'],
    ['EACCES', 'not_permitted'],
    ['EIO', 'io_error'],
  ])('answers %s at any operation of a write as %s', async (code, reason) => {
    await open('m').write('state', { n: 1 });
    const whole = failingDisk(Number.POSITIVE_INFINITY, '');
    await open('m', whole.fs).write('state', { n: 2 });
    for (let stopAt = 1; stopAt <= whole.count(); stopAt += 1) {
      const outcome = await open('m', failingDisk(stopAt, code).fs).write('state', { n: 3 });
      if (code === 'EIO' && outcome.outcome === 'written') continue;
      expect(outcome, `operation ${stopAt}`).toMatchObject({ outcome: 'unavailable', reason });
    }
  });

  it('answers a read that is not permitted as unavailable, never as absent', async () => {
    await open('m').write('state', { n: 1 });
    const whole = failingDisk(Number.POSITIVE_INFINITY, '');
    await open('m', whole.fs).read('state');
    for (let stopAt = 1; stopAt <= whole.count(); stopAt += 1) {
      expect(await open('m', failingDisk(stopAt, 'EACCES').fs).read('state')).toMatchObject({
        outcome: 'unavailable',
        reason: 'not_permitted',
      });
    }
  });
});

describe('state store: real disks', () => {
  it('names a place that takes no folder and says that it is not there, instead of trying without end', async () => {
    const nowhere = new StateStore({ folder: '/proc/leasehold/state', binding: 'b' });
    expect(await nowhere.write('state', {})).toMatchObject({ outcome: 'unavailable' });
  });

  it('names a file in the place of its folder', async () => {
    writeFileSync(folder, 'in the way');
    expect(await open().read('state')).toMatchObject({ outcome: 'unavailable', reason: 'not_a_folder' });
    expect(await open().write('state', {})).toMatchObject({ outcome: 'unavailable', reason: 'not_a_folder' });
  });

  it.skipIf(isRoot)(
    'names a folder that may not be read (as root everything may: the mounts below stand for it)',
    async () => {
      await open().write('state', { n: 1 });
      chmodSync(folder, 0o000);
      expect(await open().read('state')).toMatchObject({ outcome: 'unavailable', reason: 'not_permitted' });
      chmodSync(folder, 0o700);
    },
  );

  const mountable = isRoot && canMount();
  it.skipIf(!mountable)('reads on a read-only mount and names it when writing (needs root and mounts)', async () => {
    await open().write('state', { n: 1 });
    const copy = join(base, 'copy');
    cpSync(folder, copy, { recursive: true });
    await onTmpfs('size=1m', async () => {
      cpSync(copy, folder, { recursive: true });
      execFileSync('mount', ['-o', 'remount,ro', folder]);
      expect(await open().read('state')).toMatchObject({ outcome: 'found', value: { n: 1 } });
      expect(await open().write('state', { n: 2 })).toMatchObject({ outcome: 'unavailable', reason: 'read_only' });
    });
  });

  it.skipIf(!mountable)(
    'keeps the last good value on a full disk and writes again once there is room (needs root and mounts)',
    async () => {
      await onTmpfs('size=64k', async () => {
        await open().write('state', { n: 1 });
        await open().write('state', { n: 2 });
        const filler = join(folder, 'filler');
        fill(filler);
        expect(await open().write('state', { n: 3 })).toMatchObject({ outcome: 'unavailable', reason: 'disk_full' });
        expect(await open().read('state')).toMatchObject({ outcome: 'found', value: { n: 2 }, damaged: [] });
        rmSync(filler);
        expect(await open().write('state', { n: 4 })).toMatchObject({ outcome: 'written', generation: 3 });
      });
    },
  );
});

async function onTmpfs(options: string, body: () => Promise<void>): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  try {
    await body();
  } finally {
    execFileSync('umount', [folder]);
  }
}

function fill(file: string): void {
  for (let size = 65_536; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // Full for this size: try the next smaller one until not a byte fits.
    }
  }
}

function canMount(): boolean {
  const probe = join(tmpdir(), `leasehold-mount-${process.pid}`);
  mkdirSync(probe);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true });
  }
}
