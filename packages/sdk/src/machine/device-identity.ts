import { LeaseholdError } from '@leasehold/protocol';
import { createDeviceKey, deleteDeviceKey, loadDeviceKey } from './device-key.js';
import type { DeviceKey } from './device-key.js';
import { sealedSecrets } from '../secrets/secret-store.js';
import type { SecretStore, SecretsUnavailable } from '../secrets/secret-store.js';
import { folderProblem } from '../state/state-problems.js';
import type { StateStore } from '../state/state-store.js';

export interface DeviceIdentityOptions {
  readonly product: string;
  readonly stateDir: string;
  readonly store: StateStore;
  /** The vendor's own store; a sealed file of the state otherwise. */
  readonly secrets?: SecretStore | undefined;
}

/** The device key of this installation: found, made at activation, forgotten at deactivation. */
export class DeviceIdentity {
  readonly #options: DeviceIdentityOptions;
  readonly #secrets: SecretStore;
  readonly #service: string;
  #key: DeviceKey | undefined;

  constructor(options: DeviceIdentityOptions) {
    this.#options = options;
    this.#secrets = options.secrets ?? sealedSecrets(options.store);
    this.#service = `leasehold ${options.product}`;
  }

  /** The key that is there; undefined where there is none yet. Throws what keeps it from being read. */
  async find(): Promise<DeviceKey | undefined> {
    if (this.#key !== undefined) return this.#key;
    const stored = await loadDeviceKey(this.#secrets, this.#service);
    if (stored.outcome === 'unavailable') throw this.#problem(stored, 'read');
    if (stored.outcome === 'found') this.#key = stored.value;
    return this.#key;
  }

  /** The key to activate with: the one that is there, else a new one. A damaged one is given up here and only here: its
   * lease is lost with it, and the authority knows the machine by its hardware and gives it the same seat. */
  async findOrCreate(): Promise<DeviceKey> {
    const found = await this.find().catch((error: unknown) => {
      if (LeaseholdError.is(error) && error.code === 'STATE_DAMAGED') return undefined;
      throw error;
    });
    if (found !== undefined) return found;
    let created = await createDeviceKey(this.#secrets, this.#service);
    if (created.outcome === 'unavailable' && created.reason === 'damaged') {
      await this.#giveUp();
      created = await createDeviceKey(this.#secrets, this.#service);
    }
    if (created.outcome === 'unavailable') throw this.#problem(created, 'write');
    this.#key = created.value;
    return created.value;
  }

  async forget(): Promise<void> {
    this.#key = undefined;
    await deleteDeviceKey(this.#secrets, this.#service);
  }

  /** The store keeps the damaged file aside as evidence when its place is written. */
  async #giveUp(): Promise<void> {
    if (this.#options.secrets === undefined) await this.#options.store.write('secrets', []);
    else await deleteDeviceKey(this.#secrets, this.#service);
  }

  #problem({ reason, cause }: SecretsUnavailable, doing: 'read' | 'write'): LeaseholdError {
    if (reason === 'damaged') {
      return new LeaseholdError('STATE_DAMAGED', 'The device key of this installation does not open.', {
        remedy: 'Activate again with the license key: the same machine gets its own seat back. Restores stay open.',
        reason,
        cause,
      });
    }
    if (reason === 'timeout' || reason === 'keyring_error') {
      return new LeaseholdError('STATE_UNAVAILABLE', 'The keyring that holds the device key does not answer.', {
        remedy: 'Unlock the keyring of the user that the service runs as, or keep the key in the sealed file.',
        reason,
        cause,
      });
    }
    return folderProblem({ outcome: 'unavailable', reason, cause }, this.#options.stateDir, doing);
  }
}
