import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canMount, fill, onTmpfs } from '../support/tmpfs.js';
import { nodeFileSystem } from '../../packages/sdk/src/state/durable-file.js';
import type { FileSystem } from '../../packages/sdk/src/state/durable-file.js';
import { StateStore } from '../../packages/sdk/src/state/state-store.js';

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
  // A killed process leaves half of what it was writing.
  const half =
    (write: FileSystem['write']): FileSystem['write'] =>
    async (file, bytes) => {
      try {
        step();
      } catch (error) {
        await write(file, bytes.subarray(0, 20));
        throw error;
      }
      return write(file, bytes);
    };
  const calls = Object.entries(nodeFileSystem).map(([name, call]) => [name, guard(call as never)]);
  const fs = {
    ...(Object.fromEntries(calls) as FileSystem),
    write: half(nodeFileSystem.write),
    overwrite: half(nodeFileSystem.overwrite),
    close: async (file: number): Promise<void> => {
      await nodeFileSystem.close(file);
      step();
    },
  };
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
    ['EMFILE', 'too_many_files'],
    ['ENFILE', 'too_many_files_on_system'],
    ['ENOMEM', 'out_of_memory'],
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

describe('state store: a document that this process made, written in place from then on', () => {
  async function written(disk?: FileSystem): Promise<StateStore> {
    const store = open('m', disk);
    for (let n = 1; n <= 4; n += 1) await store.write('intent', { n });
    return store;
  }

  it('takes its turn in two files that keep their size and place', async () => {
    const store = await written();
    const before = ['intent.a', 'intent.b'].map((file) => statSync(join(folder, file)));
    for (let n = 5; n <= 12; n += 1) {
      expect(await store.write('intent', { n })).toEqual({ outcome: 'written', generation: n });
      expect(await open('m').read('intent')).toMatchObject({ outcome: 'found', value: { n }, damaged: [] });
    }
    const after = ['intent.a', 'intent.b'].map((file) => statSync(join(folder, file)));
    expect(after.map(({ ino, size }) => [ino, size])).toEqual(before.map(({ ino, size }) => [ino, size]));
    // One that does not fit any more is replaced whole.
    expect(await store.write('intent', { n: 13, text: 'x'.repeat(2000) })).toMatchObject({ outcome: 'written' });
    expect(await open('m').read('intent')).toMatchObject({ value: { n: 13 }, damaged: [] });
  });

  it('keeps the generation before, whatever the power leaves of the one that is written', async () => {
    const store = await written();
    const [file, newest] = ['intent.a', 'intent.b'].map((name) => join(folder, name)) as [string, string];
    const [former, kept] = [readFileSync(file), readFileSync(newest)];
    await store.write('intent', { n: 5 });
    const next = readFileSync(file);
    const seen = new Set<unknown>();
    // At each byte of the frame and of the mac, and at each sector.
    const sectors = Array.from({ length: next.length / 512 }, (_, n) => n * 512);
    const edges = Array.from({ length: 100 }, (_, n) => [n, next.length - n]).flat();
    for (const at of [...sectors, ...edges]) {
      for (const [head, tail] of [
        [next, former],
        [former, next],
      ] as const) {
        writeFileSync(file, Buffer.concat([head.subarray(0, at), tail.subarray(at)]));
        const read = await open('m').read('intent');
        seen.add(read.outcome === 'found' ? (read.value as { n: number }).n : read.outcome);
      }
    }
    expect(seen).toEqual(new Set([4, 5]));
    expect(readFileSync(newest)).toEqual(kept);
    writeFileSync(file, next.subarray(0, 50));
    expect(await open('m').write('intent', { n: 6 })).toMatchObject({ outcome: 'written', generation: 5 });
    expect(await open('m').read('intent')).toMatchObject({ value: { n: 6 }, damaged: [] });
  });

  it('replaces a file that somebody put in its place, shorter or longer, instead of writing into it', async () => {
    for (const bytes of [Buffer.from('short'), Buffer.alloc(5000, 'long')]) {
      const store = await written();
      writeFileSync(join(folder, 'intent.a'), bytes);
      expect(await store.write('intent', { n: 5 })).toMatchObject({ outcome: 'written', generation: 5 });
      expect(await open('m').read('intent')).toMatchObject({ outcome: 'found', value: { n: 5 }, damaged: [] });
      rmSync(folder, { recursive: true });
    }
  });

  it('reads again where the process that writes was in the middle of it, and calls no damage what is whole then', async () => {
    await written();
    const file = join(folder, 'intent.b');
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, 512));
    let reads = 0;
    const readFile = async (path: string): Promise<Buffer> => {
      reads += 1;
      const bytes = await nodeFileSystem.readFile(path);
      if (path === file) writeFileSync(file, whole);
      return bytes;
    };
    const read = await open('m', { ...nodeFileSystem, readFile }).read('intent');
    expect(read).toMatchObject({ outcome: 'found', value: { n: 4 }, damaged: [] });
    expect(reads).toBe(5);
  });

  it('loses nothing but the one that is written where the disk stops at any operation', async () => {
    const before = failingDisk(Number.POSITIVE_INFINITY, '');
    const { count } = before;
    const store = await written(before.fs);
    const first = count();
    await store.write('intent', { n: 5 });
    const operations = count() - first;
    expect(operations).toBeGreaterThan(3);
    for (let stopAt = 1; stopAt <= operations; stopAt += 1) {
      rmSync(folder, { recursive: true });
      const disk = failingDisk(first + stopAt, 'KILLED');
      expect(await (await written(disk.fs)).write('intent', { n: 5 })).toMatchObject({ outcome: 'unavailable' });
      const after = await open('m').read('intent');
      expect([4, 5]).toContain(after.outcome === 'found' && (after.value as { n: number }).n);
      expect(await open('m').write('intent', { n: 6 })).toMatchObject({ outcome: 'written' });
      expect(await open('m').read('intent')).toMatchObject({ value: { n: 6 } });
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

  const mountable = canMount();
  it.skipIf(!mountable)('reads on a read-only mount and names it when writing (needs root and mounts)', async () => {
    await open().write('state', { n: 1 });
    const copy = join(base, 'copy');
    cpSync(folder, copy, { recursive: true });
    await onTmpfs(folder, 'size=1m', async () => {
      cpSync(copy, folder, { recursive: true });
      execFileSync('mount', ['-o', 'remount,ro', folder]);
      expect(await open().read('state')).toMatchObject({ outcome: 'found', value: { n: 1 } });
      expect(await open().write('state', { n: 2 })).toMatchObject({ outcome: 'unavailable', reason: 'read_only' });
    });
  });

  it.skipIf(!mountable)(
    'keeps the last good value on a full disk and writes again once there is room (needs root and mounts)',
    async () => {
      await onTmpfs(folder, 'size=64k', async () => {
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
