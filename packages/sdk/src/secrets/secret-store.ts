import type { UnavailableReason } from '../state/durable-file.js';
import type { StateStore } from '../state/state-store.js';

/** Why a store of secrets gives no answer. `damaged`: something is there and does not open; `timeout`: a keyring that
 * waits for somebody to unlock it. An error never reads as "no secret": that would cost a seat. */
type SecretsUnavailableReason = UnavailableReason | 'damaged' | 'timeout' | 'keyring_error';

export interface SecretsUnavailable {
  readonly outcome: 'unavailable';
  readonly reason: SecretsUnavailableReason;
  readonly cause: unknown;
}
export type Found<T> = { readonly outcome: 'found'; readonly value: T };
export type Absent = { readonly outcome: 'absent' };
export type SecretAnswer<T> = Found<T> | Absent | SecretsUnavailable;

export interface Credential {
  readonly account: string;
  readonly password: string;
}

/** Where secrets live: the five functions of `keytar`, each with a typed answer, none of which ever rejects. A vendor may
 * inject its own. */
export interface SecretStore {
  getPassword(service: string, account: string): Promise<SecretAnswer<string>>;
  setPassword(
    service: string,
    account: string,
    password: string,
  ): Promise<{ readonly outcome: 'stored' } | SecretsUnavailable>;
  deletePassword(
    service: string,
    account: string,
  ): Promise<{ readonly outcome: 'deleted' } | Absent | SecretsUnavailable>;
  /** Any one password of the service. */
  findPassword(service: string): Promise<SecretAnswer<string>>;
  findCredentials(service: string): Promise<SecretAnswer<readonly Credential[]>>;
}

/** The default for a service, which has no keyring and nobody to unlock one: a sealed document of the state store. */
export function sealedSecrets(store: StateStore): SecretStore {
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(operation: () => Promise<T>): Promise<T> => {
    const result = turn.then(operation);
    turn = result.catch(() => undefined);
    return result;
  };
  const find = async (fits: (row: Row) => boolean): Promise<SecretAnswer<Row[]>> => {
    const rows = await readRows(store);
    if (!Array.isArray(rows)) return rows;
    const found = rows.filter(fits);
    return found.length === 0 ? { outcome: 'absent' } : { outcome: 'found', value: found };
  };
  const change = (service: string, account: string, password: string | undefined): Promise<ChangeOutcome> =>
    inTurn(async () => {
      const rows = await readRows(store);
      if (!Array.isArray(rows)) return rows;
      const others = rows.filter((row) => row[0] !== service || row[1] !== account);
      const written = await store.write(
        DOCUMENT,
        password === undefined ? others : [...others, [service, account, password]],
      );
      if (written.outcome === 'unavailable') return written;
      return { outcome: 'changed', existed: others.length < rows.length };
    });
  return {
    getPassword: async (service, account) =>
      first(await inTurn(() => find((row) => row[0] === service && row[1] === account))),
    findPassword: async (service) => first(await inTurn(() => find((row) => row[0] === service))),
    findCredentials: async (service) => {
      const answer = await inTurn(() => find((row) => row[0] === service));
      if (answer.outcome !== 'found') return answer;
      return { outcome: 'found', value: answer.value.map(([, account, password]) => ({ account, password })) };
    },
    setPassword: async (service, account, password) => {
      const changed = await change(service, account, password);
      return changed.outcome === 'changed' ? { outcome: 'stored' } : changed;
    },
    deletePassword: async (service, account) => {
      const changed = await change(service, account, undefined);
      if (changed.outcome !== 'changed') return changed;
      return { outcome: changed.existed ? 'deleted' : 'absent' };
    },
  };
}

const DOCUMENT = 'secrets';
/** Service, account, password: rows, because a name such as `__proto__` is a name like any other. */
type Row = readonly [string, string, string];
type ChangeOutcome = { readonly outcome: 'changed'; readonly existed: boolean } | SecretsUnavailable;

async function readRows(store: StateStore): Promise<Row[] | SecretsUnavailable> {
  const read = await store.read(DOCUMENT);
  if (read.outcome === 'absent') return [];
  if (read.outcome === 'found') return read.value as Row[];
  if (read.outcome === 'damaged') return { outcome: 'unavailable', reason: 'damaged', cause: read };
  return read;
}

function first(answer: SecretAnswer<Row[]>): SecretAnswer<string> {
  if (answer.outcome !== 'found') return answer;
  const row = answer.value[0];
  return row === undefined ? { outcome: 'absent' } : { outcome: 'found', value: row[2] };
}
