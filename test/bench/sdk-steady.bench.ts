import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openLicense, type License } from '@leasehold/sdk';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { forkSource } from '../support/run-source.js';
import { figure } from './decision/measure.js';

/** An agent that runs for years: how long check-ins and state writes hold the event loop, and what answers and check-ins
 * leave behind in memory. The control is a process that does nothing at the very same time, so that what the machine and
 * the authority on it take from everybody is in both figures. */

const ROUNDS = 9;
const SECONDS = 2;
const AUTHORIZE = 1_000_000;
const CHECK_INS = 10_000;
/** Until V8 has compiled what runs often: its code is on the heap, too. */
const WARM_UP = 2000;
const SUPPORT = fileURLToPath(new URL('../../test/support/loopback-process.ts', import.meta.url));
const IDLE = fileURLToPath(new URL('../../test/bench/steady/idle.mjs', import.meta.url));

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
    // Memory first: its check-ins are the warm-up of the delays. V8 compiles for the first 4000 or so.
    const memory = await memoryOf(license);
    const delays = await eventLoop(license);
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

/** p99.9 in milliseconds: of this process, which checks in, and of the one that is idle beside it. */
async function eventLoop(license: License): Promise<Delays> {
  const control = fork(IDLE);
  const delays: Delays = { idle: [], busy: [], worked: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    await ask(control);
    delay.enable();
    const end = performance.now() + SECONDS * 1000;
    await checkIns(license, () => performance.now() < end);
    delay.disable();
    delays.idle.push((await ask(control)).p999!);
    delays.busy.push(delay.percentile(99.9) / 1e6);
    delays.worked.push(await workBetweenTicks(license));
  }
  control.disconnect();
  return delays;
}

/** Begins a measurement of the idle process, or ends it. */
async function ask(control: ChildProcess): Promise<{ readonly p999?: number }> {
  const told = once(control, 'message');
  control.send({});
  return (await told)[0] as { readonly p999?: number };
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
  const idleDelay = figure('idle beside them: event loop delay p99.9', 'ms', delays.idle);
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
