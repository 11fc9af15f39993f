import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as idle } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openLicense, type License } from '@leasehold/sdk';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { forkSource } from '../support/run-source.js';
import { figure } from './decision/measure.js';

/** An agent that runs for years: how long check-ins and state writes hold the event loop, beside an idle process of the
 * same run, and what answers and check-ins leave behind in memory. */

const ROUNDS = 6;
const SECONDS = 2;
const AUTHORIZE = 1_000_000;
const CHECK_INS = 10_000;
/** Until V8 has compiled what runs often: its code is on the heap, too. */
const WARM_UP = 2000;
const SUPPORT = fileURLToPath(new URL('../../test/support/loopback-process.ts', import.meta.url));

export async function bench(): Promise<{ rows: readonly object[]; goals: readonly object[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-bench-'));
  const authority = await forkSource(SUPPORT, []);
  try {
    const [{ url, root }] = (await once(authority, 'message')) as [{ url: string; root: never }];
    const license = await openLicense({
      product: 'acme-backup',
      version: '12.1',
      roots: [root],
      authority: url,
      stateDir: join(folder, 'license'),
      activation: { key: LICENSE_KEY },
    });
    const delays = await eventLoop(license);
    const memory = await memoryOf(license);
    await license.close();
    return report(delays, memory);
  } finally {
    authority.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function checkIns(license: License, more: () => boolean): Promise<number> {
  let count = 0;
  for (; more(); count += 1) {
    const { ok } = await license.check();
    if (!ok) throw new Error(`A check-in failed: ${JSON.stringify(license.status().problems)}`);
  }
  return count;
}

interface Delays {
  readonly idle: number[];
  readonly busy: number[];
  /** What the main thread worked between two ticks of a millisecond, p99.9: what a check-in itself holds at most, whatever
   * else the machine does meanwhile. */
  readonly worked: number[];
}

/** p99.9 in milliseconds, idle and busy in turn; the first round warms up. */
async function eventLoop(license: License): Promise<Delays> {
  const rounds: { idle: number[]; busy: number[]; worked: number[] } = { idle: [], busy: [], worked: [] };
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const kind of ['idle', 'busy'] as const) {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      const end = performance.now() + SECONDS * 1000;
      if (kind === 'idle') await idle(SECONDS * 1000);
      else await checkIns(license, () => performance.now() < end);
      delay.disable();
      if (round === 0) continue;
      rounds[kind].push(delay.percentile(99.9) / 1e6);
      if (kind === 'busy') rounds.worked.push(await workBetweenTicks(license));
    }
  return rounds;
}

async function workBetweenTicks(license: License): Promise<number> {
  const ticks: number[] = [];
  let last = mainThreadCpu();
  const timer = setInterval(() => {
    ticks.push(mainThreadCpu() - last);
    last = mainThreadCpu();
  }, 1);
  const end = performance.now() + SECONDS * 1000;
  await checkIns(license, () => performance.now() < end);
  clearInterval(timer);
  return ticks.toSorted((a, b) => a - b)[Math.floor(ticks.length * 0.999)] ?? 0;
}

/** Milliseconds on a CPU so far (Linux: sched-stats, the first number is nanoseconds). */
function mainThreadCpu(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

interface Memory {
  /** Bytes of heap that one call leaves behind. */
  readonly authorize: number;
  readonly checkIn: number;
}

async function memoryOf(license: License): Promise<Memory> {
  const request = { action: 'backup', machine: 'self', scope: 'system_image' };
  const authorize = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1)
      if (!license.authorize(request).allowed) throw new Error('A backup was refused.');
  };
  const checkIn = async (count: number): Promise<void> => {
    let left = count;
    await checkIns(license, () => (left -= 1) >= 0);
  };
  return {
    authorize: await heapLeft(authorize, AUTHORIZE / 10, AUTHORIZE),
    checkIn: await heapLeft(checkIn, WARM_UP, CHECK_INS),
  };
}

/** Bytes of heap one of `count` calls leaves behind after a collection, once others have warmed up. */
async function heapLeft(run: (count: number) => Promise<void>, warmUp: number, count: number): Promise<number> {
  await run(warmUp);
  collect();
  const before = process.memoryUsage().heapUsed;
  await run(count);
  collect();
  return Math.max(0, process.memoryUsage().heapUsed - before) / count;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function report(delays: Delays, memory: Memory): { rows: readonly object[]; goals: readonly object[] } {
  const idleDelay = figure('idle: event loop delay p99.9', 'ms', delays.idle);
  const busyDelay = figure('check-ins: event loop delay p99.9', 'ms', delays.busy);
  const worked = figure('check-ins: work of the main thread between two ticks p99.9', 'ms', delays.worked);
  const held = [
    figure(`heap left by one of ${AUTHORIZE} authorize calls`, 'bytes', [memory.authorize]),
    figure(`heap left by one of ${CHECK_INS} check-ins`, 'bytes', [memory.checkIn]),
  ];
  const goal = (id: string, value: number, limit: number): object => ({ id, value, limit, holds: value <= limit });
  return {
    rows: [idleDelay, busyDelay, worked, ...held].map(({ rounds: _rounds, ...row }) => row),
    goals: [
      goal('event-loop-p99.9-over-idle-ms', busyDelay.median - idleDelay.median, 2),
      goal('authorize-heap-bytes', memory.authorize, 1),
      goal('check-in-heap-bytes', memory.checkIn, 100),
    ],
  };
}
