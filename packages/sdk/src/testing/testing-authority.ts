import { LeaseholdError, entitlementsDigest, signToken, thumbprint, toProblem, verifyProof } from '@leasehold/protocol';
import type { LeaseClaims, Message, ProblemCode, PublicJwk, Signer } from '@leasehold/protocol';
import type { Known, Profile } from '@leasehold/terms';
import { ed25519 } from '../trust/ed25519.js';
import { iso } from '../decision/facts.js';
import { newDeviceKey } from '../machine/device-key.js';
import { sha256 } from '../trust/trust.js';
import type { Wire, WireReply, WireRequest } from '../wire/wire.js';

const DAY = 86_400;
const LEASE_DAYS = 14;
const FOREVER = 4_000_000_000;
const ACCOUNT = 'test-account';
/** The id of the one installation that it licenses. */
const SELF = 'self';
const SUBJECTS: Readonly<Record<Profile, 'machine' | 'instance' | 'server'>> = {
  aip: 'machine',
  generic: 'machine',
  msp: 'instance',
  lmp: 'server',
};

interface Keys {
  readonly root: Signer;
  readonly signer: Signer;
  readonly keyset: string;
}

/** What the authority in memory knows of the one machine it licenses; a test changes it between two contacts. */
export interface TestAuthorityState {
  /** Refuses what carries this path with this code: `/v1/check-in` → `LICENSE_REVOKED`. */
  refuse?: Readonly<Record<string, ProblemCode>>;
  /** Nobody answers. */
  unreachable?: boolean;
  /** The facts of the license; `self` stands for the machine’s id. */
  facts: Known;
}

/** An authority in the memory of a test: real tokens under a root of its own, answered without any network. */
export class TestAuthority implements Wire {
  readonly state: TestAuthorityState;
  readonly #product: string;
  readonly #now: () => number;
  readonly #root: Signer;
  readonly #signer: Signer;
  readonly #keyset: string;
  #seq = 0;

  private constructor(product: string, state: TestAuthorityState, now: () => number, keys: Keys) {
    this.#product = product;
    this.state = state;
    this.#now = now;
    this.#root = keys.root;
    this.#signer = keys.signer;
    this.#keyset = keys.keyset;
  }

  static async create(product: string, state: TestAuthorityState, now: () => number): Promise<TestAuthority> {
    const [root, signer] = [newDeviceKey().key, newDeviceKey().key];
    const { kid, x } = signer.publicKey;
    const keys = [{ kid, x, nbf: 0, exp: FOREVER }];
    const keyset = await signToken('keyset', { iss: ACCOUNT, epoch: 1, version: 1, iat: 0, exp: FOREVER, keys }, root);
    return new TestAuthority(product, state, now, { root, signer, keyset });
  }

  get root(): PublicJwk {
    return this.#root.publicKey;
  }

  async send(request: WireRequest): Promise<WireReply> {
    if (this.state.unreachable === true) {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    }
    try {
      return reply(200, await this.#answer(request));
    } catch (error) {
      const problem = toProblem(LeaseholdError.is(error) ? error : new LeaseholdError('INTERNAL', String(error)));
      return reply(problem.status, problem);
    }
  }

  async close(): Promise<void> {
    // There is no connection to end.
  }

  async #answer({ url, body = '{}', headers }: WireRequest): Promise<unknown> {
    const { pathname } = new URL(url);
    const refusal = this.state.refuse?.[pathname];
    if (refusal !== undefined) {
      throw new LeaseholdError(refusal, `The test says ${refusal}.`, { remedy: 'Nothing: a test asked for it.' });
    }
    const serverTime = iso(this.#now());
    if (pathname === '/v1/keyset') return { keyset: this.#keyset, serverTime };
    if (pathname === '/v1/deactivate') return { instance: SELF, reusableFrom: null, serverTime };
    if (pathname !== '/v1/activate' && pathname !== '/v1/check-in') {
      throw new LeaseholdError('NOT_FOUND', 'The authority of the tests does not know this call.');
    }
    const { jwk } = await verifyProof(headers['Leasehold-Proof'] ?? '', ed25519);
    return this.#issue(await thumbprint(jwk), JSON.parse(body) as Message<'CheckInRequest'>);
  }

  async #issue(jkt: string, { chain, machine, usage }: Message<'CheckInRequest'>): Promise<Message<'CheckInReply'>> {
    const base = { iss: ACCOUNT, product: this.#product, epoch: 1 };
    const iat = Math.floor(this.#now() / 1000);
    const self = { kind: SUBJECTS[this.state.facts.profile], id: SELF };
    const facts = { ...this.state.facts };
    this.#seq += 1;
    const lease: LeaseClaims = {
      ...base,
      sub: SELF,
      jti: `${this.#seq}.${chain.nonce}`,
      seq: this.#seq,
      parent: chain.parent,
      iat,
      exp: iat + LEASE_DAYS * DAY,
      cnf: { jkt },
      license: 'test-license',
      components: machine.components,
      catalog: { id: facts.profile, version: 1 },
      entitlements: await entitlementsDigest({ self, facts }, sha256),
    };
    const last = usage?.records.at(-1);
    return {
      instance: SELF,
      lease: await signToken('lease', lease, this.#signer),
      entitlements: await signToken('entitlements', { ...base, sub: SELF, iat, self, facts }, this.#signer),
      keyset: this.#keyset,
      serverTime: iso(this.#now()),
      renewAfter: iso(this.#now() + DAY * 1000),
      verdict: 'same',
      notices: [],
      ...(usage === undefined || last === undefined ? {} : { usageSeen: { epoch: usage.epoch, n: last.n } }),
    };
  }
}

function reply(status: number, value: unknown): WireReply {
  return { status, headers: {}, text: JSON.stringify(value) };
}
