import {
  createCipheriv,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLicense } from '@leasehold/sdk';
import { Agent, request } from 'undici';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { forkSource } from '../support/run-source.js';
import { figure, ratio } from './decision/measure.js';
import type { Figure } from './decision/measure.js';

/** What a check-in costs the agent: beside it the same durable work by hand (a sealed intent on disk, one request with
 * proof over a kept connection, the seals of the reply, a sealed state on disk), that request without the disk, and its
 * bytes alone, sent again as they are. The authority is a process of its own. The control knows no rules, no clock, no second generation of its
 * state and no problem that could be told. All rows take turns in every round. */

const ROUNDS = 15;
const COUNT = 40;
const AUTHORITY = fileURLToPath(new URL('../../test/support/loopback-process.ts', import.meta.url));

interface Measured {
  readonly wall: number;
  readonly cpu: number;
}

export async function bench(): Promise<{ rows: readonly object[]; goals: readonly object[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-bench-'));
  const authority = await forkSource(AUTHORITY, []);
  try {
    const [{ url, root }] = (await once(authority, 'message')) as [{ url: string; root: { x: string } }];
    const license = await openLicense({
      product: 'acme-backup',
      version: '12.1',
      roots: [root as never],
      authority: url,
      stateDir: join(folder, 'license'),
      activation: { key: LICENSE_KEY },
    });
    const byHand = await ByHand.activate(url, root.x, join(folder, 'by-hand'));
    const contenders = {
      'check-in': async () => {
        if (!(await license.check()).ok) throw new Error(JSON.stringify(license.status().problems));
      },
      'by hand': () => byHand.checkIn(),
      'bare request': () => byHand.checkIn(false),
      'its bytes again': () => byHand.requestAgain(),
    };
    const rounds = await interleaved(contenders);
    await license.close();
    await byHand.close();
    return report(rounds);
  } finally {
    authority.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function interleaved(
  contenders: Readonly<Record<string, () => Promise<void>>>,
): Promise<Map<string, Measured[]>> {
  const rounds = new Map(Object.keys(contenders).map((name) => [name, [] as Measured[]]));
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const [name, run] of Object.entries(contenders)) {
      const [start, before] = [performance.now(), process.cpuUsage()];
      for (let n = 0; n < COUNT; n += 1) await run();
      const { user, system } = process.cpuUsage(before);
      if (round > 0)
        rounds.get(name)!.push({ wall: (performance.now() - start) / COUNT, cpu: (user + system) / 1000 / COUNT });
    }
  return rounds;
}

function report(rounds: ReadonlyMap<string, Measured[]>): { rows: readonly object[]; goals: readonly object[] } {
  const of = (name: string, what: keyof Measured): Figure =>
    figure(
      `${name}: ${what === 'cpu' ? 'CPU' : 'wall'}`,
      'ms',
      rounds.get(name)!.map((one) => one[what]),
    );
  const goal = (id: string, value: number, limit: number): object => ({ id, value, limit, holds: value <= limit });
  const rows = (['cpu', 'wall'] as const).flatMap((what) => [...rounds.keys()].map((name) => of(name, what)));
  return {
    rows: rows.map(({ rounds: _rounds, ...row }) => row),
    goals: [
      goal('wall-to-by-hand', ratio(of('check-in', 'wall'), of('by hand', 'wall')), 1.5),
      goal('cpu-to-by-hand', ratio(of('check-in', 'cpu'), of('by hand', 'cpu')), 1.5),
      goal('cpu-to-bare-request', ratio(of('check-in', 'cpu'), of('bare request', 'cpu')), 2.5),
    ],
  };
}

interface Reply {
  readonly instance: string;
  readonly lease: string;
  readonly entitlements: string;
  readonly keyset: string;
}

/** The hand-written agent. */
class ByHand {
  readonly #url: string;
  readonly #root: KeyObject;
  readonly #folder: string;
  readonly #key: KeyObject;
  readonly #jwk: object;
  readonly #sealKey: Buffer = randomBytes(32);
  readonly #agent: Agent = new Agent({ pipelining: 1, connections: 1 });
  #held: Reply | undefined;
  #last: { readonly path: string; readonly body: string; readonly proof: string } | undefined;

  private constructor(url: string, rootX: string, folder: string) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const { x } = publicKey.export({ format: 'jwk' });
    this.#url = url;
    this.#root = keyOf(rootX);
    this.#folder = folder;
    this.#key = privateKey;
    this.#jwk = { kty: 'OKP', crv: 'Ed25519', x };
    mkdirSync(folder);
  }

  static async activate(url: string, rootX: string, folder: string): Promise<ByHand> {
    const agent = new ByHand(url, rootX, folder);
    const chain = { parent: null, nonce: randomBytes(16).toString('base64url') };
    const machine = { label: null, kind: 'physical', os: 'linux', components: { machine_id: 'A'.repeat(43) } };
    const body = { licenseKey: LICENSE_KEY, product: 'acme-backup', version: '12.1', chain, machine };
    agent.#held = await agent.#call('/v1/activate', JSON.stringify(body));
    return agent;
  }

  async checkIn(durable = true): Promise<void> {
    const held = this.#held!;
    const lease = claimsOf(held.lease);
    const chain = { parent: lease['jti'], nonce: randomBytes(16).toString('base64url') };
    if (durable) await this.#write('intent', JSON.stringify(chain));
    const machine = { label: null, kind: 'physical', os: 'linux', components: lease['components'] };
    const about = { product: 'acme-backup', version: '12.1', chain, machine };
    const known = { entitlementsDigest: lease['entitlements'], keysetVersion: { epoch: 1, version: 1 } };
    const body = JSON.stringify({ instance: held.instance, ...about, lease: held.lease, ...known });
    const reply = await this.#call('/v1/check-in', body);
    const keyset = opened(reply.keyset, this.#root);
    const signer = keyOf((keyset['keys'] as readonly { x: string }[])[0]!.x);
    const renewed = opened(reply.lease, signer);
    const entitlements = opened(reply.entitlements, signer);
    if (renewed['sub'] !== held.instance || entitlements['sub'] !== held.instance) throw new Error('foreign');
    this.#held = reply;
    if (durable) await this.#write('state', JSON.stringify({ ...reply, contactAt: Date.now() }));
  }

  /** The last request once more, byte for byte, and its reply read to the end. */
  async requestAgain(): Promise<void> {
    const { path, body, proof } = this.#last!;
    await this.#send(path, body, proof);
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #call(path: string, body: string): Promise<Reply> {
    const text = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const bh = createHash('sha256').update(body).digest('base64url');
    const jti = randomBytes(16).toString('base64url');
    const claims = { htm: 'POST', htu: this.#url + path, bh, iat: Math.floor(Date.now() / 1000), jti };
    const signed = `${text({ alg: 'EdDSA', typ: 'leasehold-proof+jws', jwk: this.#jwk })}.${text(claims)}`;
    const proof = `${signed}.${sign(null, Buffer.from(signed), this.#key).toString('base64url')}`;
    this.#last = { path, body, proof };
    return JSON.parse(await this.#send(path, body, proof)) as Reply;
  }

  async #send(path: string, body: string, proof: string): Promise<string> {
    const headers = { 'content-type': 'application/json', 'leasehold-proof': proof };
    const options = { dispatcher: this.#agent, method: 'POST' as const, headers, body };
    const reply = await request(this.#url + path, options);
    const text = await reply.body.text();
    if (reply.statusCode !== 200) throw new Error(text);
    return text;
  }

  /** Sealed, whole or not at all, and there after a power failure. */
  async #write(name: string, text: string): Promise<void> {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#sealKey, iv);
    const bytes = Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    const temporary = join(this.#folder, `${name}.tmp`);
    const file = await open(temporary, 'w', 0o600);
    await file.writeFile(bytes);
    await file.sync();
    await file.close();
    await rename(temporary, join(this.#folder, name));
    const directory = await open(this.#folder, 'r');
    await directory.sync();
    await directory.close();
  }
}

const keyOf = (x: string): KeyObject => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

function opened(token: string, key: KeyObject): Record<string, unknown> {
  const [head = '', body = '', seal = ''] = token.split('.');
  if (!verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(seal, 'base64url'))) throw new Error('forged');
  return claimsOf(token);
}
