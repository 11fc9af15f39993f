import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageOutbox } from '../../packages/sdk/src/usage-outbox.js';
import { forkSource } from '../support/run-source.js';

const LONG = process.env['LONG'] === '1';
const KILLS = LONG ? 300 : 9;
const REPORTS = LONG ? 1_000_000 : 60_000;
const AGENT = fileURLToPath(new URL('../support/usage-agent.ts', import.meta.url));
const BACKLOG = fileURLToPath(new URL('../support/usage-backlog.ts', import.meta.url));
const START = Date.UTC(2026, 5, 15, 10);
const DAY = 86_400_000;
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

/** Counts as the authority does: each epoch up to its highest number, once. */
class Counting {
  readonly seen = new Map<string, number>();
  readonly totals = new Map<string, { count: number; bytes: number }>();
  batches = 0;

  take({ epoch, records }: NonNullable<ReturnType<UsageOutbox['batch']>>): { epoch: string; n: number } {
    this.batches += 1;
    const last = this.seen.get(epoch) ?? 0;
    for (const { n, at, kind, count, bytes } of records) {
      if (n <= last) continue;
      const key = `${at.slice(0, 10)} ${kind}`;
      const sum = this.totals.get(key) ?? { count: 0, bytes: 0 };
      this.totals.set(key, { count: sum.count + count, bytes: sum.bytes + bytes });
      this.seen.set(epoch, Math.max(n, this.seen.get(epoch) ?? 0));
    }
    return { epoch, n: this.seen.get(epoch) ?? 0 };
  }
  get count(): number {
    return [...this.totals.values()].reduce((sum, { count }) => sum + count, 0);
  }
}

async function drain(outbox: UsageOutbox, authority: Counting): Promise<void> {
  for (let batch = outbox.batch(); batch !== undefined; batch = outbox.batch())
    await outbox.seen(authority.take(batch));
}

describe('usage outbox', () => {
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

describe('usage outbox: counted once and not less', () => {
  it.each([
    ['less than its former life', 3],
    ['as much as its former life', 20],
    ['more than its former life', 50],
  ])('after the state was put back to an earlier one, and reported %s', async (_name, more) => {
    const authority = new Counting();
    let outbox = await open();
    const record = (times: number): void => {
      for (let n = 0; n < times; n += 1) outbox.record({ kind: 'backup', bytes: 1 });
    };
    record(10);
    await drain(outbox, authority);
    record(5);
    await outbox.close();
    cpSync(folder, join(base, 'snapshot'), { recursive: true });
    outbox = await open();
    record(20);
    await drain(outbox, authority);
    await outbox.close();
    expect(authority.count).toBe(35);
    rmSync(folder, { recursive: true });
    cpSync(join(base, 'snapshot'), folder, { recursive: true });
    outbox = await open();
    record(more);
    await drain(outbox, authority);
    record(4);
    await outbox.close();
    outbox = await open();
    await drain(outbox, authority);
    expect(authority.count).toBe(39 + more);
    await outbox.close();
  });

  it('for any order of reports, lost replies, restarts, days, folding and states put back', async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('record' as const), times: fc.integer({ min: 1, max: 40 }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constantFrom('reply', 'lost reply', 'restart', 'day', 'snapshot', 'put back', 'flush', 'many'),
        }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        rmSync(folder, { recursive: true, force: true });
        rmSync(join(base, 'snapshot'), { recursive: true, force: true });
        const authority = new Counting();
        let outbox = await open(2000);
        let [recorded, hasSnapshot] = [0, false];
        const record = (times: number): void => {
          for (let n = 0; n < times; n += 1) outbox.record({ kind: n % 3 === 0 ? 'restore' : 'backup', bytes: n });
          recorded += times;
        };
        for (const each of steps) {
          if (each.do === 'record') record(each.times);
          if (each.do === 'many') record(1100);
          if (each.do === 'day') now += DAY;
          if (each.do === 'flush') await outbox.flush();
          const batch = each.do === 'reply' || each.do === 'lost reply' ? outbox.batch() : undefined;
          if (batch !== undefined) {
            const seen = authority.take(batch);
            if (each.do === 'reply') await outbox.seen(seen);
          }
          if (each.do === 'restart' || each.do === 'snapshot' || each.do === 'put back') await outbox.close();
          if (each.do === 'snapshot') {
            rmSync(join(base, 'snapshot'), { recursive: true, force: true });
            cpSync(folder, join(base, 'snapshot'), { recursive: true });
            hasSnapshot = true;
          }
          // What the former life recorded and did not send is lost with it: it sends everything before it ends here.
          if (each.do === 'put back' && hasSnapshot) {
            outbox = await open(2000);
            await drain(outbox, authority);
            await outbox.close();
            rmSync(folder, { recursive: true });
            cpSync(join(base, 'snapshot'), folder, { recursive: true });
          }
          if (each.do === 'restart' || each.do === 'snapshot' || each.do === 'put back') outbox = await open(2000);
        }
        record(1);
        await drain(outbox, authority);
        expect(authority.count).toBe(recorded);
        expect(outbox.health()).toMatchObject({ waiting: 0, damaged: 0 });
        await outbox.close();
      }),
      { numRuns: 60 },
    );
  });

  it(
    'when the process is killed at any point, and its state is put back between',
    { timeout: 3_600_000 },
    async ({ task }) => {
      const authority = new Counting();
      const snapshot = join(base, 'snapshot');
      let told = 0;
      const drainAll = async (): Promise<void> => {
        const outbox = await open();
        await drain(outbox, authority);
        await outbox.close();
      };
      for (let round = 0; round < KILLS; round += 1) {
        told += await killedWhileReporting(authority);
        if (round % 3 === 1) cpSync(folder, snapshot, { recursive: true });
        // What the former life reported and did not send would be lost with it: it sends everything before it ends here.
        if (round % 3 === 2) {
          await drainAll();
          rmSync(folder, { recursive: true });
          cpSync(snapshot, folder, { recursive: true });
          rmSync(snapshot, { recursive: true });
        }
      }
      await drainAll();
      // Killed between a report and its word on the pipe: at most one more for each kill.
      expect(authority.count).toBeGreaterThanOrEqual(told);
      expect(authority.count).toBeLessThanOrEqual(told + KILLS);
      Object.assign(task.meta, { evidence: { kills: KILLS, reports: told, batches: authority.batches } });
    },
  );
});

