import { bench as store } from './authority-store.bench.js';
import { ClaimSite } from './authority/claim-site.js';
import { figure, ratio } from './decision/measure.js';

/** Claims of seats over HTTP, 64 waiting, at full durability on SQLite: with group commit, with one commit each, and
 * beside a bare route that validates the same body, verifies the same proof and signs the same lease. They take turns in
 * every round. The goals of the store stand with them. */

const ROUNDS = 9;
const CLAIMS = { grouped: 256, single: 128, bare: 512 } as const;
/** Calls to each before the first round: as many to all, until what they run is compiled. A server runs for months. */
const WARM_UP = 2048;

type Row = keyof typeof CLAIMS;
/** What each round measured, one after another. */
type Rounds = Record<Row, { readonly perSecond: number[]; readonly cpu: number[] }>;

export async function bench(): Promise<{ rows: readonly object[]; goals: readonly object[] }> {
  const sites = { grouped: await ClaimSite.ofAuthority(64), single: await ClaimSite.ofAuthority(1) };
  const all = { ...sites, bare: await ClaimSite.bare(await sites.grouped.sample()) };
  try {
    return merged(await store(), report(await measure(all)));
  } finally {
    for (const site of Object.values(all)) await site.close();
  }
}

async function measure(sites: Readonly<Record<Row, ClaimSite>>): Promise<Rounds> {
  const rounds: Rounds = { grouped: empty(), single: empty(), bare: empty() };
  for (const site of Object.values(sites)) await site.slice(WARM_UP);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const row of Object.keys(CLAIMS) as Row[]) {
      const { perSecond, cpu } = await sites[row].slice(CLAIMS[row]);
      rounds[row].perSecond.push(perSecond);
      rounds[row].cpu.push(cpu);
    }
  return rounds;
}

function empty(): Rounds[Row] {
  return { perSecond: [], cpu: [] };
}

function report({ grouped, single, bare }: Rounds): Awaited<ReturnType<typeof bench>> {
  const speeds = [
    figure('claim over HTTP', 'claims/s', grouped.perSecond),
    figure('claim over HTTP, one commit each', 'claims/s', single.perSecond),
    figure('bare route', 'calls/s', bare.perSecond),
  ] as const;
  const costs = [
    figure('claim over HTTP: CPU', 'us', grouped.cpu),
    figure('claim over HTTP, one commit each: CPU', 'us', single.cpu),
    figure('bare route: CPU', 'us', bare.cpu),
  ] as const;
  const faster = ratio(speeds[0], speeds[1]);
  const dearer = ratio(costs[0], costs[2]);
  return {
    rows: [...speeds, ...costs].map(({ rounds: _rounds, ...row }) => row),
    goals: [
      { id: 'http-grouped-to-single', value: faster, limit: 1.5, holds: faster >= 1.5 },
      { id: 'http-cpu-to-bare-route', value: dearer, limit: 2, holds: dearer <= 2 },
    ],
  };
}

function merged(...parts: readonly Awaited<ReturnType<typeof bench>>[]): Awaited<ReturnType<typeof bench>> {
  return { rows: parts.flatMap(({ rows }) => rows), goals: parts.flatMap(({ goals }) => goals) };
}
