import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provisionAuthority, type Provisioned } from '@leasehold/authority';
import type { ReplyOf } from '@leasehold/protocol';
import { Pool } from 'undici';
import { bench as store } from './authority-store.bench.js';
import { figure, ratio } from './decision/measure.js';
import { claimsOf, nonce, SimulatedAgent } from './herd/agents.js';

/** Claims of seats over HTTP, 64 waiting, at full durability on SQLite: with group commit, with one commit each, and
 * beside a bare route that validates the same body, verifies the same proof and signs the same lease. They take turns in
 * every round. The goals of the store stand with them. */

const ROUNDS = 9;
const WAITING = 64;
const CLAIMS = { grouped: 256, single: 128, bare: 512 } as const;
const root = join(import.meta.dirname, '../..');

type Row = keyof typeof CLAIMS;
/** What each round measured, one after another. */
type Rounds = Record<Row, { readonly perSecond: number[]; readonly cpu: number[] }>;

export async function bench(): Promise<{ rows: readonly object[]; goals: readonly object[] }> {
  const sites = { grouped: await Site.ofAuthority(64), single: await Site.ofAuthority(1) };
  const all = { ...sites, bare: await Site.bare(await sites.grouped.sample()) };
  try {
    return merged(await store(), report(await measure(all)));
  } finally {
    for (const site of Object.values(all)) await site.close();
  }
}

async function measure(sites: Readonly<Record<Row, Site>>): Promise<Rounds> {
  const rounds: Rounds = { grouped: empty(), single: empty(), bare: empty() };
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const row of Object.keys(CLAIMS) as Row[]) {
      const { perSecond, cpu } = await sites[row].slice(CLAIMS[row]);
      if (round === 0) continue; // warm-up
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

/** A server in a process of its own that new machines claim seats from. */
class Site {
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #pool: Pool;
  readonly #licenseKey: string;
  readonly #folder: string | undefined;
  #machines = 0;

  /** An authority that puts so many claims into one commit. */
  static async ofAuthority(commitSize: number): Promise<Site> {
    const folder = mkdtempSync(join(tmpdir(), 'leasehold-authority-'));
    const place = { db: `sqlite:${join(folder, 'authority.db')}`, dataDir: join(folder, 'keys') };
    const account = { account: 'acme', name: 'Acme', product: 'acme-backup' };
    const provisioned = await provisionAuthority(place, account, Date.now());
    const child = fork(join(root, 'test/bench/herd/server.mjs'), [JSON.stringify({ ...place, commitSize })]);
    const url = await addressOf(child);
    return new Site(child, url, await licenseKey(url, provisioned), folder);
  }

  /** The route for comparison; it signs leases like this one. */
  static async bare(lease: object): Promise<Site> {
    const child = fork(join(root, 'test/bench/authority/bare.mjs'), [JSON.stringify(lease)]);
    return new Site(child, await addressOf(child), 'LH-00000-00000-00000-00000-00000-00000', undefined);
  }

  private constructor(child: ChildProcess, url: string, key: string, folder: string | undefined) {
    this.#child = child;
    this.#url = url;
    this.#pool = new Pool(url, { connections: WAITING, pipelining: 1 });
    this.#licenseKey = key;
    this.#folder = folder;
  }

  /** Claims a seat for a new machine; answers the claims of its lease. */
  async sample(): Promise<object> {
    const [call] = await this.#calls(1);
    return claimsOf(((await this.#send(call!)) as ReplyOf<'activate'>).lease);
  }

  /** `count` claims, 64 under way at any time: how many a second, and the server's CPU of each in us. */
  async slice(count: number): Promise<{ readonly perSecond: number; readonly cpu: number }> {
    const calls = await this.#calls(count);
    await this.#cpu();
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let n = next++; n < count; n = next++) await this.#send(calls[n]!);
    };
    const begun = performance.now();
    await Promise.all(Array.from({ length: WAITING }, lane));
    const seconds = (performance.now() - begun) / 1000;
    return { perSecond: count / seconds, cpu: (await this.#cpu()) / count };
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Machines with keys of their own, and what each sends: made before the clock starts. */
  #calls(count: number): Promise<Sent[]> {
    return Promise.all(
      Array.from({ length: count }, async () => {
        this.#machines += 1;
        const agent = await SimulatedAgent.of(this.#machines);
        const chain = { parent: null, nonce: nonce() };
        const about = { licenseKey: this.#licenseKey, product: 'acme-backup', version: '12.1' };
        const body = JSON.stringify({ ...about, chain, machine: agent.report });
        return { body, proof: await agent.proof(`${this.#url}/v1/activate`, body) };
      }),
    );
  }

  async #send({ body, proof }: Sent): Promise<unknown> {
    const headers = { 'content-type': 'application/json', 'leasehold-proof': proof };
    const reply = await this.#pool.request({ path: '/v1/activate', method: 'POST', headers, body });
    if (reply.statusCode === 200) return reply.body.json();
    throw new Error(await reply.body.text());
  }

  async #cpu(): Promise<number> {
    const told = once(this.#child, 'message');
    this.#child.send({});
    return ((await told)[0] as { readonly cpu: number }).cpu;
  }
}

interface Sent {
  readonly body: string;
  readonly proof: string;
}

async function addressOf(child: ChildProcess): Promise<string> {
  const [{ url }] = (await once(child, 'message')) as [{ readonly url: string }];
  return url;
}

async function licenseKey(url: string, { ownerToken }: Provisioned): Promise<string> {
  const about = { profile: 'aip', type: 'server', kind: 'commercial', term: 'perpetual', companyId: null } as const;
  const license = { ...about, seats: 1_000_000, validUntil: null, autoRenew: false };
  const response = await fetch(`${url}/v1/admin/licenses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ownerToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ licenses: [license] }),
  });
  return ((await response.json()) as ReplyOf<'licensesCreate'>).licenses[0]!.licenseKey;
}
