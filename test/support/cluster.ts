import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  provisionAuthority,
  type Authority,
  type LogLine,
  type NewAccount,
  type Provisioned,
} from '@leasehold/authority';
import { PRODUCT } from './authority.js';
import type { FromNode, ToNode } from './authority-node.js';
import { freePort } from './postgres.js';
import { forkSource } from './run-source.js';
import { TcpBalancer } from './tcp-balancer.js';

const NODE = fileURLToPath(new URL('./authority-node.ts', import.meta.url));

/** One node: a process on a port of its own, which it keeps when it is started again. */
export interface AuthorityNode {
  readonly url: string;
  readonly port: number;
  readonly logged: readonly LogLine[];
  /** As a power cut ends it. */
  kill(): Promise<void>;
  start(): Promise<void>;
  setClock(shift: number): void;
}

/** An authority of several nodes on one database, behind a balancer. It stands where tests expect an authority. */
export interface Cluster extends Provisioned {
  readonly nodes: readonly AuthorityNode[];
  readonly balancer: TcpBalancer;
  /** As one authority under the balancer's address. */
  readonly authority: Authority;
  readonly clock: number;
  /** The same cluster, asked at one of its nodes. */
  at(node: number): Cluster;
  /** Moves the clock of all nodes. */
  pass(ms: number): void;
  close(): Promise<void>;
}

/** Starts `count` nodes on the database, which gets an account first. */
export async function startCluster(db: string, count: number, more: Partial<NewAccount> = {}): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-cluster-'));
  const place = { db, dataDir: join(folder, 'keys') };
  const account = { account: 'acme', name: 'Acme', product: PRODUCT, prefix: 'Acme-PoolKey', ...more };
  const provisioned = await provisionAuthority(place, account, Date.now());
  const nodes = await Promise.all(Array.from({ length: count }, () => startNode(place)));
  const balancer = await TcpBalancer.start(nodes.map(({ port }) => port));
  let shift = 0;
  const under = (url: string): Cluster => ({
    ...provisioned,
    nodes,
    balancer,
    authority: { url, account: account.account } as Authority,
    get clock() {
      return Date.now() + shift;
    },
    at: (node) => under(nodes[node]!.url),
    pass(ms) {
      shift += ms;
      for (const node of nodes) node.setClock(shift);
    },
    async close() {
      await balancer.close();
      await Promise.all(nodes.map((node) => node.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  });
  return under(`http://127.0.0.1:${balancer.port}`);
}

async function startNode(place: { readonly db: string; readonly dataDir: string }): Promise<AuthorityNode> {
  const port = await freePort();
  const logged: LogLine[] = [];
  let child: ChildProcess | undefined;
  let clockShift = 0;
  const node: AuthorityNode = {
    url: `http://127.0.0.1:${port}`,
    port,
    logged,
    async start() {
      child = await forkSource(NODE, [JSON.stringify({ ...place, port }), String(clockShift)]);
      await ready(child, logged);
    },
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child!.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
    setClock(shift) {
      clockShift = shift;
      if (child?.connected === true) child.send({ clockShift } satisfies ToNode);
    },
  };
  await node.start();
  return node;
}

function ready(child: ChildProcess, logged: LogLine[]): Promise<void> {
  let errors = '';
  child.stderr!.on('data', (text: Buffer) => (errors = (errors + text.toString()).slice(-4000)));
  return new Promise((resolve, reject) => {
    child.on('message', (message: FromNode) => {
      if ('url' in message) resolve();
      else if ('failed' in message) reject(new Error(message.failed));
      else logged.push(message.log);
    });
    child.once('exit', (code) => reject(new Error(`A node ended at its start (${code}): ${errors}`)));
  });
}

/** Repeats a call until it is answered for good, as an agent does: a connection that broke off, an authority that is not
 * there or has no time now. The call must be one that may be repeated. */
export async function persist<A extends { readonly status: number }>(call: () => Promise<A>, tries = 200): Promise<A> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await call().catch((error: unknown) => {
      if (attempt === tries) throw error;
      return undefined;
    });
    if (answer !== undefined && (answer.status !== 503 || attempt === tries)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 40));
  }
}
