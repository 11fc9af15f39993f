import {
  keysOf,
  LeaseholdError,
  signToken,
  verifyToken,
  type KeysetClaims,
  type LeaseClaims,
  type Signer,
} from '@leasehold/protocol';
import { ed25519, signerOf } from './ed25519.js';
import { readKeyFiles, type KeyFiles, type RootJwk } from './key-files.js';
import { deriveSecret, openSecret, sealSecret, storedSecretKey, type StoredSecretKey } from './stored-secrets.js';

type Signable = 'lease' | 'entitlements' | 'media' | 'session' | 'voucher' | 'head' | 'statement' | 'response' | 'time';

/** How far the clock may stand behind what was signed or journaled before, in ms: two nodes never agree exactly. */
const CLOCK_TOLERANCE = 60_000;

/** What this authority signs with. It signs only inside its key's window, under a keyset that has not ended, and never
 * at a time earlier than its own journal (design section 5). */
export class Keyring {
  readonly #folder: string;
  #files: KeyFiles;
  #signer: Signer;
  #latest = 0;

  static async open(folder: string): Promise<Keyring> {
    return new Keyring(folder, await readKeyFiles(folder));
  }

  private constructor(folder: string, files: KeyFiles) {
    this.#folder = folder;
    this.#files = files;
    this.#signer = signerOf(files.signing);
  }

  /** Takes up a keyset that was installed since. */
  async reload(): Promise<void> {
    this.#files = await readKeyFiles(this.#folder);
    this.#signer = signerOf(this.#files.signing);
  }

  get account(): string {
    return this.#files.keyset.iss;
  }
  /** Id of the key that it signs with. */
  get kid(): string {
    return this.#signer.publicKey.kid;
  }
  get keyset(): KeysetClaims {
    return this.#files.keyset;
  }
  get keysetToken(): string {
    return this.#files.keysetToken;
  }
  get roots(): readonly RootJwk[] {
    return this.#files.roots;
  }

  /** Tells the keyring how far the journal has come, in epoch ms. */
  learn(at: number): void {
    this.#latest = Math.max(this.#latest, at);
  }

  /** The same, also where it came less far than was learned: a clock that stood ahead was set right, and the last row says so. */
  learnAnew(at: number): void {
    this.#latest = at;
  }

  /** Why it would not sign now, or undefined. */
  problem(now: number): LeaseholdError | undefined {
    if (now < this.#latest - CLOCK_TOLERANCE) {
      return new LeaseholdError('CLOCK_BEHIND', 'The clock of the authority stands before its own journal.', {
        remedy:
          'Set the clock of the server right (NTP); nothing is signed until then. Agents go on with their leases. If it is right and stood ahead before: make one change, such as a new token, and send SIGHUP.',
        retryAfterSeconds: 60,
      });
    }
    if (now >= this.keyset.exp * 1000) {
      return new LeaseholdError('KEYSET_EXPIRED', 'The keyset of the authority has ended.', {
        remedy: 'Install a new keyset signed by the root: leasehold keyset sign. Leases that are held stay valid.',
      });
    }
    return undefined;
  }

  /** Throws what keeps it from signing at this instant: asked before a command whose outcome is to be signed. */
  assertReady(now: number): void {
    const problem = this.problem(now);
    if (problem !== undefined) throw problem;
  }

  /** Does its key speak for what was issued then? Unit: seconds since the epoch. */
  maySign(issuedAt: number): boolean {
    try {
      keysOf(this.keyset)(this.kid, issuedAt);
      return true;
    } catch {
      return false;
    }
  }

  async sign<K extends Signable>(kind: K, claims: Parameters<typeof signToken<K>>[1], now: number): Promise<string> {
    this.assertReady(now);
    keysOf(this.keyset)(this.#signer.publicKey.kid, Math.floor(now / 1000));
    this.learn(now);
    return signToken(kind, claims, this.#signer);
  }

  /** A lease of ours that an agent shows, or undefined when it is not genuine. */
  async readLease(token: string): Promise<LeaseClaims | undefined> {
    try {
      return await verifyToken('lease', token, { ed25519, keys: keysOf(this.keyset), expect: { iss: this.account } });
    } catch {
      return undefined;
    }
  }

  /** 32 bytes that every node of this account derives alike and nobody outside can: for challenges, and for secrets that
   * must come out the same when a request is repeated. */
  secret(purpose: string): Buffer {
    return deriveSecret(this.#files.signing, this.account, purpose);
  }

  /** What secrets in the database are sealed under: the present key first, then those of signing keys before it. */
  get storedSecretKeys(): readonly [StoredSecretKey, ...StoredSecretKey[]] {
    return [storedSecretKey(this.#files.signing, this.account), ...this.#files.storedSecretKeys];
  }

  /** Seals a secret that has to be kept as it is; `of` names what it belongs to. */
  sealSecret(of: string, secret: string): string {
    return sealSecret(this.storedSecretKeys, of, secret);
  }

  /** Undefined: it was sealed under a key that is not in the key folder. */
  openSecret(of: string, sealed: string): string | undefined {
    return openSecret(this.storedSecretKeys, of, sealed);
  }
}
