import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageOutbox } from '../../packages/sdk/src/usage/usage-outbox.js';
import { Counting, drain } from '../support/counting-authority.js';
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
