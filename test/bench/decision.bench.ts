import { join } from 'node:path';
import { type Handle, type Table, compile, decide, readFacts } from '@leasehold/terms';
import { build } from 'esbuild';
import {
  type FloorHandle,
  type FloorIndex,
  floorBound,
  floorHandles,
  floorIndex,
  floorSwitch,
} from './decision/floor.js';
import {
  type Contender,
  type Figure,
  difference,
  figure,
  heapPerOperation,
  interleaved,
  ratio,
} from './decision/measure.js';
import { type Peer, peers } from './decision/peers.js';
import { FACTS_NOW, type Fleet, NOW, WAY_COUNT, everyRequest, fleet, requestOf } from './decision/workload.js';

/** The same requests through our bound handle and our string call, a hand-written floor for each, and five rule
 * engines. All 64 kinds of request must be answered alike by all before anything is timed; `now` is passed in. */

const SIZES = [12, 1_000, 100_000];
const ROUNDS = 21;

interface Goal {
  readonly id: string;
  readonly value: number;
  readonly limit: number;
  readonly holds: boolean;
}
const atMost = (id: string, value: number, limit: number): Goal => ({ id, value, limit, holds: value <= limit });
const atLeast = (id: string, value: number, limit: number): Goal => ({ id, value, limit, holds: value >= limit });

export async function bench(): Promise<{ rows: readonly Omit<Figure, 'rounds'>[]; goals: readonly Goal[] }> {
  const engines = await peers();
  await agree(engines);
  const rows: Figure[] = [];
  const goals: Goal[] = [];
  const bySize = new Map<number, ReadonlyMap<string, Figure>>();
  for (const size of SIZES) {
    const figures = await interleaved([...ours(fleet(size), size), ...(size === 12 ? theirs(engines) : [])], ROUNDS);
    bySize.set(size, figures);
    rows.push(...figures.values());
  }
  goals.push(...speedGoals(bySize, engines));
  goals.push(atMost('heap-bytes-per-decision', heap(fleet(12)), 8));
  const built = compileFigures(fleet(100_000));
  const again = againFigures(fleet(100_000));
  const sizes = await sizeFigures();
  rows.push(...built.rows, ...again.rows, ...sizes.rows);
  goals.push(...built.goals, ...again.goals, ...sizes.goals);
  return { rows: rows.map(({ rounds: _rounds, ...row }) => row), goals };
}

/** Everyone answers all 64 requests alike, or nothing is timed. */
async function agree(engines: readonly Peer[]): Promise<void> {
  const { one, all } = everyRequest();
  const table = compile(readFacts({ ...one.facts, now: FACTS_NOW }));
  const index = floorIndex(one);
  for (const { machine, way, question } of all) {
    const request = requestOf(one.machines[machine]!.id, way);
    const right = decide({ ...one.facts, now: FACTS_NOW }, request);
    const expected = `${right.reason_rule}:${right.decision}`;
    const bound = table.bind(request).decide(NOW);
    const { scope = 'file', protects = 'local' } = request as { scope?: string; protects?: string };
    const floor = floorSwitch(index, request.action, String(request['machine']), scope, protects, NOW).rule;
    const said = [`${bound.reason_rule}:${bound.decision}`, floor];
    for (const peer of engines) said.push(await peer.decide(peer.prepare(question)));
    const odd = said.find((answer) => answer !== expected);
    if (odd !== undefined) throw new Error(`${JSON.stringify(request)}: ${expected} expected, ${odd} said`);
  }
}

/** Our two ways to ask and their floors, over one fleet. */
function ours(of: Fleet, size: number): Contender[] {
  const table = compile(readFacts({ ...of.facts, now: FACTS_NOW }));
  const index = floorIndex(of);
  const handles = bind(table, of);
  const floors = floorHandles(index, of);
  const calls = of.requests.map(({ machine, way }) => ({
    action: way === WAY_COUNT - 1 ? 'restore' : 'backup',
    id: of.machines[machine]!.id,
  }));
  const count = 200_000;
  return [
    { row: `bound handle, ${size}`, count, run: (n) => askHandles(handles, of, n) },
    { row: `floor: bound handle, ${size}`, count, run: (n) => askFloors(floors, of, n) },
    { row: `bound handle with a clock, ${size}`, count, run: (n) => askHandlesByClock(handles, of, n) },
    { row: `string call, ${size}`, count: 100_000, run: (n) => askTable(table, calls, n) },
    { row: `floor: Map index and switch, ${size}`, count: 100_000, run: (n) => askSwitch(index, calls, n) },
  ];
}

