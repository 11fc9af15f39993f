import { randomBytes } from 'node:crypto';
import { LeaseholdError } from '@leasehold/protocol';
import type { Policy } from '@leasehold/terms';
import { formatToken } from './accounts/tokens.js';
import { digestOf, publicHalf, type PrivateJwk } from './keys/ed25519.js';
import { createSigningKey, installKeyset, refuseTakenFolder, type RootJwk } from './keys/key-files.js';
import { registry, type AuthorityRegistry } from './registry.js';
import { createRoot, signKeyset } from './keys/roots.js';
import { openStore, type Store } from './store/index.js';

const DAY = 86_400_000;

/** Opens the authority's database for the steps before it serves: creating the account, or a token for an owner who lost
 * his. An SQLite database then belongs to this process until `close`. Rejects like `openStore`: `create: false` is for
 * what must be there already. */
export function openAuthorityStore(
  db: string,
  options: { readonly create?: boolean } = {},
): Promise<Store<AuthorityRegistry>> {
  return openStore(db, registry, options);
}

export interface NewAccount {
  readonly account: string;
  readonly name: string;
  /** The product whose agents it licenses, as they name it. */
  readonly product: string;
  /** IANA zone in which its days end; UTC by default. */
  readonly timeZone?: string;
  /** Stands before the name of each Pool Key (LMP-3.5). */
  readonly prefix?: string;
  readonly policy?: Policy;
  /** Licenses come in by the vendor's grants alone: for an authority that somebody else runs. */
  readonly byGrants?: boolean;
  /** 1 by default; higher for an account that was restored. */
  readonly epoch?: number;
}

/** Creates an account and answers the token of its first owner, shown this once. Rejects with INPUT_INVALID for a time zone
 * that is none, CONFLICT when it exists. */
export async function createAccount(
  store: Store<AuthorityRegistry>,
  input: NewAccount,
  now: number,
): Promise<{ readonly ownerToken: string }> {
  const { account, name, product, timeZone = 'UTC', prefix = null, policy = {}, epoch = 1, byGrants = false } = input;
  assertTimeZone(timeZone);
  const salt = randomBytes(16).toString('base64url');
  const made = { account, name, product, timeZone, prefix, policy, byGrants, epoch, salt };
  await store.execute('createAccount', made, now);
  return { ownerToken: await createOwnerToken(store, account, 'first owner', now) };
}

function assertTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch (cause) {
    throw new LeaseholdError('INPUT_INVALID', `There is no time zone "${timeZone}".`, {
      path: 'timeZone',
      remedy: 'Give its IANA name, like Europe/Berlin, or leave it out for UTC.',
      cause,
    });
  }
}

/** A token of the role owner for whoever can write the database: the way back in. It ends after `days`. */
export async function createOwnerToken(
  store: Store<AuthorityRegistry>,
  account: string,
  name: string,
  now: number,
  days = 365,
): Promise<string> {
  const token = formatToken(new Uint8Array(randomBytes(32)));
  const id = `tok_${randomBytes(9).toString('base64url')}`;
  const input = {
    account,
    id,
    hash: digestOf(token),
    name,
    role: 'owner',
    companyId: null,
    expiresAt: now + days * DAY,
    actor: 'system',
  } as const;
  await store.execute('createToken', input, now);
  return token;
}

export interface Provisioned {
  readonly root: PrivateJwk;
  /** What agents and consoles pin. */
  readonly rootJwk: RootJwk;
  readonly ownerToken: string;
}

/** A fresh authority with a root of its own on one machine: signing key, keyset, account, first owner. For demos, tests
 * and small sites; a vendor keeps the root elsewhere and takes these steps one by one. The root is made here unless it is
 * given, by whoever has put it into safety before anything trusts it. Rejects with CONFLICT when the folder or the account is
 * taken. */
export async function provisionAuthority(
  place: { readonly db: string; readonly dataDir: string },
  input: NewAccount,
  now: number,
  given?: PrivateJwk,
): Promise<Provisioned> {
  const root = given ?? (await createRoot());
  await refuseTakenFolder(place.dataDir);
  const signing = await createSigningKey(place.dataDir);
  const order = { account: input.account, epoch: input.epoch ?? 1, version: 1, keys: [{ jwk: signing }] };
  const store = await openAuthorityStore(place.db);
  try {
    const { ownerToken } = await createAccount(store, input, now);
    await installKeyset(place.dataDir, await signKeyset(root, order, now), [publicHalf(root)]);
    return { root, rootJwk: publicHalf(root), ownerToken };
  } finally {
    await store.close();
  }
}
