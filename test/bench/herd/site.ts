import { fork, type ChildProcess } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { provisionAuthority } from '@leasehold/authority';
import { signToken, type LeaseClaims, type ReplyOf, type Signer } from '@leasehold/protocol';
import { request } from 'undici';
import type { Store } from '../../../packages/authority/src/store/index.js';
import { claimsOf, nonce, signerOf, SimulatedAgent } from './agents.js';

const root = join(import.meta.dirname, '../..');
/** Machines in one command: SQLite takes 32,766 parameters. */
const SLICE = 500;

export interface Cost {
  /** Bytes, now and at the most. */
  readonly rss: number;
  readonly most: number;
  /** Microseconds of CPU, all threads, since it was asked last. */
  readonly cpu: number;
}

/** A built authority on SQLite whose database knows `count` activated machines, and these machines. */
export class Site {
  readonly agents: SimulatedAgent[] = [];
  readonly folder: string = mkdtempSync(join(tmpdir(), 'leasehold-herd-'));
  url = '';
  digest = '';
  /** Of the database, for each machine. */
  bytes = 0;
  #server: ChildProcess | undefined;

  static async start(count: number): Promise<Site> {
    const site = new Site();
    for (let n = 0; n < count; n += 1) site.agents.push(await SimulatedAgent.of(n));
    const account = { account: 'acme', name: 'Acme', product: 'acme-backup' };
    const { ownerToken } = await provisionAuthority(site.#place, account, Date.now());
    await site.#serve();
    const license = await site.#license(ownerToken, count + 1);
    const first = await SimulatedAgent.of(count);
    const made = await site.#activate(first, license.licenseKey);
    await site.#end();
    await site.#fill(first, license.id, made);
    await site.#serve();
    return site;
  }

  async cost(): Promise<Cost> {
    const told = once(this.#server!, 'message');
    this.#server!.send({});
    return (await told)[0] as Cost;
  }

  async close(): Promise<void> {
    await this.#end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #place(): { readonly db: string; readonly dataDir: string } {
    return { db: `sqlite:${join(this.folder, 'authority.db')}`, dataDir: join(this.folder, 'keys') };
  }

  async #serve(): Promise<void> {
    this.#server = fork(join(root, 'test/bench/herd/server.mjs'), [JSON.stringify(this.#place)]);
    const [{ url }] = (await once(this.#server, 'message')) as [{ readonly url: string }];
    this.url = url;
  }

  async #end(): Promise<void> {
    const ended = once(this.#server!, 'exit');
    this.#server!.disconnect();
    await ended;
  }

  async #license(token: string, seats: number): Promise<{ readonly id: string; readonly licenseKey: string }> {
    const about = { profile: 'aip', type: 'server', kind: 'commercial', term: 'perpetual', companyId: null } as const;
    const license = { ...about, seats, validUntil: null, autoRenew: false };
    const { body } = await request(`${this.url}/v1/admin/licenses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ licenses: [license] }),
    });
    return ((await body.json()) as ReplyOf<'licensesCreate'>).licenses[0]!;
  }

  async #activate(agent: SimulatedAgent, licenseKey: string): Promise<LeaseClaims> {
    const url = `${this.url}/v1/activate`;
    const chain = { parent: null, nonce: nonce() };
    const text = JSON.stringify({ licenseKey, product: 'acme-backup', version: '12.1', chain, machine: agent.report });
    const headers = { 'content-type': 'application/json', 'leasehold-proof': await agent.proof(url, text) };
    const { body } = await request(url, { method: 'POST', headers, body: text });
    const reply = (await body.json()) as ReplyOf<'activate'>;
    return claimsOf(reply.lease);
  }

  /** Gives the other machines what the first one has, and each the lease that the authority would have signed. */
  async #fill(first: SimulatedAgent, license: string, lease: LeaseClaims): Promise<void> {
    const load = (path: string): Promise<Record<string, unknown>> => import(pathToFileURL(join(root, path)).href);
    const { openStore } = (await load('packages/authority/dist/store/index.js')) as {
      openStore: (url: string, registry: unknown) => Promise<Store>;
    };
    const { registry } = await load('test/bench/herd/registry.mjs');
    const store = await openStore(this.#place.db, registry);
    const row = await store.read('template', { instance: lease.sub });
    const jwk = JSON.parse(readFileSync(join(this.#place.dataDir, 'signing-key.json'), 'utf8')) as Signer['publicKey'];
    const signer = signerOf(createPrivateKey({ key: { ...jwk }, format: 'jwk' }), jwk);
    for (let from = 0; from < this.agents.length; from += SLICE) {
      const machines = [];
      for (const agent of this.agents.slice(from, from + SLICE)) {
        const { id, components, publicKey } = agent;
        const jkt = publicKey.kid;
        const claims = { ...lease, sub: id, jti: `1.${nonce()}`, cnf: { jkt }, components: { ...components } };
        agent.take(await signToken('lease', claims, signer));
        machines.push({ id, jkt, components, lease: claims.jti });
      }
      await store.execute('fill', { row, license, machines }, lease.iat * 1000);
    }
    await store.close();
    this.bytes = Math.round(statSync(join(this.folder, 'authority.db')).size / this.agents.length);
    this.digest = lease.entitlements;
  }
}
