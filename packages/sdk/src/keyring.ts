import { keyringSecrets } from './secrets/keyring-secrets.js';
import type { KeytarShaped } from './secrets/keyring-secrets.js';
import type { SecretStore } from './secrets/secret-store.js';

export type { SecretStore };

/** The system's keyring through `@napi-rs/keyring`, which the vendor installs beside the SDK; it is loaded with the first
 * question, and where it cannot be the answer is `unavailable`. For a desktop: a service has nobody to unlock a keyring. */
export function systemKeyring(options: { readonly timeoutMs?: number } = {}): SecretStore {
  let loaded: Promise<KeytarShaped> | undefined;
  const keyring = (): Promise<KeytarShaped> => (loaded ??= load());
  return keyringSecrets(
    {
      getPassword: async (service, account) => (await keyring()).getPassword(service, account),
      setPassword: async (service, account, password) => (await keyring()).setPassword(service, account, password),
      deletePassword: async (service, account) => (await keyring()).deletePassword(service, account),
      findPassword: async (service) => (await keyring()).findPassword(service),
      findCredentials: async (service) => (await keyring()).findCredentials(service),
    },
    options.timeoutMs,
  );
}

/** On Linux the secret service and nothing else: the kernel's keyring, which the library would fall back to, forgets. */
const STORE = { linux: { store: 'secret-service' } } as const;

async function load(): Promise<KeytarShaped> {
  const { AsyncEntry, findCredentialsAsync } = await import('@napi-rs/keyring');
  const entry = (service: string, account: string) => new AsyncEntry(service, account, STORE);
  const findCredentials = (service: string) => findCredentialsAsync(service);
  return {
    getPassword: (service, account) => entry(service, account).getPassword(),
    setPassword: (service, account, password) => entry(service, account).setPassword(password),
    deletePassword: (service, account) => entry(service, account).deletePassword(),
    findPassword: async (service) => (await findCredentials(service))[0]?.password ?? null,
    findCredentials,
  };
}
