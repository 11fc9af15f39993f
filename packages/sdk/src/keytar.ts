import { keyringSecrets } from './secrets/keyring-secrets.js';
import type { KeytarShaped } from './secrets/keyring-secrets.js';
import type { SecretStore } from './secrets/secret-store.js';

export type { KeytarShaped, SecretStore };

/** The system's keyring through `keytar`, or what has its shape: `secrets: keytarSecrets(require('keytar'))`. The vendor
 * installs and passes it, since it compiles where no binary fits. `timeoutMs`: how long a locked keyring may take. */
export function keytarSecrets(keytar: KeytarShaped, options: { readonly timeoutMs?: number } = {}): SecretStore {
  return keyringSecrets(keytar, options.timeoutMs);
}
