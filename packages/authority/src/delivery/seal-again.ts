import type { Services } from '../services.js';
import type { Reader, Tx } from '../store/index.js';
import { isSealedBy } from '../keys/stored-secrets.js';

interface Resealed {
  readonly account: string;
  /** Each text as it stands, and as it is to stand. */
  readonly secrets: readonly { readonly from: string; readonly to: string }[];
}

/** Secrets of webhooks as they stand in the database. */
export async function storedSecrets(reader: Reader, { account }: { readonly account: string }): Promise<Stored[]> {
  return reader.all<Stored>(
    'SELECT id, secret, old_secret FROM subscriptions WHERE account = ? AND secret IS NOT NULL ORDER BY id',
    [account],
  );
}
interface Stored {
  readonly id: string;
  readonly secret: string | null;
  readonly old_secret: string | null;
}

/** Puts secrets in the place of what was read; what changed meanwhile stays. No row of the journal: nobody's rights
 * changed. */
export async function resealSecrets(tx: Tx, { account, secrets }: Resealed): Promise<void> {
  for (const { from, to } of secrets) {
    await tx.run('UPDATE subscriptions SET secret = ? WHERE account = ? AND secret = ?', [to, account, from]);
    await tx.run('UPDATE subscriptions SET old_secret = ? WHERE account = ? AND old_secret = ?', [to, account, from]);
  }
}

/** Seals under the present key what stands there unsealed, from an authority of before, or under the key that was used
 * before the present one. */
export async function sealAgain({ store, keyring, account, settings }: Services): Promise<void> {
  const secrets: { from: string; to: string }[] = [];
  for (const { id, secret, old_secret: old } of await store.read('storedSecrets', { account })) {
    for (const from of [secret, old]) {
      if (from === null || isSealedBy(keyring.storedSecretKeys[0], from)) continue;
      const plain = keyring.openSecret(id, from);
      if (plain !== undefined) secrets.push({ from, to: keyring.sealSecret(id, plain) });
      else settings.log({ level: 'error', event: 'webhook.secret_lost', subscription: id });
    }
  }
  if (secrets.length > 0) await store.execute('resealSecrets', { account, secrets }, settings.now());
}
