import { execFile } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect, promisify } from 'node:util';
import { calculateJwkThumbprint } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeviceKey, deleteDeviceKey, loadDeviceKey } from '../../packages/sdk/src/machine/device-key.js';
import { sealedSecrets } from '../../packages/sdk/src/secrets/secret-store.js';
import { bundleSource } from '../support/run-source.js';
import type { SecretStore } from '../../packages/sdk/src/secrets/secret-store.js';
import { StateStore } from '../../packages/sdk/src/state/state-store.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-device-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const secrets = (): SecretStore => sealedSecrets(new StateStore({ folder, binding: 'm' }));

// A process stood still for good in one of some thousands, where garbage is collected often; it is killed here.
it.each(['device', 'authority'])(
  'a key of the %s is made at any moment of the collector',
  { timeout: 120_000 },
  async (of) => {
    const program = await bundleSource(fileURLToPath(new URL('../support/make-keys.ts', import.meta.url)));
    const made = await promisify(execFile)(process.execPath, ['--max-semi-space-size=1', program, of, '6000'], {
      timeout: 100_000,
      killSignal: 'SIGKILL',
    });
    expect(made.stdout).toBe('made\n');
  },
);

describe('device key', () => {
  it('is the same key after a restart, and signs what its public half verifies', async () => {
    expect(await loadDeviceKey(secrets(), 'acme')).toEqual({ outcome: 'absent' });
    const made = await createDeviceKey(secrets(), 'acme');
    const loaded = await loadDeviceKey(secrets(), 'acme');
    if (made.outcome !== 'found' || loaded.outcome !== 'found') throw new Error('no key');
    expect(loaded.value.publicKey).toEqual(made.value.publicKey);
    const { kid, ...jwk } = made.value.publicKey;
    expect(kid).toBe(await calculateJwkThumbprint({ kty: jwk.kty, crv: jwk.crv, x: jwk.x }));
    const message = Buffer.from('a request');
    const signature = await loaded.value.sign(message);
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
    expect(verify(null, message, key, signature)).toBe(true);
    expect(verify(null, Buffer.from('another'), key, signature)).toBe(false);
  });

  it('is the key of its bytes, whichever way Node takes them', async () => {
    // RFC 8032, section 7.1, test 1, in PKCS #8.
    const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
    const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex');
    await secrets().setPassword('acme', 'device-key', der.toString('base64'));
    const loaded = await loadDeviceKey(secrets(), 'acme');
    if (loaded.outcome !== 'found') throw new Error('no key');
    const x = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');
    expect(loaded.value.publicKey.x).toBe(x.toString('base64url'));
    const signature = Buffer.from(await loaded.value.sign(Buffer.alloc(0))).toString('hex');
    expect(signature).toMatch(/^e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155/);
  });

  it('shows no private half when printed or sent', async () => {
    const made = await createDeviceKey(secrets(), 'acme');
    const stored = await secrets().getPassword('acme', 'device-key');
    if (made.outcome !== 'found' || stored.outcome !== 'found') throw new Error('no key');
    for (const text of [JSON.stringify(made.value), inspect(made.value, { depth: 9, showHidden: true })]) {
      expect(text).not.toContain(stored.value);
      expect(text).not.toContain('"d"');
    }
  });

  it('is damaged, not absent, when what is stored is no key of ours', async () => {
    for (const text of ['', 'not base64 !', Buffer.alloc(48).toString('base64')]) {
      await secrets().setPassword('acme', 'device-key', text);
      expect(await loadDeviceKey(secrets(), 'acme')).toMatchObject({ outcome: 'unavailable', reason: 'damaged' });
    }
  });

  it('hands out no key that could not be stored', async () => {
    const full: SecretStore = {
      ...secrets(),
      setPassword: async () => ({ outcome: 'unavailable', reason: 'disk_full', cause: undefined }),
    };
    expect(await createDeviceKey(full, 'acme')).toMatchObject({ outcome: 'unavailable', reason: 'disk_full' });
  });

  it('is gone once deleted', async () => {
    await createDeviceKey(secrets(), 'acme');
    expect(await deleteDeviceKey(secrets(), 'acme')).toEqual({ outcome: 'deleted' });
    expect(await loadDeviceKey(secrets(), 'acme')).toEqual({ outcome: 'absent' });
  });
});
