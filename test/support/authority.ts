import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  provisionAuthority,
  startAuthority,
  type Authority,
  type AuthorityOptions,
  type NewAccount,
  type Provisioned,
} from '@leasehold/authority';
import {
  pathOf,
  ROUTES,
  signToken,
  toBase64Url,
  type Message,
  type ReplyOf,
  type RequestOf,
  type RouteName,
  type Signer,
} from '@leasehold/protocol';
import { newSigner } from './signing.js';

export const PRODUCT = 'acme-backup';

/** An authority on a database and a key folder of its own, with a clock that a test sets. */
export interface Bench extends Provisioned {
  readonly authority: Authority;
  readonly folder: string;
  readonly logged: string[];
  clock: number;
  /** Ends it and starts it anew, on the same port if one is given. */
  restart(port?: number): Promise<Authority>;
  close(): Promise<void>;
}

export async function startBench(
  start = Date.parse('2026-06-15T10:00:00Z'),
  more: Partial<NewAccount> = {},
  db?: string,
  options: Partial<AuthorityOptions> = {},
): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-authority-'));
  const place = { db: db ?? `sqlite:${join(folder, 'authority.db')}`, dataDir: join(folder, 'keys') };
  const account = { account: 'acme', name: 'Acme', product: PRODUCT, prefix: 'Acme-PoolKey', ...more };
  const provisioned = await provisionAuthority(place, account, start);
  const logged: string[] = [];
  const open = (port = 0): Promise<Authority> =>
    startAuthority({
      ...place,
      port,
      now: () => bench.clock,
      log: (line) => void logged.push(JSON.stringify(line)),
      ...options,
    });
  const bench: Bench & { authority: Authority } = {
    ...provisioned,
    folder,
    logged,
    clock: start,
    authority: undefined as unknown as Authority,
    async restart(port) {
      await bench.authority.close();
      bench.authority = await open(port);
      return bench.authority;
    },
    async close() {
      await bench.authority.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  bench.authority = await open();
  return bench;
}

/** What came back: the body as it was sent, whatever it is. */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  readonly problem: Message<'ProblemMessage'>;
}

async function answer<Body>(response: Response): Promise<Answer<Body>> {
  const text = await response.text();
  const body = (text === '' ? undefined : JSON.parse(text)) as Body;
  return { status: response.status, headers: response.headers, body, problem: body as Message<'ProblemMessage'> };
}

