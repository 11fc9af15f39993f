import type { Absent, Credential, Found, SecretStore, SecretsUnavailable } from './secret-store.js';

/** The shape of the `keytar` package and of what stands in for it. */
export interface KeytarShaped {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
  findPassword(service: string): Promise<string | null>;
  findCredentials(service: string): Promise<readonly Credential[]>;
}

/** A keyring as a `SecretStore`. A locked keyring can wait for a password prompt that nobody sees, hence `timeoutMs`. And
 * one that is not there at all may answer "no such secret" to every question: so an absence counts only where the keyring
 * takes an entry and gives it back. */
export function keyringSecrets(keyring: KeytarShaped, timeoutMs = 2000): SecretStore {
  const ask = async <T, A>(
    call: () => Promise<T>,
    answer: (value: T) => A,
    wait = timeoutMs,
  ): Promise<A | SecretsUnavailable> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<SecretsUnavailable>((resolve) => {
      timer = setTimeout(() => resolve({ outcome: 'unavailable', reason: 'timeout', cause: undefined }), wait);
    });
    try {
      return await Promise.race([call().then(answer), late]);
    } catch (cause) {
      return { outcome: 'unavailable', reason: 'keyring_error', cause };
    } finally {
      clearTimeout(timer);
    }
  };
  const proveAbsence = async <A extends { readonly outcome: string }>(
    service: string,
    answer: A | SecretsUnavailable,
  ): Promise<A | SecretsUnavailable> => {
    if (answer.outcome !== 'absent') return answer;
    const proof = await ask(
      () => takesAnEntry(keyring, service),
      (taken) => taken,
    );
    if (proof === true) return answer;
    return proof === false ? { outcome: 'unavailable', reason: 'keyring_error', cause: undefined } : proof;
  };
  const one = (value: string | null): Found<string> | Absent =>
    value === null ? { outcome: 'absent' } : { outcome: 'found', value };
  return {
    getPassword: async (service, account) =>
      proveAbsence(service, await ask(() => keyring.getPassword(service, account), one)),
    findPassword: async (service) => proveAbsence(service, await ask(() => keyring.findPassword(service), one)),
    findCredentials: async (service) =>
      proveAbsence(
        service,
        await ask(
          () => keyring.findCredentials(service),
          (value): Found<readonly Credential[]> | Absent =>
            value.length === 0 ? { outcome: 'absent' } : { outcome: 'found', value },
        ),
      ),
    setPassword: (service, account, password) =>
      ask(
        () => keyring.setPassword(service, account, password),
        () => ({ outcome: 'stored' }) as const,
      ),
    deletePassword: async (service, account) =>
      proveAbsence(
        service,
        await ask(
          () => keyring.deletePassword(service, account),
          (deleted): { readonly outcome: 'deleted' } | Absent => ({ outcome: deleted ? 'deleted' : 'absent' }),
        ),
      ),
  };
}

/** Under a service name of its own, so that no search of the real one ever meets it. */
async function takesAnEntry(keyring: KeytarShaped, service: string): Promise<boolean> {
  const [name, account, text] = [`${service} (check)`, `${process.pid}`, 'present'];
  await keyring.setPassword(name, account, text);
  const given = await keyring.getPassword(name, account);
  await keyring.deletePassword(name, account);
  return given === text;
}
