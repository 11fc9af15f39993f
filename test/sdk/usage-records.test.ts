import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageOutbox } from '../../packages/sdk/src/usage/usage-outbox.js';
import { Counting, drain } from '../support/counting-authority.js';
import { canMount, onTmpfs } from '../support/tmpfs.js';

const START = Date.UTC(2026, 5, 15, 10);
let base: string;
let folder: string;
let now: number;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'leasehold-usage-'));
  folder = join(base, 'license');
  now = START;
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

async function open(maxBytes?: number): Promise<UsageOutbox> {
  const outbox = new UsageOutbox({ folder, now: () => now, ...(maxBytes === undefined ? {} : { maxBytes }) });
  await outbox.open();
  return outbox;
}

describe('usage outbox: its records', () => {
  it('gives the same numbered rows until they are acknowledged, over restarts, and none after', async () => {
    let outbox = await open();
    expect(outbox.batch()).toBeUndefined();
    for (let n = 0; n < 3; n += 1) expect(outbox.record({ kind: 'backup', bytes: n })).toBe(true);
    const batch = outbox.batch();
    expect(batch?.records.map(({ n, bytes, count, at }) => [n, bytes, count, at])).toEqual(
      [1, 2, 3].map((n) => [n, n - 1, 1, '2026-06-15T10:00:00.000Z']),
    );
    outbox.record({ kind: 'backup', bytes: 9, machine: 'srv1' });
    expect(outbox.batch()).toEqual(batch);
    await outbox.close();
    outbox = await open();
    outbox.record({ kind: 'restore' });
    const again = outbox.batch();
    expect(again?.epoch).toBe(batch?.epoch);
    expect(again?.records.map(({ n }) => n)).toEqual([1, 2, 3, 4]);
    await outbox.seen({ epoch: batch?.epoch ?? '', n: 3 });
    expect(outbox.batch()?.records).toMatchObject([{ n: 4, machine: 'srv1' }]);
    await outbox.seen({ epoch: batch?.epoch ?? '', n: 4 });
    const next = outbox.batch();
    expect(next).toMatchObject({ records: [{ n: 5, kind: 'restore' }] });
    expect(next?.epoch).not.toBe(batch?.epoch);
    await outbox.seen({ epoch: next?.epoch ?? '', n: 5 });
    expect(outbox.batch()).toBeUndefined();
    await outbox.close();
    outbox = await open();
    expect(outbox.batch()).toBeUndefined();
    outbox.record({ kind: 'backup' });
    expect(outbox.batch()?.records).toHaveLength(1);
    expect(readdirSync(folder).every((name) => (statSync(join(folder, name)).mode & 0o777) === 0o600)).toBe(true);
    await outbox.close();
  });

  it('refuses what is no report, and goes on', async () => {
    const outbox = await open();
    const wrong = [
      {},
      { kind: '' },
      { kind: 'x'.repeat(129) },
      { kind: 7 },
      { kind: 'backup', bytes: -1 },
      { kind: 'backup', bytes: Number.NaN },
      { kind: 'backup', bytes: 1.5 },
      { kind: 'backup', count: 0 },
      { kind: 'backup', machine: '' },
    ];
    for (const record of wrong) expect(outbox.record(record as never), JSON.stringify(record)).toBe(false);
    expect(outbox.health()).toMatchObject({ state: 'ok', rejected: wrong.length, waiting: 0 });
    expect(outbox.record({ kind: 'backup' })).toBe(true);
    await outbox.close();
  });

  it('begins a new epoch in a fresh folder, and when told that the state is another one', async () => {
    const one = await open();
    one.record({ kind: 'backup' });
    const first = one.batch()?.epoch;
    await one.beginEpoch();
    one.record({ kind: 'restore' });
    const authority = new Counting();
    await drain(one, authority);
    expect(authority.seen.size).toBe(2);
    expect(authority.seen.get(first ?? '')).toBe(1);
    expect(authority.count).toBe(2);
    await one.beginEpoch();
    await one.beginEpoch();
    one.record({ kind: 'backup' });
    await drain(one, authority);
    expect(authority.count).toBe(3);
    await one.close();
    rmSync(folder, { recursive: true });
    const two = await open();
    two.record({ kind: 'backup' });
    expect(authority.seen.has(two.batch()?.epoch ?? '')).toBe(false);
    await two.close();
  });
});