/** Lets an agent report and send until it is killed, somewhere between two acknowledgements; answers how many reports it
 * told of. Every other round the last batch is counted and its acknowledgement lost. */
async function killedWhileReporting(authority: Counting): Promise<number> {
  const child = await forkSource(AGENT, [folder, '60000']);
  let [told, sent] = [0, 0];
  const enough = 1 + Math.floor(Math.random() * 12);
  child.stdout?.on('data', (text: Buffer) => (told += text.length));
  child.on('message', (batch) => {
    const mark = authority.take(batch as Parameters<Counting['take']>[0]);
    sent += 1;
    if (sent < enough) child.send(mark);
    else if (sent === enough) {
      if (sent % 2 === 0) child.send(mark);
      setTimeout(() => child.kill('SIGKILL'), Math.random() * 8);
    }
  });
  const ended = await new Promise((resolve) => {
    child.once('close', (_status, signal) => resolve(signal));
  });
  expect(ended).toBe('SIGKILL');
  return told;
}

describe('usage outbox: its bound', () => {
  it('warns at half, folds the oldest into daily sums at the bound, and loses nothing that is counted', async () => {
    const outbox = await open(400_000);
    const states = new Set<string>();
    const expected = new Map<string, { count: number; bytes: number }>();
    for (let n = 0; n < 20_000; n += 1) {
      now += 60_000;
      const record = { kind: n % 5 === 0 ? 'restore' : 'backup', bytes: n };
      outbox.record(record);
      const key = `${new Date(now).toISOString().slice(0, 10)} ${record.kind}`;
      const sum = expected.get(key) ?? { count: 0, bytes: 0 };
      expected.set(key, { count: sum.count + 1, bytes: sum.bytes + n });
      if (n % 100 === 0) {
        states.add(outbox.health().state);
        await outbox.flush();
      }
    }
    expect(states).toEqual(new Set(['ok', 'filling', 'folding']));
    await outbox.flush();
    const health = outbox.health();
    expect(health.bytes).toBeLessThan(600_000);
    expect(health.oldest).toBeDefined();
    const authority = new Counting();
    const first = outbox.batch();
    if (first !== undefined) authority.take(first); // its reply is lost
    await drain(outbox, authority);
    expect(authority.totals).toEqual(expected);
    expect(authority.batches).toBeLessThan(15);
    expect(outbox.health().state).toBe('ok');
    await outbox.close();
  });

  it('drains a long backlog in bounded memory', { timeout: 3_600_000 }, async ({ task }) => {
    const child = await forkSource(BACKLOG, [folder, String(REPORTS)]);
    let errors = '';
    child.stderr?.on('data', (text: Buffer) => (errors += text.toString()));
    const told = await new Promise<Readonly<Record<string, number>>>((resolve, reject) => {
      child.once('message', resolve as (value: unknown) => void);
      child.once('exit', () => reject(new Error(errors)));
    });
    expect(told).toMatchObject({ counted: REPORTS, left: 0 });
    expect(told['waiting']).toBeLessThanOrEqual(REPORTS);
    expect(told['bytes']).toBeLessThan(140_000_000);
    // The same for sixty thousand and for a million: what waits is on disk.
    expect(told['most']).toBeLessThan(40_000_000);
    Object.assign(task.meta, { evidence: { reports: REPORTS, ...told } });
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
    mkdirSync(folder);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
    try {
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
    } finally {
      execFileSync('umount', ['--lazy', folder]);
    }
  });

  it('makes no timer that keeps the process alive, and closes twice', async () => {
    const outbox = await open();
    outbox.record({ kind: 'backup' });
    await outbox.close();
    await outbox.close();
    expect(outbox.record({ kind: 'backup' })).toBe(true);
  });
});

function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  const probe = mkdtempSync(join(tmpdir(), 'leasehold-mount-'));
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
