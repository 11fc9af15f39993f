import { Load, type Outcome } from './herd/load.js';
import { Site } from './herd/site.js';

/** The 08:01 check of simulated agents at one authority on SQLite: real HTTP, device proofs, leases verified and signed.
 * HERD_AGENTS says how many (100,000). Each checks in; some of them at a comfortable rate; then twice as many come as can
 * be served, and those that are turned away come back when they were told to. */

const AGENTS = Number(process.env['HERD_AGENTS'] ?? 100_000);
const TOGETHER = 64;
/** Of what it can serve, the part at which delays are measured. */
const COMFORTABLE = 0.6;
const OVERLOAD_SECONDS = 10;
const MEGABYTE = 1024 * 1024;

interface Row {
  readonly row: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

interface Goal {
  readonly id: string;
  readonly value: number;
  readonly limit: number;
  readonly holds: boolean;
}

export async function bench(): Promise<{ rows: readonly Row[]; goals: readonly Goal[] }> {
  const site = await Site.start(AGENTS);
  const load = new Load(site);
  try {
    // A first part warms it up; the next says how much it can serve; the last comes at a comfortable rate.
    const [warm, calmFrom] = [AGENTS * 0.05, AGENTS * 0.9];
    await load.closed(site.agents.slice(0, warm), TOGETHER);
    await site.cost();
    const full = await load.closed(site.agents.slice(warm, calmFrom), TOGETHER);
    const cpu = (await site.cost()).cpu / full.latencies.length;
    const speed = spread('throughput, 64 under way', 'check-ins/s', full.perSecond());

    const calm = await load.open(site.agents.slice(calmFrom), speed.median * COMFORTABLE, true);
    // Twice its best second: on a machine that has other work, its median is less than it can serve.
    const twice = await load.open(site.agents.slice(0, speed.max * 2 * OVERLOAD_SECONDS), speed.max * 2, true);
    const after = await load.open(site.agents.slice(0, AGENTS / 20), speed.median * COMFORTABLE);
    const { most } = await site.cost();
    return report({ full, calm, twice, after }, { speed, cpu, most, sizes: { ...load.sizes, machine: site.bytes } });
  } finally {
    load.close();
    await site.close();
  }
}

interface Measured {
  readonly speed: Row;
  /** Microseconds of a check-in. */
  readonly cpu: number;
  /** Most memory, bytes. */
  readonly most: number;
  /** Bytes: of a request, of its reply, of a machine in the database. */
  readonly sizes: { readonly request: number; readonly reply: number; readonly machine: number };
}

interface Phases {
  readonly full: Outcome;
  readonly calm: Outcome;
  readonly twice: Outcome;
  readonly after: Outcome;
}

function report(
  { full, calm, twice, after }: Phases,
  { speed, cpu, most, sizes }: Measured,
): { rows: readonly Row[]; goals: readonly Goal[] } {
  const turnedAway = twice.comeBack.length;
  const failed = full.failed + calm.failed + twice.failed + after.failed;
  const rows = [
    speed,
    one('CPU of the authority', 'us a check-in', cpu),
    one('delay at 60 %, p50', 'ms', calm.quantile(0.5)),
    one('delay at 60 %, p99', 'ms', calm.quantile(0.99)),
    one('delay at 200 %, of those served, p99', 'ms', twice.quantile(0.99)),
    spread('served at 200 %', 'check-ins/s', twice.perSecond().slice(0, OVERLOAD_SECONDS)),
    one('turned away at 200 %', 'calls', turnedAway),
    spread('told to come back after', 's', turnedAway === 0 ? [0] : twice.comeBack),
    one('delay at 60 % after that, p99', 'ms', after.quantile(0.99)),
    one('memory of the authority at the most', 'MB', most / MEGABYTE),
    one('request of a check-in', 'bytes', sizes.request),
    one('reply to a check-in', 'bytes', sizes.reply),
    one('database, of each machine', 'bytes', sizes.machine),
    one('agents', 'agents', AGENTS),
  ];
  const goals = [
    { id: 'memory-mb', value: most / MEGABYTE, limit: 300, holds: most / MEGABYTE <= 300 },
    { id: 'turned-away-at-twice-the-load', value: turnedAway, limit: 1, holds: turnedAway >= 1 },
    { id: 'turned-away-after-that', value: after.comeBack.length, limit: 0, holds: after.comeBack.length === 0 },
    { id: 'failed', value: failed, limit: 0, holds: failed === 0 },
  ];
  return { rows, goals };
}

function one(row: string, unit: string, value: number): Row {
  return { row, unit, median: value, min: value, max: value };
}

function spread(row: string, unit: string, values: readonly number[]): Row {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    row,
    unit,
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
  };
}