/** Every machine is bound in all four ways, as the floor holds them; the requests then draw from the whole fleet. */
function bind(table: Table, of: Fleet): Handle[] {
  const bound = of.machines.flatMap(({ id }) => WAYS.map((way) => table.bind(requestOf(id, way))));
  for (const handle of bound) handle.decide(NOW);
  return of.requests.map(({ machine, way }) => bound[machine * WAY_COUNT + way]!);
}
const WAYS = Array.from({ length: WAY_COUNT }, (_, way) => way);

function askHandles(handles: readonly Handle[], _of: Fleet, count: number): number {
  let allowed = 0;
  for (let n = 0; n < count; n += 1) if (handles[n & 4095]!.decide(NOW).decision === 'allow') allowed += 1;
  return allowed;
}

function askHandlesByClock(handles: readonly Handle[], _of: Fleet, count: number): number {
  let allowed = 0;
  // The workload's instant plus what the clock says, so that the clock is read and the answers stay the same.
  const offset = NOW - Date.now();
  for (let n = 0; n < count; n += 1) {
    if (handles[n & 4095]!.decide(offset + Date.now()).decision === 'allow') allowed += 1;
  }
  return allowed;
}

function askFloors(floors: readonly FloorHandle[], of: Fleet, count: number): number {
  const picked = picks(floors, of);
  let allowed = 0;
  for (let n = 0; n < count; n += 1) {
    const { handle, way } = picked[n & 4095]!;
    if (floorBound(handle, way, NOW).allowed) allowed += 1;
  }
  return allowed;
}

const pickCache = new WeakMap<Fleet, { handle: FloorHandle; way: number }[]>();
function picks(floors: readonly FloorHandle[], of: Fleet): { handle: FloorHandle; way: number }[] {
  let picked = pickCache.get(of);
  if (picked === undefined) {
    picked = of.requests.map(({ machine, way }) => ({ handle: floors[machine]!, way }));
    pickCache.set(of, picked);
  }
  return picked;
}

interface Call {
  readonly action: string;
  readonly id: string;
}
function askTable(table: Table, calls: readonly Call[], count: number): number {
  let allowed = 0;
  for (let n = 0; n < count; n += 1) {
    const { action, id } = calls[n & 4095]!;
    if (table.answer(action, id, NOW).decision === 'allow') allowed += 1;
  }
  return allowed;
}
function askSwitch(index: FloorIndex, calls: readonly Call[], count: number): number {
  let allowed = 0;
  for (let n = 0; n < count; n += 1) {
    const { action, id } = calls[n & 4095]!;
    if (floorSwitch(index, action, id, 'system_image', 'local', NOW).allowed) allowed += 1;
  }
  return allowed;
}

function theirs(engines: readonly Peer[]): Contender[] {
  const { all } = everyRequest();
  return engines.map((peer) => {
    const prepared = all.map(({ question }) => peer.prepare(question));
    const asynchronous = peer.decide(prepared[0]) instanceof Promise;
    const slow = asynchronous || peer.name === 'Cedar';
    return {
      row: peer.name,
      count: slow ? 256 : 6_400,
      run: asynchronous
        ? async (n) => {
            for (let k = 0; k < n; k += 1) await peer.decide(prepared[k & 63]);
          }
        : (n) => {
            for (let k = 0; k < n; k += 1) void peer.decide(prepared[k & 63]);
          },
    };
  });
}

function speedGoals(bySize: ReadonlyMap<number, ReadonlyMap<string, Figure>>, engines: readonly Peer[]): Goal[] {
  const [small, , large] = SIZES as [number, number, number];
  const at = (size: number, row: string): Figure => bySize.get(size)!.get(`${row}, ${size}`)!;
  // How much faster one row grows than another: by pairs of rounds, so that a noisy hour strikes both alike.
  const growth = (row: string, floorRow: string): number =>
    ratio(at(large, row), at(large, floorRow)) / ratio(at(small, row), at(small, floorRow));
  const [handle, floor] = [at(small, 'bound handle'), at(small, 'floor: bound handle')];
  const peerRatios = engines.map((peer) => ratio(bySize.get(small)!.get(peer.name)!, handle));
  return [
    atMost('bound-over-floor', ratio(handle, floor), 2),
    atLeast('fastest-peer-over-bound', Math.min(...peerRatios), 25),
    atMost('bound-with-clock-minus-floor-ns', difference(at(small, 'bound handle with a clock'), floor), 150),
    atMost('string-over-floor', ratio(at(small, 'string call'), at(small, 'floor: Map index and switch')), 2),
    atMost('bound-growth-over-floor-growth', growth('bound handle', 'floor: bound handle'), 1.3),
    atMost('string-growth-over-floor-growth', growth('string call', 'floor: Map index and switch'), 1.3),
  ];
}

