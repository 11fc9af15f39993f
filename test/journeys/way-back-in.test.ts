import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSigningKey, installKeyset, nextSigningKey, signKeyset, signRecovery } from '@leasehold/authority';
import { openLicense, type License } from '@leasehold/sdk';
import { signToken } from '@leasehold/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRoot } from '@leasehold/authority';
import { typed } from '../cli/typed.js';
import {
  Agent,
  asPerson,
  claimsOf,
  machine as machineReport,
  newLicense,
  PRODUCT,
  startBench,
  type Bench,
} from '../support/authority.js';
import { BACKUP, cleanUp, DAY, HandClock, machineNamed, RESTORE, temporaryFolder } from '../support/sdk-fixture.js';

/** Whatever has ended, leaked or was lost: nobody is locked out of the repair (docs/runbooks.md, each played here). */
let bench: Bench;
beforeEach(async () => void (bench = await startBench()));
afterEach(() => bench.close());

const keys = (): string => join(bench.folder, 'keys');
const recover = async (word: string) => {
  const response = await fetch(`${bench.authority.url}/v1/recover`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ request: word }),
  });
  return (await response.json()) as { readonly token: string; readonly code?: string };
};
const word = (account = 'acme') => signRecovery(bench.root, { account, name: 'Back again', days: 30 }, bench.clock);
/** Takes back every owner's token as a database would show it after years. */
const yearsPass = (): void => void (bench.clock += 800 * DAY);

class Installed {
  readonly clock = new HandClock(bench.clock);
  readonly stateDir = temporaryFolder();
  async open(roots = [bench.rootJwk], key?: string): Promise<License> {
    const license = await openLicense({
      product: PRODUCT,
      version: '12.1',
      roots,
      authority: bench.authority.url,
      stateDir: this.stateDir,
      ...(key === undefined ? {} : { activation: { key } }),
      testing: { clock: this.clock, socket: { runFolder: temporaryFolder() }, ...machineNamed('runbook') },
    });
    cleanUp(() => license.close());
    return license;
  }
}

describe('no owner has a token any more', () => {
  test('the root key says who is an owner: once, for a day, for this account, by this root', async () => {
    yearsPass();
    expect((await asPerson(bench, 'me')).problem.code).toBe('UNAUTHORIZED');
    const signed = await word();
    const { token } = await recover(signed);
    expect((await asPerson(bench, 'me', {}, token)).body).toMatchObject({ role: 'owner', tokenName: 'Back again' });
    expect((await recover(signed)).code).toBe('EXCHANGE_USED');
    expect((await recover(await word('other'))).code).toBe('TOKEN_FOREIGN');
    const old = await word();
    bench.clock += 2 * DAY;
    expect((await recover(old)).code).toBe('TOKEN_EXPIRED');
    const stranger = await createRoot();
    const foreign = await signRecovery(stranger, { account: 'acme', name: 'Thief', days: 30 }, bench.clock);
    expect((await recover(foreign)).code).toBe('WRONG_ROOT');
    const { rows } = (await asPerson(bench, 'tokens', {}, token)).body;
    expect(rows.filter(({ name }) => name === 'Back again')).toHaveLength(1);
  });

  test('by the command, with the root offline', async () => {
    const today = await startBench(Date.now());
    const file = (name: string): string => join(today.folder, name);
    writeFileSync(file('root.json'), JSON.stringify(today.root), { mode: 0o600 });
    const signed = await typed(
      'authority',
      'recover',
      '--root',
      file('root.json'),
      '--account',
      'acme',
      '--out',
      file('w'),
    );
    expect(signed).toMatchObject({ status: 0 });
    const sent = await typed('authority', 'recover', '--request', file('w'), '--url', today.authority.url, '--json');
    const { ownerToken } = JSON.parse(sent.out) as { ownerToken: string };
    expect((await asPerson(today, 'me', {}, ownerToken)).body).toMatchObject({ role: 'owner' });
    expect((await typed('authority', 'recover', '--request', file('w'), '--url', today.authority.url)).err).toContain(
      'EXCHANGE_USED',
    );
    await today.close();
  });
});

test('everything has ended: keyset, tokens, leases. One keyset and one word of the root repair it; restores never stopped', async () => {
  const { licenseKey } = await newLicense(bench, { type: 'linux' });
  const machine = new Installed();
  const license = await machine.open([bench.rootJwk], licenseKey);
  expect(license.authorize(BACKUP).allowed).toBe(true);
  yearsPass();
  machine.clock.pass(800 * DAY);
  await license.check();
  expect(license.status().problems).toContainEqual(expect.objectContaining({ code: 'KEYSET_EXPIRED' }));
  expect(license.authorize(RESTORE).allowed).toBe(true);
  const { token } = await recover(await word());
  expect((await asPerson(bench, 'me', {}, token)).status).toBe(200);
  const order = { account: 'acme', epoch: 1, version: 2, keys: [{ jwk: await createSigningKey(keys()) }] };
  await installKeyset(keys(), await signKeyset(bench.root, order, bench.clock), [bench.rootJwk]);
  await bench.authority.reload();
  const outcome = await license.check();
  expect(outcome.problem).toBeUndefined();
  expect(license.authorize(BACKUP).allowed).toBe(true);
});

