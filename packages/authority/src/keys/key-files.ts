import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LeaseholdError, verifyKeyset, type KeysetClaims, type PublicJwk } from '@leasehold/protocol';
import { ed25519, newKeyPair, publicHalf, type PrivateJwk } from './ed25519.js';
import { makeFolder, readIfThere, writeWhole } from './folder-files.js';
import { storedSecretKey, type StoredSecretKey } from './stored-secrets.js';

export type RootJwk = PublicJwk & { readonly kid: string };

/** The files of the key folder. The highest keyset lies here, outside the database: a database restored from a backup
 * cannot take the authority back to an older one (design section 3, Epoch). */
const FILES = {
  signing: 'signing-key.json',
  next: 'signing-key-next.json',
  roots: 'roots.json',
  keyset: 'keyset.jws',
  highest: 'keyset-highest.json',
  served: 'journal-served.json',
  stored: 'stored-secret-keys.json',
};

export interface KeyFiles {
  readonly signing: PrivateJwk;
  readonly roots: readonly RootJwk[];
  readonly keysetToken: string;
  readonly keyset: KeysetClaims;
  /** Of signing keys that are not used any more. */
  readonly storedSecretKeys: readonly StoredSecretKey[];
}

/** Makes the signing key of this authority, unless it has one. Answers the public half, which a root then puts into a
 * keyset. */
export async function createSigningKey(folder: string): Promise<RootJwk> {
  await makeFolder(folder);
  const found = await readIfThere(join(folder, FILES.signing));
  if (found !== undefined) return publicHalf(parse(found, FILES.signing) as PrivateJwk);
  const key = await newKeyPair();
  await writeWhole(join(folder, FILES.signing), JSON.stringify(key));
  return publicHalf(key);
}

/** Stops before a second authority takes the folder of the first, whose machines would then trust neither.
 * @throws LeaseholdError CONFLICT */
export async function refuseTakenFolder(folder: string): Promise<void> {
  if ((await readIfThere(join(folder, FILES.keyset))) === undefined) return;
  throw new LeaseholdError('CONFLICT', `The key folder ${folder} is that of an authority already.`, {
    path: 'data',
    remedy: 'Name another folder with --data; nothing was changed.',
  });
}

/** Makes the key that will follow the one in use; the keyset that lists it puts it in its place. Answers its public half. */
export async function nextSigningKey(folder: string): Promise<RootJwk> {
  const found = await readIfThere(join(folder, FILES.next));
  if (found !== undefined) return publicHalf(parse(found, FILES.next) as PrivateJwk);
  const key = await newKeyPair();
  await writeWhole(join(folder, FILES.next), JSON.stringify(key));
  return publicHalf(key);
}

/** Puts a root-signed keyset into the key folder. Refuses one of a root that is not pinned, one of another account than the
 * folder's, one that does not list this authority's key, one older than the highest ever installed, and another of its
 * version; then nothing is changed. */
export async function installKeyset(folder: string, token: string, roots: readonly RootJwk[]): Promise<KeysetClaims> {
  await refuseOtherAccount(folder, await verifyKeyset(token, roots, ed25519));
  await refuseSameVersion(folder, token, await verifyKeyset(token, roots, ed25519));
  const keyset = await verifyKeyset(token, roots, ed25519, await highest(folder));
  const next = await readIfThere(join(folder, FILES.next));
  const text = next !== undefined && lists(keyset, next, FILES.next) ? next : await needed(folder, FILES.signing);
  if (!lists(keyset, text, FILES.signing)) {
    throw new LeaseholdError('KEY_UNKNOWN', 'The keyset does not list the signing key of this authority.', {
      remedy: 'Sign a keyset for the public key that `leasehold keyset key` shows.',
    });
  }
  if (text === next) {
    await refuseForgottenKey(folder, keyset);
    await keepStoredSecretKey(folder, keyset.iss);
    await writeWhole(join(folder, FILES.signing), next);
  }
  await writeWhole(join(folder, FILES.roots), JSON.stringify({ keys: roots }));
  await writeWhole(join(folder, FILES.keyset), token);
  await writeWhole(join(folder, FILES.highest), JSON.stringify({ epoch: keyset.epoch, version: keyset.version }));
  if (text === next) await rm(join(folder, FILES.next), { force: true });
  return keyset;
}

/** The highest keyset seen counts for one account: under another the authority would not find its own any more. */
async function refuseOtherAccount(folder: string, { iss }: KeysetClaims): Promise<void> {
  const held = await readKeyFiles(folder).catch(() => undefined);
  if (held === undefined || held.keyset.iss === iss) return;
  throw new LeaseholdError('CONFLICT', `The key folder is that of account ${held.keyset.iss}, the keyset of ${iss}.`, {
    path: 'data',
    remedy: `Name the folder of ${iss} with --data, or sign a keyset for ${held.keyset.iss}; nothing was changed.`,
  });
}