function heap(of: Fleet): number {
  const handles = bind(compile(readFacts({ ...of.facts, now: FACTS_NOW })), of);
  return heapPerOperation((n) => askHandles(handles, of, n), 1_000_000);
}

/** What a handle pays once its horizon is past: asked about a moment before and one after it in turn, it decides every time. */
function againFigures(of: Fleet): { rows: Figure[]; goals: Goal[] } {
  const handles = bind(compile(readFacts({ ...of.facts, now: FACTS_NOW })), of);
  const moments = [NOW, NOW + 400 * 86_400_000];
  const values = Array.from({ length: 11 }, () => {
    const start = process.hrtime.bigint();
    for (const now of moments) for (const handle of handles) handle.decide(now);
    return Number(process.hrtime.bigint() - start) / 1e3 / (handles.length * moments.length);
  });
  const again = figure('deciding again, 100000', 'µs', values.slice(1));
  return { rows: [again], goals: [atMost('deciding-again-us', again.median, 50)] };
}

/** Compiling against a plain Map of the same rows, and what one changed license costs among 100,000. */
function compileFigures(of: Fleet): { rows: Figure[]; goals: Goal[] } {
  const facts = readFacts({ ...of.facts, now: FACTS_NOW });
  const took = (work: () => unknown): number => {
    const start = process.hrtime.bigint();
    work();
    return Number(process.hrtime.bigint() - start) / 1e6;
  };
  const compiling: number[] = [];
  const mapping: number[] = [];
  const changing: number[] = [];
  const table = compile(facts);
  const [first] = of.licenses;
  const handle = table.bind(requestOf(of.machines[0]!.id, 0));
  for (let round = 0; round < 15; round += 1) {
    compiling.push(took(() => compile(facts)));
    mapping.push(took(() => floorIndex(of)));
    changing.push(
      took(() => {
        table.putLicense({ ...first!, validUntil: `2027-01-${String(10 + round)}T00:00:00Z` });
        handle.decide(NOW);
      }),
    );
  }
  const compiled = figure('compile, 100000', 'ms', compiling);
  const mapped = figure('floor: plain Map, 100000', 'ms', mapping);
  const changed = figure('one license changed among 100000', 'ms', changing);
  return {
    rows: [compiled, mapped, changed],
    goals: [
      atMost('compile-over-map', ratio(compiled, mapped), 6),
      atMost('one-changed-license-ms', changed.median, 1),
    ],
  };
}

const RULES = `export { decide, compile } from '@leasehold/terms/engine';`;
const PRODUCTS = ['aip', 'msp', 'lmp'];
/** What may be shipped by itself, as an embedder imports it. */
const SHIPPED: readonly (readonly [row: string, contents: string])[] = [
  ['decide + compile, engine alone', RULES],
  ...PRODUCTS.map((name): [string, string] => [
    `decide + compile, with the catalog of ${name}`,
    `${RULES} export { ${name} } from '@leasehold/terms/${name}';`,
  ]),
  ['decide + compile, all products', `export { decide, compile } from '@leasehold/terms';`],
  ['advise, all products', `export { advise } from '@leasehold/terms';`],
  ['explain, no language', `export { explain } from '@leasehold/terms';`],
  ['English', `export { en } from '@leasehold/terms';`],
  ['Japanese', `export { ja } from '@leasehold/terms';`],
];

/** Minified bundles. The goal is for one product complete: the engine, its kinds and its catalog, the largest of them. */
async function sizeFigures(): Promise<{ rows: Figure[]; goals: Goal[] }> {
  const rows = await Promise.all(
    SHIPPED.map(async ([row, contents]) => figure(row, 'kB', [await kilobytes(contents)])),
  );
  const complete = rows.filter(({ row }) => row.includes('with the catalog of'));
  return { rows, goals: [atMost('decide-and-compile-kB', Math.max(...complete.map(({ median }) => median)), 40)] };
}

async function kilobytes(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(process.cwd(), 'packages/cli') },
    bundle: true,
    minify: true,
    charset: 'utf8',
    write: false,
    format: 'esm',
    platform: 'neutral',
    conditions: ['@leasehold/source'],
  });
  return outputFiles[0]!.contents.byteLength / 1000;
}
