import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto';
import {
  signToken,
  thumbprint,
  type LeaseClaims,
  type Message,
  type PublicJwk,
  type Signer,
} from '@leasehold/protocol';

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');
export const nonce = (): string => randomBytes(16).toString('base64url');

/** PKCS #8 of an Ed25519 key, up to its 32 bytes (RFC 8410 section 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export function signerOf(key: KeyObject, publicKey: Signer['publicKey']): Signer {
  return { publicKey, sign: (message) => new Uint8Array(sign(null, message, key)) };
}

/** A simulated agent: a device key and parts of its own, and the lease that it holds. */
export class SimulatedAgent {
  readonly id: string;
  readonly key: KeyObject;
  readonly publicKey: PublicJwk & { readonly kid: string };
  readonly components: Readonly<Record<string, string>>;
  lease = '';
  parent = '';

  static async of(n: number): Promise<SimulatedAgent> {
    const key = createPrivateKey({
      key: Buffer.concat([PKCS8, createHash('sha256').update(`herd ${n}`).digest()]),
      format: 'der',
      type: 'pkcs8',
    });
    const x = createPublicKey(key).export({ format: 'jwk' }).x!;
    const bare = { kty: 'OKP', crv: 'Ed25519', x } as const;
    return new SimulatedAgent(n, key, { ...bare, kid: await thumbprint(bare) });
  }

  private constructor(n: number, key: KeyObject, publicKey: PublicJwk & { readonly kid: string }) {
    this.id = `inst_herd_${n}`;
    this.key = key;
    this.publicKey = publicKey;
    const parts = ['hardware_uuid', 'machine_id', 'disk_serial', 'mac'];
    this.components = Object.fromEntries(parts.map((part) => [part, hash(`${part} ${n}`)]));
  }

  get report(): Message<'MachineReport'> {
    return {
      label: this.id,
      kind: 'physical',
      os: 'windows_server',
      components: { ...this.components },
      hypervisor: null,
      cloud: null,
      bootId: null,
      vmGeneration: null,
    };
  }

  /** A routine check-in as the SDK sends it: the lease held, one record of usage, nothing that it has already. */
  request(digest: string, n: number): Message<'CheckInRequest'> {
    const record = { n, at: new Date().toISOString(), kind: 'backup', bytes: 1_000_000, count: 1 };
    return {
      instance: this.id,
      product: 'acme-backup',
      version: '12.1',
      chain: { parent: this.parent, nonce: nonce() },
      lease: this.lease,
      machine: this.report,
      usage: { epoch: 'herd', records: [record] },
      entitlementsDigest: digest,
      keysetVersion: { epoch: 1, version: 1 },
    };
  }

  async proof(url: string, body: string): Promise<string> {
    const bh = createHash('sha256').update(body).digest('base64url');
    const claims = { htm: 'POST', htu: url, bh, iat: Math.floor(Date.now() / 1000), jti: nonce() } as const;
    return signToken('proof', claims, signerOf(this.key, this.publicKey));
  }

  take(lease: string): void {
    this.lease = lease;
    this.parent = claimsOf(lease).jti;
  }
}

export function claimsOf(token: string): LeaseClaims {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as LeaseClaims;
}