describe('usage outbox: a disk that fails', () => {
  it('passes over damaged lines, says how many, and never gives their numbers again', async () => {
    const outbox = await open();
    for (let n = 0; n < 10; n += 1) outbox.record({ kind: 'backup', bytes: 100 + n });
    const epoch = outbox.batch()?.epoch;
    await outbox.close();
    const file = join(folder, readdirSync(folder).find((name) => statSync(join(folder, name)).size > 0) ?? '');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"bytes":104', '"bytes":999'));
    const again = await open();
    expect(again.batch()?.records.map(({ bytes }) => bytes)).toEqual([100, 101, 102, 103, 105, 106, 107, 108, 109]);
    expect(again.health().damaged).toBe(1);
    again.record({ kind: 'backup' });
    const authority = new Counting();
    await drain(again, authority);
    expect(authority.count).toBe(10);
    await again.close();
    expect(epoch).toBeDefined();
  });

  it.each([
    ['nothing but noise', () => 'noise\n'.repeat(20)],
    ['a torn last line', (text: string) => text.slice(0, -5)],
    ['half a line', () => '0000'],
    ['nothing', () => ''],
  ])('goes on after a segment that holds %s', async (_name, harm) => {
    const outbox = await open();
    for (let n = 0; n < 5; n += 1) outbox.record({ kind: 'backup' });
    await outbox.close();
    const [file = ''] = readdirSync(folder);
    writeFileSync(join(folder, file), harm(readFileSync(join(folder, file), 'utf8')));
    const again = await open();
    again.record({ kind: 'restore', bytes: 5 });
    const authority = new Counting();
    await drain(again, authority);
    expect(authority.totals.get('2026-06-15 restore')).toEqual({ count: 1, bytes: 5 });
    await again.close();
  });

  it('keeps reports in memory while there is no folder to write to, and writes them once there is', async () => {
    writeFileSync(folder, 'in the way');
    const outbox = await open();
    for (let n = 0; n < 5000; n += 1) outbox.record({ kind: 'backup', bytes: 2 });
    expect(outbox.health()).toMatchObject({ state: 'failing', reason: 'not_a_folder' });
    expect(outbox.batch()).toBeUndefined();
    rmSync(folder);
    await outbox.flush();
    expect(outbox.health().state).toBe('ok');
    const authority = new Counting();
    await drain(outbox, authority);
    expect(authority.totals.get('2026-06-15 backup')).toEqual({ count: 5000, bytes: 10_000 });
    await outbox.close();
  });

  it.skipIf(!canMount())('loses nothing on a full disk and recovers by itself (needs root and mounts)', async () => {
    await onTmpfs(folder, 'size=64k', async () => {
      const outbox = await open();
      for (let n = 0; n < 3000; n += 1) outbox.record({ kind: 'backup', bytes: 1 });
      await outbox.flush();
      expect(outbox.health()).toMatchObject({ state: 'failing', reason: 'disk_full' });
      const authority = new Counting();
      await drain(outbox, authority);
      await outbox.flush();
      await drain(outbox, authority);
      expect(authority.totals.get('2026-06-15 backup')).toEqual({ count: 3000, bytes: 3000 });
      expect(outbox.health().state).toBe('ok');
      await outbox.close();
    });
  });

  it('makes no timer that keeps the process alive, and closes twice', async () => {
    const outbox = await open();
    outbox.record({ kind: 'backup' });
    await outbox.close();
    await outbox.close();
    expect(outbox.record({ kind: 'backup' })).toBe(true);
  });
});