/** Calls with a person's token. */
export async function asPerson<R extends RouteName>(
  bench: Bench,
  route: R,
  request: {
    body?: RequestOf<R>;
    params?: Record<string, string>;
    query?: string;
    headers?: Record<string, string>;
  } = {},
  token = bench.ownerToken,
): Promise<Answer<ReplyOf<R>>> {
  const { body, params, query = '', headers = {} } = request;
  const response = await fetch(`${bench.authority.url}${pathOf(route, params)}${query}`, {
    method: ROUTES[route].method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answer(response);
}

export interface ProofChanges {
  readonly iat?: number;
  readonly nonce?: string;
  readonly htu?: string;
  readonly htm?: 'GET' | 'POST';
  readonly bh?: string;
}

/** Calls with a device's proof of possession. */
export async function asDevice<R extends RouteName>(
  bench: { readonly authority: { readonly url: string }; readonly clock: number },
  signer: Signer,
  route: R,
  body: RequestOf<R>,
  params: Record<string, string> = {},
  changes: ProofChanges = {},
): Promise<Answer<ReplyOf<R>>> {
  const text = JSON.stringify(body);
  const url = `${bench.authority.url}${pathOf(route, params)}`;
  const claims = {
    htm: ROUTES[route].method,
    htu: url,
    bh: createHash('sha256').update(text).digest('base64url'),
    iat: Math.floor(bench.clock / 1000),
    jti: nonce(),
    ...changes,
  };
  const response = await fetch(url, {
    method: ROUTES[route].method,
    headers: { 'content-type': 'application/json', 'leasehold-proof': await signToken('proof', claims, signer) },
    body: text,
  });
  return answer(response);
}

export function nonce(): string {
  return toBase64Url(new Uint8Array(randomBytes(16)));
}

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** A machine with parts of its own; the same name is the same machine. */
export function machine(name: string, more: Partial<Message<'MachineReport'>> = {}): Message<'MachineReport'> {
  return {
    label: name,
    kind: 'physical',
    os: 'windows_server',
    components: {
      hardware_uuid: hash(`uuid ${name}`),
      machine_id: hash(`id ${name}`),
      disk_serial: hash(`disk ${name}`),
      mac: hash(`mac ${name}`),
    },
    hypervisor: null,
    cloud: null,
    bootId: null,
    vmGeneration: null,
    ...more,
  };
}

/** An agent: a device key, a machine and the chain it holds. */
export class Agent {
  readonly bench: { readonly authority: { readonly url: string }; readonly clock: number };
  readonly signer: Signer;
  report: Message<'MachineReport'>;
  instance = '';
  lease = '';
  parent: string | null = null;
  entitlementsDigest: string | null = null;

  static async on(bench: Agent['bench'], report: Message<'MachineReport'> | string): Promise<Agent> {
    return new Agent(bench, await newSigner(), typeof report === 'string' ? machine(report) : report);
  }

  constructor(bench: Agent['bench'], signer: Signer, report: Message<'MachineReport'>) {
    this.bench = bench;
    this.signer = signer;
    this.report = report;
  }

  /** The same state folder on another machine. */
  copyTo(name: string): Agent {
    const copy = new Agent(this.bench, this.signer, machine(name));
    const { instance, lease, parent, entitlementsDigest } = this;
    return Object.assign(copy, { instance, lease, parent, entitlementsDigest });
  }

  activation(licenseKey: string, link = { parent: this.parent, nonce: nonce() }): RequestOf<'activate'> {
    return { licenseKey, product: PRODUCT, version: '12.1', chain: link, machine: this.report };
  }

  async activate(licenseKey: string, more: Partial<RequestOf<'activate'>> = {}): Promise<Answer<ReplyOf<'activate'>>> {
    const result = await asDevice(this.bench, this.signer, 'activate', { ...this.activation(licenseKey), ...more });
    this.take(result);
    return result;
  }

  request(more: Partial<RequestOf<'checkIn'>> = {}): RequestOf<'checkIn'> {
    return {
      instance: this.instance,
      product: PRODUCT,
      version: '12.1',
      chain: { parent: this.parent, nonce: nonce() },
      machine: this.report,
      entitlementsDigest: this.entitlementsDigest,
      keysetVersion: { epoch: 1, version: 1 },
      ...more,
    };
  }

  async checkIn(more: Partial<RequestOf<'checkIn'>> = {}): Promise<Answer<ReplyOf<'checkIn'>>> {
    const result = await asDevice(this.bench, this.signer, 'checkIn', this.request(more));
    this.take(result);
    return result;
  }

  take({ status, body }: Answer<ReplyOf<'checkIn'>>): void {
    if (status !== 200) return;
    this.instance = body.instance;
    this.lease = body.lease;
    const claims = claimsOf(body.lease);
    this.parent = claims.jti;
    this.entitlementsDigest = claims.entitlements;
  }
}

/** The claims of a token, unverified. */
export function claimsOf(token: string): Message<'LeaseClaims'> & Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as never;
}

/** A license of the machine profile, as it is asked for. */
export const LICENSE = {
  profile: 'aip',
  type: 'server',
  kind: 'commercial',
  term: 'perpetual',
  companyId: null,
  seats: 1,
  validUntil: null,
  autoRenew: false,
} as const;

/** One of them and its key. */
export async function newLicense(
  bench: Bench,
  license: Partial<RequestOf<'licensesCreate'>['licenses'][number]> = {},
): Promise<{ readonly id: string; readonly licenseKey: string }> {
  const row = { ...LICENSE, ...license };
  const made = await asPerson(bench, 'licensesCreate', { body: { licenses: [row] } });
  if (made.status !== 200) throw new Error(JSON.stringify(made.problem));
  return made.body.licenses[0]!;
}
