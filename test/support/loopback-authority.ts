import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  LeaseholdError,
  entitlementsDigest,
  signToken,
  thumbprint,
  toProblem,
  verifyProof,
  type ExtensionClaims,
  type KeysetClaims,
  type LeaseClaims,
  type MediaClaims,
  type Message,
  type ProblemCode,
  type Signer,
} from '@leasehold/protocol';
import type { Facts } from '@leasehold/terms';
import { ed25519, newSigner } from './signing.js';

const DAY = 86_400;

/** An authority of the tests' own: real tokens under a real root, on a loopback port, with one machine license. It keeps
 * its state in memory, and does on demand what a real one does on a bad day. */
export interface LoopbackAuthority {
  readonly url: string;
  readonly root: { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string };
  readonly keyset: string;
  /** The lease and the entitlements it gave last. */
  issued?: { readonly lease: string; readonly entitlements: string };
  /** Requests so far, by path. */
  readonly asked: {
    readonly path: string;
    readonly body: Record<string, unknown>;
    readonly headers: IncomingMessage['headers'];
  }[];
  /** What it tells and does from now on. */
  behave: Behavior;
  media(claims?: Partial<MediaClaims>): Promise<string>;
  /** An extension note under the root; it runs 60 days from now unless told otherwise. Seconds. */
  note(claims?: Partial<ExtensionClaims>): Promise<string>;
  /** The word of its root for the one after it. */
  successor(next: Signer): Promise<string>;
  /** The keyset as it is now. */
  currentKeyset(): string;
  /** Loses the leases it signed, so that each is signed anew. */
  forget(): void;
  /** A new keyset under the same root, from its old keys; it signs with a fresh one, which is listed too, if asked to. */
  rotate(change: {
    version: number;
    keys?: (old: Keys) => Keys;
    freshKey?: boolean;
    /** The vendor's new root, from now on. */
    root?: Signer;
  }): Promise<void>;
  close(): Promise<void>;
}

export interface Behavior {
  /** Seconds since 1970; the machine's own clock by default. */
  now?: () => number;
  leaseDays?: number;
  /** Seconds since 1970; set before it starts. */
  keysetEnds?: number;
  /** Facts beside the machine and its license. */
  facts?: Partial<Facts>;
  license?: Partial<NonNullable<Facts['licenses']>[number]> | null;
  /** Answers the path with this problem. */
  refuse?: Readonly<Record<string, LeaseholdError>>;
  /** Commits, and cuts the connection before the reply. */
  loseReply?: boolean;
  /** Answers this text with status 200. */
  raw?: string;
  /** Asks for a nonce once. */
  challenge?: string;
  /** Puts another nonce into the lease. */
  replay?: boolean;
  redirect?: string;
  /** Of the leases it gives. */
  epoch?: number;
  /** What it does when asked for the signed time. */
  time?: 'none' | 'replayed' | 'forged';
  /** Sends leases without the keyset. */
  withholdKeyset?: boolean;
  /** Sends no entitlements to who says that he has them. */
  keepEntitlements?: boolean;
}

/** The license key that it knows. */
export const LICENSE_KEY = 'LH-00000-00000-00000-00000-00000-0J4SM';

type Keys = KeysetClaims['keys'];

function keyOf({ kid, x }: { readonly kid: string; readonly x: string }): Keys[number] {
  return { kid, x, nbf: 1_600_000_000, exp: 4_000_000_000 };
}

