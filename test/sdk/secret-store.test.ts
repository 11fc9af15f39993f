import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyringSecrets } from '../../packages/sdk/src/secrets/keyring-secrets.js';
import type { KeytarShaped } from '../../packages/sdk/src/secrets/keyring-secrets.js';
import { sealedSecrets } from '../../packages/sdk/src/secrets/secret-store.js';
import type { SecretStore } from '../../packages/sdk/src/secrets/secret-store.js';
import { StateStore } from '../../packages/sdk/src/state/state-store.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const sealed = (): SecretStore => sealedSecrets(new StateStore({ folder, binding: 'm' }));

/** Mock of a keyring in memory, in the shape of the `keytar` package. */
function memoryKeyring(): KeytarShaped {
  const rows = new Map<string, { service: string; account: string; password: string }>();
  const of = (service: string) => [...rows.values()].filter((row) => row.service === service);
  return {
    getPassword: async (service, account) => rows.get(`${service}\0${account}`)?.password ?? null,
    setPassword: async (service, account, password) => {
      rows.set(`${service}\0${account}`, { service, account, password });
    },
    deletePassword: async (service, account) => rows.delete(`${service}\0${account}`),
    findPassword: async (service) => of(service)[0]?.password ?? null,
    findCredentials: async (service) => of(service).map(({ account, password }) => ({ account, password })),
  };
}

describe.each([
  ['the sealed file', () => sealed()],
  ['a keyring', () => keyringSecrets(memoryKeyring())],
])('secrets in %s', (_name, make) => {
  it('tells absent, stored, found and deleted apart', async () => {
    const secrets = make();
    expect(await secrets.getPassword('acme', 'key')).toEqual({ outcome: 'absent' });
    expect(await secrets.findPassword('acme')).toEqual({ outcome: 'absent' });
    expect(await secrets.findCredentials('acme')).toEqual({ outcome: 'absent' });
    expect(await secrets.deletePassword('acme', 'key')).toEqual({ outcome: 'absent' });
    expect(await secrets.setPassword('acme', 'key', 'first')).toEqual({ outcome: 'stored' });
    expect(await secrets.setPassword('acme', 'key', 'second')).toEqual({ outcome: 'stored' });
    expect(await secrets.setPassword('acme', '__proto__', '')).toEqual({ outcome: 'stored' });
    expect(await secrets.setPassword('other', 'key', 'x')).toEqual({ outcome: 'stored' });
    expect(await secrets.getPassword('acme', 'key')).toEqual({ outcome: 'found', value: 'second' });
    expect(await secrets.getPassword('acme', '__proto__')).toEqual({ outcome: 'found', value: '' });
    const all = await secrets.findCredentials('acme');
    expect(all.outcome === 'found' && all.value.length).toBe(2);
    expect(await secrets.deletePassword('acme', 'key')).toEqual({ outcome: 'deleted' });
    expect(await secrets.getPassword('acme', 'key')).toEqual({ outcome: 'absent' });
    expect(await secrets.getPassword('other', 'key')).toEqual({ outcome: 'found', value: 'x' });
  });

  it('loses none of many that are set at once', async () => {
    const secrets = make();
    await Promise.all(Array.from({ length: 20 }, (_, n) => secrets.setPassword('acme', `a${n}`, `p${n}`)));
    const all = await secrets.findCredentials('acme');
    expect(all.outcome === 'found' && all.value.length).toBe(20);
  });
});

describe('secrets that cannot be had are never absent', () => {
  it('says damaged when the sealed file was edited, and does not write over it', async () => {
    await sealed().setPassword('acme', 'key', 'p');
    writeFileSync(join(folder, 'secrets.a'), 'broken');
    expect(await sealed().getPassword('acme', 'key')).toMatchObject({ outcome: 'unavailable', reason: 'damaged' });
    expect(await sealed().setPassword('acme', 'key', 'q')).toMatchObject({ outcome: 'unavailable', reason: 'damaged' });
    expect(await sealed().deletePassword('acme', 'key')).toMatchObject({ outcome: 'unavailable' });
    expect(readFileSync(join(folder, 'secrets.a'), 'utf8')).toBe('broken');
  });

  it('leaves no password in plain text on the disk', async () => {
    await sealed().setPassword('acme', 'key', 'very-plain-password');
    for (const file of readdirSync(folder)) {
      expect(readFileSync(join(folder, file)).includes('very-plain-password')).toBe(false);
    }
  });

  it('says keyring_error and timeout, for all five', async () => {
    const failing = keyringSecrets(
      new Proxy({} as KeytarShaped, { get: () => () => Promise.reject(new Error('no bus')) }),
    );
    const hanging = keyringSecrets(new Proxy({} as KeytarShaped, { get: () => () => new Promise(() => undefined) }), 1);
    for (const [secrets, reason] of [
      [failing, 'keyring_error'],
      [hanging, 'timeout'],
    ] as const) {
      const answers = await Promise.all([
        secrets.getPassword('s', 'a'),
        secrets.setPassword('s', 'a', 'p'),
        secrets.deletePassword('s', 'a'),
        secrets.findPassword('s'),
        secrets.findCredentials('s'),
      ]);
      for (const answer of answers) expect(answer).toMatchObject({ outcome: 'unavailable', reason });
    }
  });
});
