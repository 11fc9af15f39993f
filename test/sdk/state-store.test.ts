import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileSystem } from '../../packages/sdk/src/state/durable-file.js';
import { StateStore } from '../../packages/sdk/src/state/state-store.js';

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
