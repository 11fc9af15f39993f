import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provisionAuthority, type Provisioned } from '@leasehold/authority';
import type { ReplyOf } from '@leasehold/protocol';
import { claimsOf, nonce, SimulatedAgent } from '../herd/agents.js';
import { Lines, requestOf } from '../herd/lines.js';

const WAITING = 64;
const root = join(import.meta.dirname, '../..');

/** A server in a process of its own that new machines claim seats from. */
export class ClaimSite {
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #lines: Lines;
  readonly #licenseKey: string;
  readonly #folder: string | undefined;
  #machines = 0;

  /** An authority that puts so many claims into one commit. */
  static async ofAuthority(commitSize: number): Promise<ClaimSite> {
    const folder = mkdtempSync(join(tmpdir(), 'leasehold-authority-'));
    const place = { db: `sqlite:${join(folder, 'authority.db')}`, dataDir: join(folder, 'keys') };
    const account = { account: 'acme', name: 'Acme', product: 'acme-backup' };
    const provisioned = await provisionAuthority(place, account, Date.now());
    const child = fork(join(root, 'test/bench/herd/server.mjs'), [JSON.stringify({ ...place, commitSize })]);
    const url = await addressOf(child);
    return new ClaimSite(child, url, await licenseKey(url, provisioned), folder);
  }

  /** The route for comparison; it signs leases like this one. */
  static async bare(lease: object): Promise<ClaimSite> {
    const child = fork(join(root, 'test/bench/authority/bare.mjs'), [JSON.stringify(lease)]);
    return new ClaimSite(child, await addressOf(child), 'LH-00000-00000-00000-00000-00000-00000', undefined);
  }

  /** A relay of a backup server whose Pool Key is good for a million clients. */
  static async ofRelay(): Promise<ClaimSite> {
    const folder = mkdtempSync(join(tmpdir(), 'leasehold-relay-'));
    const child = fork(join(root, 'test/bench/relay/server.mjs'), [folder]);
    const [{ url, code }] = (await once(child, 'message')) as [{ readonly url: string; readonly code: string }];
    return new ClaimSite(child, url, code, folder);
  }

  private constructor(child: ChildProcess, url: string, key: string, folder: string | undefined) {
    this.#child = child;
    this.#url = url;
    this.#lines = new Lines(url, WAITING);
    this.#licenseKey = key;
    this.#folder = folder;
  }

  /** Claims a seat for a new machine; answers the claims of its lease. */
  async sample(): Promise<object> {
    const [call] = await this.#calls(1);
    return claimsOf((JSON.parse(await this.#send(call!)) as ReplyOf<'activate'>).lease);
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
    this.#lines.close();
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Machines with keys of their own, and what each sends: made before the clock starts. */
  #calls(count: number): Promise<Buffer[]> {
    return Promise.all(
      Array.from({ length: count }, async () => {
        this.#machines += 1;
        const agent = await SimulatedAgent.of(this.#machines);
        const chain = { parent: null, nonce: nonce() };
        const about = { licenseKey: this.#licenseKey, product: 'acme-backup', version: '12.1' };
        const body = JSON.stringify({ ...about, chain, machine: agent.report });
        const url = `${this.#url}/v1/activate`;
        return requestOf(url, body, await agent.proof(url, body));
      }),
    );
  }

  async #send(request: Buffer): Promise<string> {
    const { status, body } = await this.#lines.send(request);
    if (status === 200) return body;
    throw new Error(body);
  }

  async #cpu(): Promise<number> {
    const told = once(this.#child, 'message');
    this.#child.send({});
    return ((await told)[0] as { readonly cpu: number }).cpu;
  }
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