test('a leaked signing key: what it signs from then on is worth nothing, what is held goes on', async () => {
  const { licenseKey, id } = await newLicense(bench, { type: 'linux', seats: 5 });
  const machine = new Installed();
  const license = await machine.open([bench.rootJwk], licenseKey);
  const leaked = JSON.parse(readFileSync(join(keys(), 'signing-key.json'), 'utf8')) as {
    kid: string;
    x: string;
    d: string;
  };
  const agent = await Agent.on(bench, machineReport('second machine', { os: 'linux' }));
  await agent.activate(licenseKey);
  bench.clock += DAY;
  machine.clock.pass(DAY);
  const leakedAt = bench.clock - 60_000;
  const order = {
    account: 'acme',
    epoch: 1,
    version: 2,
    keys: [
      { jwk: await nextSigningKey(keys()) },
      { jwk: { kty: 'OKP', crv: 'Ed25519', x: leaked.x, kid: leaked.kid } as const, revokedAt: leakedAt },
    ],
  };
  await installKeyset(keys(), await signKeyset(bench.root, order, bench.clock), [bench.rootJwk]);
  await bench.authority.reload();
  expect((await asPerson(bench, 'me')).status).toBe(200);
  const forged = await forge(leaked, { ...claimsOf(agent.lease), iat: Math.floor(bench.clock / 1000) });
  const shown = await agent.checkIn({ lease: forged });
  expect(shown.status).toBe(200);
  expect(await license.check()).toMatchObject({ ok: true });
  expect(license.status()).toMatchObject({ state: 'licensed', license: id, problems: [] });
  const { kid } = JSON.parse(Buffer.from(agent.lease.split('.')[0]!, 'base64url').toString()) as { kid: string };
  expect(kid).not.toBe(leaked.kid);
});

async function forge(key: { kid: string; x: string; d: string }, claims: ReturnType<typeof claimsOf>): Promise<string> {
  const { createPrivateKey, sign } = await import('node:crypto');
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.x, d: key.d } as const;
  const privateKey = createPrivateKey({ format: 'jwk', key: jwk });
  const publicKey = { kty: 'OKP', crv: 'Ed25519', x: key.x, kid: key.kid } as const;
  return signToken('lease', claims as never, {
    publicKey,
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  });
}

test('a lost root: a version of the product that pins the next root too, then a keyset signed by that one', async () => {
  const { licenseKey } = await newLicense(bench, { type: 'linux' });
  const machine = new Installed();
  const before = await machine.open([bench.rootJwk], licenseKey);
  await before.close();
  const root = await createRoot();
  const next = { kty: root.kty, crv: root.crv, x: root.x, kid: root.kid };
  const order = { account: 'acme', epoch: 1, version: 2, keys: [{ jwk: await createSigningKey(keys()) }] };
  await installKeyset(keys(), await signKeyset(root, order, bench.clock), [bench.rootJwk, next]);
  await bench.authority.reload();
  const old = await machine.open([bench.rootJwk]);
  await old.check();
  expect(old.status()).toMatchObject({ state: 'licensed', problems: [{ code: 'WRONG_ROOT' }] });
  expect(old.authorize(BACKUP).allowed).toBe(true);
  await old.close();
  const updated = await machine.open([bench.rootJwk, next]);
  expect(await updated.check()).toMatchObject({ ok: true });
  expect(updated.status()).toMatchObject({ state: 'licensed', problems: [] });
});

test('a lost root: people whose connection string was renewed in time go on, and an owner comes back by the next root', async () => {
  const root = await createRoot();
  const next = { kty: root.kty, crv: root.crv, x: root.x, kid: root.kid };
  const install = async (token: string): Promise<void> => {
    await installKeyset(keys(), token, [bench.rootJwk, next]);
    await bench.authority.reload();
  };
  const connection = (text: string): string => {
    const file = join(temporaryFolder(), 'connection');
    writeFileSync(file, text);
    return file;
  };
  const me = async (file: string) => (await typed('admin', 'me', '--connection', file)).err;
  const former = connection(bench.authority.connectionFor(bench.ownerToken));
  await install(readFileSync(join(keys(), 'keyset.jws'), 'utf8'));
  const renewed = connection((await asPerson(bench, 'tokenRotate', { body: {} })).body.connection);
  const order = { account: 'acme', epoch: 1, version: 2, keys: [{ jwk: await createSigningKey(keys()) }] };
  await install(await signKeyset(root, order, bench.clock));
  expect(await me(renewed)).toBe('');
  expect(await me(former)).toContain('WRONG_ROOT');
  const { token } = await recover(
    await signRecovery(root, { account: 'acme', name: 'Back again', days: 30 }, bench.clock),
  );
  expect((await asPerson(bench, 'me', {}, token)).body).toMatchObject({ role: 'owner' });
});

test('the clock of the authority stood a year ahead: set right, it signs again after one change and a SIGHUP', async () => {
  const { licenseKey } = await newLicense(bench, { type: 'linux' });
  const machine = new Installed();
  const license = await machine.open([bench.rootJwk], licenseKey);
  bench.clock += 300 * DAY;
  expect(await license.check()).toMatchObject({ ok: true });
  await newLicense(bench);
  bench.clock -= 300 * DAY;
  expect(await license.check()).toMatchObject({ ok: false, problem: { code: 'CLOCK_BEHIND' } });
  await bench.authority.reload();
  expect(await license.check()).toMatchObject({ ok: false, problem: { code: 'CLOCK_BEHIND' } });
  expect(license.status().problems[0]!.remedy).toMatch(/stood ahead/);
  await newLicense(bench);
  await bench.authority.reload();
  expect(await license.check()).toMatchObject({ ok: true, status: { state: 'licensed', clock: 'ok', problems: [] } });
  expect(Date.parse(license.status().offlineUntil!)).toBe(bench.clock + 30 * DAY);
  expect(license.authorize(BACKUP).allowed).toBe(true);
});