/** Machines that hold a keyset ask for none of its version: they would go by it to its end, and then believe no lease. */
async function refuseSameVersion(folder: string, token: string, { epoch, version }: KeysetClaims): Promise<void> {
  const held = await readKeyFiles(folder).catch(() => undefined);
  if (held?.keyset.epoch !== epoch || held.keyset.version !== version || held.keysetToken === token) return;
  throw new LeaseholdError('CONFLICT', `The keyset in use has version ${version} too, and says something else.`, {
    path: 'version',
    remedy: `Sign it again with a higher one: leasehold keyset sign --version ${version + 1}. Nothing was changed.`,
  });
}

/** What machines hold is sealed by the key in use. Where the keyset says nothing of it, all of them would have nothing from
 * their next start on; a key that leaked is listed with its end. */
async function refuseForgottenKey(folder: string, keyset: KeysetClaims): Promise<void> {
  const held = await readKeyFiles(folder).catch(() => undefined);
  if (held === undefined || keyset.keys.some(({ kid }) => kid === held.signing.kid)) return;
  throw new LeaseholdError('KEY_UNKNOWN', 'The keyset leaves out the signing key that is in use until now.', {
    remedy: 'Sign it with that one too: by a further --key, or by --revoke where it leaked. Nothing was changed.',
  });
}

/** A signing key goes; what the database holds under it can still be opened, and is sealed anew at the next start. */
async function keepStoredSecretKey(folder: string, account: string): Promise<void> {
  const signing = parse(await needed(folder, FILES.signing), FILES.signing) as PrivateJwk;
  const kept = (await retiredKeys(folder)).filter(({ kid }) => kid !== signing.kid);
  await writeWhole(join(folder, FILES.stored), JSON.stringify([storedSecretKey(signing, account), ...kept]));
}

async function retiredKeys(folder: string): Promise<StoredSecretKey[]> {
  const text = await readIfThere(join(folder, FILES.stored));
  return text === undefined ? [] : (parse(text, FILES.stored) as StoredSecretKey[]);
}

function lists(keyset: KeysetClaims, key: string, name: string): boolean {
  const { kid } = parse(key, name) as PrivateJwk;
  return keyset.keys.some((one) => one.kid === kid && one.revokedAt === undefined);
}

/** Reads and verifies the key folder. Rejects with STATE_UNAVAILABLE when a file is missing, STATE_DAMAGED when it is
 * not ours, KEYSET_ROLLBACK, WRONG_ROOT or KEY_UNKNOWN. */
export async function readKeyFiles(folder: string): Promise<KeyFiles> {
  const [signingText, rootsText, keysetToken] = await Promise.all(
    [FILES.signing, FILES.roots, FILES.keyset].map((name) => needed(folder, name)),
  );
  const signing = parse(signingText!, FILES.signing) as PrivateJwk;
  const { keys: roots } = parse(rootsText!, FILES.roots) as { readonly keys: readonly RootJwk[] };
  const keyset = await verifyKeyset(keysetToken!, roots, ed25519, await highest(folder));
  if (!keyset.keys.some((one) => one.kid === signing.kid)) {
    throw new LeaseholdError('KEY_UNKNOWN', 'The keyset does not list the signing key in the same folder.', {
      remedy: 'Install a keyset that a root signed for this signing key.',
    });
  }
  return { signing, roots, keysetToken: keysetToken!, keyset, storedSecretKeys: await retiredKeys(folder) };
}

/** How far a journal was served. */
export interface Served {
  readonly epoch: number;
  readonly seq: number;
}

/** The last position that was written down here, or undefined. A database that stands before it was restored. */
export async function servedUpTo(folder: string): Promise<Served | undefined> {
  const text = await readIfThere(join(folder, FILES.served));
  return text === undefined ? undefined : (parse(text, FILES.served) as Served);
}

export function noteServed(folder: string, { epoch, seq }: Served): Promise<void> {
  return writeWhole(join(folder, FILES.served), JSON.stringify({ epoch, seq }));
}

async function highest(folder: string): Promise<{ epoch: number; version: number } | undefined> {
  const text = await readIfThere(join(folder, FILES.highest));
  return text === undefined ? undefined : (parse(text, FILES.highest) as { epoch: number; version: number });
}

async function needed(folder: string, name: string): Promise<string> {
  const text = await readIfThere(join(folder, name));
  if (text !== undefined) return text.trim();
  throw new LeaseholdError('STATE_UNAVAILABLE', `The key folder ${folder} has no ${name}.`, {
    path: 'dataDir',
    remedy:
      'Name the key folder with --data; that of a database brought back lies beside its backup. A new authority begins with leasehold authority create, or with a keyset: leasehold keyset key, sign, install.',
  });
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new LeaseholdError('STATE_DAMAGED', `${name} in the key folder is not whole.`, {
      remedy: 'Put the file back from its backup; nothing was changed.',
      cause,
    });
  }
}