export async function startLoopbackAuthority(
  behave: Behavior = {},
  tls?: { readonly key: string; readonly cert: string },
  port = 0,
  host = '127.0.0.1',
): Promise<LoopbackAuthority> {
  const firstRoot = await newSigner();
  let root: Signer = firstRoot;
  let signer = await newSigner();
  const asked: LoopbackAuthority['asked'] = [];
  const heads = new Map<string, { lease: LeaseClaims; token: string; nonce: string; parent: string | null }>();
  let keysetClaims = {
    iss: 'account-1',
    epoch: 1,
    version: 1,
    iat: 1_700_000_000,
    exp: behave.keysetEnds ?? 4_000_000_000,
    keys: [keyOf(signer.jwk)],
  };
  let keyset = await signToken('keyset', keysetClaims, root);
  const now = (): number => authority.behave.now?.() ?? Math.floor(Date.now() / 1000);
  const base = { iss: 'account-1', product: 'acme-backup', epoch: 1 };

  async function checkIn(jkt: string, body: Message<'CheckInRequest'> | Message<'ActivateRequest'>): Promise<unknown> {
    const instance = `machine-${jkt.slice(0, 8)}`;
    const { license = {}, facts: more = {}, leaseDays = 14 } = authority.behave;
    const boundTo = { type: 'machine', id: instance };
    const held = { id: 'license-1', edition: 'linux', term: 'perpetual', validUntil: null, boundTo, ...license };
    const facts = {
      profile: 'aip',
      machines: [{ id: instance, kind: 'physical', os: body.machine.os }],
      licenses: license === null ? [] : [held],
      ...more,
    };
    const self = { kind: 'machine', id: instance } as const;
    const entitlements = await signToken('entitlements', { ...base, sub: instance, iat: now(), self, facts }, signer);
    const { parent, nonce } = body.chain;
    let head = heads.get(instance);
    if (head === undefined || head.nonce !== nonce || head.parent !== parent) {
      const seq = (head?.lease.seq ?? 0) + 1;
      const lease: LeaseClaims = {
        ...base,
        epoch: authority.behave.epoch ?? base.epoch,
        sub: instance,
        jti: `${seq}.${authority.behave.replay === true ? 'AAAA' : nonce}`,
        seq,
        parent,
        iat: now(),
        exp: now() + leaseDays * DAY,
        cnf: { jkt },
        license: 'license-1',
        components: body.machine.components,
        catalog: { id: 'aip', version: 1 },
        entitlements: await entitlementsDigest({ self, facts }, (bytes) => createHash('sha256').update(bytes).digest()),
      };
      head = { lease, token: await signToken('lease', lease, signer), nonce, parent };
      heads.set(instance, head);
    }
    authority.issued = { lease: head.token, entitlements };
    const usage = 'usage' in body ? body.usage : undefined;
    return {
      instance,
      lease: head.token,
      ...(authority.behave.keepEntitlements === true && isHeld(body, head.lease) ? {} : { entitlements }),
      ...(authority.behave.withholdKeyset === true ? {} : { keyset }),
      serverTime: new Date(now() * 1000).toISOString(),
      renewAfter: new Date((now() + DAY) * 1000).toISOString(),
      verdict: 'same',
      notices: [],
      ...(usage === undefined ? {} : { usageSeen: { epoch: usage.epoch, n: usage.records.at(-1)?.n ?? 0 } }),
    };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readAll(request);
    const path = request.url ?? '';
    const { refuse, raw, redirect, challenge, loseReply, time } = authority.behave;
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    asked.push({ path, body, headers: request.headers });
    if (redirect !== undefined) {
      response.writeHead(302, { location: redirect }).end();
      return;
    }
    if (raw !== undefined) {
      response.writeHead(200, { 'content-type': 'text/html' }).end(raw);
      return;
    }
    const refusal = refuse?.[path];
    if (refusal !== undefined) throw refusal;
    if (path === '/v1/keyset') return send(response, 200, { keyset, serverTime: new Date(now() * 1000).toISOString() });
    if (path.startsWith('/v1/time/')) {
      if (time === 'none') throw new LeaseholdError('NOT_FOUND', 'There is no such call.');
      const nonce = time !== 'replayed' ? path.slice('/v1/time/'.length) : 'AAAAAAAAAAAAAAAAAAAAAA';
      const claims = { iss: base.iss, nonce, iat: now() };
      return send(response, 200, {
        time: await signToken('time', claims, time === 'forged' ? await newSigner() : signer),
        keyset,
      });
    }
    const proof = await verifyProof(String(request.headers['leasehold-proof']), ed25519);
    const bodyHash = createHash('sha256').update(text).digest('base64url');
    if (
      proof.claims.htm !== request.method ||
      proof.claims.htu !== authority.url + path ||
      proof.claims.bh !== bodyHash
    ) {
      throw new LeaseholdError('PROOF_INVALID', 'The proof is of another request.');
    }
    if (challenge !== undefined && proof.claims.nonce !== challenge) {
      response.setHeader('Leasehold-Nonce', challenge);
      throw new LeaseholdError('NONCE_REQUIRED', 'Answer the challenge.');
    }
    const jkt = await thumbprint(proof.jwk);
    if (path === '/v1/activate' && body['licenseKey'] !== LICENSE_KEY) {
      throw new LeaseholdError('LICENSE_KEY_UNKNOWN', 'No license has this key.', { remedy: 'Compare it.' });
    }
    if (path === '/v1/deactivate') {
      heads.clear();
      const serverTime = new Date(now() * 1000).toISOString();
      return send(response, 200, { instance: body['instance'], reusableFrom: null, serverTime });
    }
    const reply = await checkIn(jkt, body as never);
    if (loseReply === true) request.socket.destroy();
    else send(response, 200, reply);
  }

  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      const told = toProblem(LeaseholdError.is(error) ? error : new LeaseholdError('INTERNAL', String(error)));
      send(response, told.status, told);
    });
  };
  const server: Server = tls === undefined ? createServer(handler) : createTlsServer(tls, handler);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const { port: bound } = server.address() as AddressInfo;
  const authority: LoopbackAuthority = {
    url: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    root: { kty: 'OKP', crv: 'Ed25519', x: firstRoot.jwk.x },
    keyset,
    asked,
    behave,
    forget: () => heads.clear(),
    rotate: async ({ version, keys = (old) => old, freshKey = false, root: nextRoot }) => {
      root = nextRoot ?? root;
      const kept = keys(keysetClaims.keys);
      if (freshKey) signer = await newSigner();
      keysetClaims = { ...keysetClaims, version, keys: freshKey ? [...kept, keyOf(signer.jwk)] : kept };
      keyset = await signToken('keyset', keysetClaims, root);
    },
    note: (claims = {}) => {
      const span = { iat: now(), from: now() - DAY, until: now() + 60 * DAY };
      return signToken('extension', { iss: base.iss, product: base.product, ...span, ...claims }, root);
    },
    successor: (next) => signToken('successor', { x: next.publicKey.x, iat: now() }, root),
    currentKeyset: () => keyset,
    media: (claims = {}) =>
      signToken(
        'media',
        {
          ...base,
          media: 'stick-1',
          base: 'linux',
          licensee: 'Example Ltd',
          salt: 'c2FsdA',
          covered: [],
          formerlyCovered: [],
          iat: now() - 60,
          exp: now() + 30 * DAY,
          ...claims,
        },
        signer,
      ),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return authority;
}

/** A refusal as an authority words it. */
export function problem(code: ProblemCode, more: ConstructorParameters<typeof LeaseholdError>[2] = {}): LeaseholdError {
  return new LeaseholdError(code, `The authority says ${code}.`, { remedy: 'Ask the operator.', ...more });
}

function isHeld(body: object, { entitlements }: LeaseClaims): boolean {
  return 'entitlementsDigest' in body && body.entitlementsDigest === entitlements;
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
