import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Store } from '../../packages/authority/src/store/index.js';
import { startPostgres, whyNoPostgres } from '../support/postgres.js';
import { figure, ratio, type Figure } from './decision/measure.js';

/** A claim at the store, with full durability: in groups of 64 and one commit each, beside the pattern of the nearest
 * peer on the same engine, and its CPU in pools of 100 to 1,000,000 licenses. All rows take turns in every round. */

const SIZES = [100, 10_000, 1_000_000] as const;
const ROUNDS = 9;
const WAITING = 64;
const root = join(import.meta.dirname, '../..');

interface Goal {
  readonly id: string;
  readonly value: number;
  readonly limit: number;
  readonly holds: boolean;
}
const atMost = (id: string, value: number, limit: number): Goal => ({ id, value, limit, holds: value <= limit });
const atLeast = (id: string, value: number, limit: number): Goal => ({ id, value, limit, holds: value >= limit });

/** One slice of a round: `count` calls, `waiting` of them under way at any time. */
interface Contender {
  readonly row: string;
  readonly store: Store;
  readonly command: 'claim' | 'walk';
  readonly size: number;
  readonly waiting: number;
  readonly count: number;
}

interface Sample {
  readonly perSecond: number[];
  readonly cpuMicros: number[];
}

export async function bench(): Promise<{ rows: readonly object[]; goals: readonly Goal[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-bench-'));
  const server = whyNoPostgres() === undefined ? await startPostgres() : undefined;
  const open: Store[] = [];
  try {
    const grouped = await prepare(`sqlite:${join(folder, 'grouped.db')}`, {}, open);
    const single = await prepare(`sqlite:${join(folder, 'single.db')}`, { commitSize: 1 }, open);
    const postgres = server && (await prepare(await server.database(), {}, open));
    return report(await interleaved(contenders(grouped, single, postgres)));
  } finally {
    await Promise.all(open.map((store) => store.close()));
    await server?.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The built store, as operators run it. */
async function prepare(url: string, options: { commitSize?: number }, open: Store[]): Promise<Store> {
  const load = (path: string): Promise<Record<string, never>> => import(pathToFileURL(join(root, path)).href);
  const { openStore } = (await load('packages/authority/dist/store/index.js')) as unknown as {
    openStore: (url: string, registry: unknown, options: object) => Promise<Store>;
  };
  const { registry } = await load('test/bench/authority-store/registry.mjs');
  const store = await openStore(url, registry, options);
  open.push(store);
  await store.execute('createAccount', {}, 0);
  for (const size of SIZES) await fillPool(store, size);
  if (store.engine === 'sqlite') await store.execute('fillWalk', { size: 10_000 }, 0);
  return store;
}

async function fillPool(store: Store, size: number): Promise<void> {
  await store.execute('createPool', { size }, 0);
  for (let from = 1; from <= size / 2; from += 10_000)
    await store.execute('fillPool', { size, from, to: Math.min(size / 2, from + 9_999) }, 0);
}

function contenders(grouped: Store, single: Store, postgres: Store | undefined): Contender[] {
  const claim = { command: 'claim', waiting: WAITING, count: 640 } as const;
  const rows: Contender[] = SIZES.map((size) => ({ ...claim, row: `claim, pool of ${size}`, store: grouped, size }));
  rows.push({ ...claim, row: 'claim, one commit each, pool of 10000', store: single, size: 10_000, count: 192 });
  rows.push({
    ...claim,
    row: 'peer pattern, one commit each, pool of 10000',
    store: single,
    size: 10_000,
    command: 'walk',
    count: 64,
  });
  if (postgres !== undefined)
    for (const size of SIZES)
      rows.push({ ...claim, row: `claim on PostgreSQL, pool of ${size}`, store: postgres, size, count: 192 });
  return rows;
}

async function interleaved(all: readonly Contender[]): Promise<ReadonlyMap<string, Sample>> {
  const samples = new Map<string, Sample>(all.map((one) => [one.row, { perSecond: [], cpuMicros: [] }]));
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const one of all) {
      const { perSecond, cpuMicros } = await slice(one, round);
      if (round === 0) continue; // warm-up
      samples.get(one.row)!.perSecond.push(perSecond);
      samples.get(one.row)!.cpuMicros.push(cpuMicros);
    }
  return samples;
}

async function slice(one: Contender, round: number): Promise<{ perSecond: number; cpuMicros: number }> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let n = next++; n < one.count; n = next++)
      await one.store.execute(one.command, { size: one.size, instance: instanceOf(one, round, n) }, round);
  };
  const cpu = process.cpuUsage();
  const begun = process.hrtime.bigint();
  await Promise.all(Array.from({ length: one.waiting }, lane));
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  const instances = Array.from({ length: one.count }, (_, n) => instanceOf(one, round, n));
  await one.store.execute('giveBack', { size: one.size, instances }, round);
  return { perSecond: one.count / seconds, cpuMicros: (user + system) / one.count };
}

const instanceOf = ({ command }: Contender, round: number, n: number): string => `${command}-${round}-${n}`;

function report(samples: ReadonlyMap<string, Sample>): { rows: readonly object[]; goals: readonly Goal[] } {
  const speed = new Map<string, Figure>();
  const cpu = new Map<string, Figure>();
  for (const [row, { perSecond, cpuMicros }] of samples) {
    speed.set(row, figure(row, 'claims/s', perSecond));
    cpu.set(row, figure(`${row}: CPU`, 'us', cpuMicros));
  }
  const between = (of: ReadonlyMap<string, Figure>, a: string, b: string): number => ratio(of.get(a)!, of.get(b)!);
  const goals = [
    atLeast('grouped-to-single', between(speed, 'claim, pool of 10000', 'claim, one commit each, pool of 10000'), 4),
    atLeast(
      'grouped-to-peer',
      between(speed, 'claim, pool of 10000', 'peer pattern, one commit each, pool of 10000'),
      20,
    ),
    atMost('cpu-of-1000000-to-100', between(cpu, 'claim, pool of 1000000', 'claim, pool of 100'), 1.25),
  ];
  const onPostgres = 'claim on PostgreSQL, pool of';
  if (speed.has(`${onPostgres} 100`))
    goals.push(
      atMost('cpu-of-1000000-to-100-postgres', between(cpu, `${onPostgres} 1000000`, `${onPostgres} 100`), 1.25),
    );
  const rows = [...speed.values(), ...cpu.values()].map(({ rounds: _rounds, ...row }) => row);
  return { rows, goals };
}
