import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createRoot,
  createSigningKey,
  installKeyset,
  keysetStatus,
  nextSigningKey,
  provisionAuthority,
  readKeyFiles,
  signKeyset,
  startAuthority,
  type Provisioned,
} from '@leasehold/authority';
import { LeaseholdError, type ProblemCode } from '@leasehold/protocol';
import { Agent, newLicense, startBench } from '../support/authority.js';

const isRoot = process.getuid?.() === 0;
if (isRoot) console.log('Skipped: a key folder that may not be read. The tests run as root, who reads every file.');

const NOW = Date.parse('2026-06-15T10:00:00Z');
const DAY = 86_400_000;
const account = { account: 'acme', name: 'Acme', product: 'acme-backup' };
let folder: string;
let place: { db: string; dataDir: string };
let made: Provisioned;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leasehold-keys-'));
  place = { db: `sqlite:${join(folder, 'a.db')}`, dataDir: join(folder, 'keys') };
  made = await provisionAuthority(place, account, NOW);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function codeOf(work: Promise<unknown>): Promise<ProblemCode | 'none'> {
  try {
    await work;
    return 'none';
  } catch (thrown) {
    if (LeaseholdError.is(thrown)) return thrown.code;
    throw thrown;
  }
}

const publicRoot = async () => {
  const { d: _d, ...root } = await createRoot();
  return root;
};

describe('vendor keys', () => {
  test('a root signs a keyset that says how long it lasts', async () => {
    const token = (await readKeyFiles(place.dataDir)).keysetToken;
    expect(await keysetStatus(token, [made.rootJwk], NOW)).toMatchObject({ daysLeft: 400, state: 'valid' });
    expect(await keysetStatus(token, [made.rootJwk], NOW + 320 * DAY)).toMatchObject({
      daysLeft: 80,
      state: 'ends_soon',
    });
    expect(await keysetStatus(token, [made.rootJwk], NOW + 401 * DAY)).toMatchObject({ state: 'ended' });
    expect(await codeOf(keysetStatus(token, [await publicRoot()], NOW))).toBe('WRONG_ROOT');
  });

  test('private keys are for their owner alone, and the root is not kept here', async () => {
    const files = ['signing-key.json', 'roots.json', 'keyset.jws', 'keyset-highest.json'];
    for (const file of files) expect((await stat(join(place.dataDir, file))).mode & 0o777).toBe(0o600);
    for (const file of files) expect(await readFile(join(place.dataDir, file), 'utf8')).not.toContain(made.root.d);
  });

  test('an older keyset is refused, also when it was put back by hand', async () => {
    const jwk = await createSigningKey(place.dataDir);
    const keyset = (version: number) =>
      signKeyset(made.root, { account: 'acme', epoch: 1, version, keys: [{ jwk }] }, NOW);
    const old = await readFile(join(place.dataDir, 'keyset.jws'), 'utf8');
    await installKeyset(place.dataDir, await keyset(3), [made.rootJwk]);
    expect(await codeOf(installKeyset(place.dataDir, await keyset(2), [made.rootJwk]))).toBe('KEYSET_ROLLBACK');
    await writeFile(join(place.dataDir, 'keyset.jws'), old);
    expect(await codeOf(startAuthority(place))).toBe('KEYSET_ROLLBACK');
  });

  test('another keyset of the version in use is refused: machines that hold that one never ask for it', async () => {
    const jwk = await createSigningKey(place.dataDir);
    const order = { account: 'acme', epoch: 1, version: 1, keys: [{ jwk }] };
    const before = await readFile(join(place.dataDir, 'keyset.jws'), 'utf8');
    const prolonged = await signKeyset(made.root, order, NOW + 350 * DAY);
    expect(await codeOf(installKeyset(place.dataDir, prolonged, [made.rootJwk]))).toBe('CONFLICT');
    expect(await readFile(join(place.dataDir, 'keyset.jws'), 'utf8')).toBe(before);
    // The very same, as with a second root to go by.
    expect(await codeOf(installKeyset(place.dataDir, before, [made.rootJwk, await publicRoot()]))).toBe('none');
  });

  test('a keyset for other keys, of another root, or a torn one is refused and changes nothing', async () => {
    const before = await readFile(join(place.dataDir, 'keyset.jws'), 'utf8');
    const other = await publicRoot();
    const foreign = await signKeyset(made.root, { account: 'acme', epoch: 1, version: 9, keys: [{ jwk: other }] }, NOW);
    expect(await codeOf(installKeyset(place.dataDir, foreign, [made.rootJwk]))).toBe('KEY_UNKNOWN');
    expect(await codeOf(installKeyset(place.dataDir, foreign, [other]))).toBe('WRONG_ROOT');
    expect(await codeOf(installKeyset(place.dataDir, before.slice(0, -9), [made.rootJwk]))).toBe('TOKEN_MALFORMED');
    expect(await readFile(join(place.dataDir, 'keyset.jws'), 'utf8')).toBe(before);
  });
});

test('a keyset of another account is refused, whatever its version, and changes nothing', async () => {
  const jwk = await createSigningKey(place.dataDir);
  const files = ['roots.json', 'keyset.jws', 'keyset-highest.json'].map((name) => join(place.dataDir, name));
  const read = () => Promise.all(files.map((file) => readFile(file, 'utf8')));
  const before = await read();
  for (const epoch of [1, 2]) {
    const other = await signKeyset(made.root, { account: 'globex', epoch, version: 1, keys: [{ jwk }] }, NOW);
    const refused = await installKeyset(place.dataDir, other, [made.rootJwk]).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'CONFLICT', details: { path: 'data' } });
    expect(String(refused)).toContain('acme');
    expect(await read()).toEqual(before);
  }
});

describe('starting', () => {
  test.each([
    ['a missing key', 'signing-key.json', undefined, 'STATE_UNAVAILABLE'],
    ['a torn key', 'signing-key.json', '{"kty":', 'STATE_DAMAGED'],
    ['missing roots', 'roots.json', undefined, 'STATE_UNAVAILABLE'],
    ['no keyset', 'keyset.jws', undefined, 'STATE_UNAVAILABLE'],
    ['an edited keyset', 'keyset.jws', 'e30.e30.e30', 'TOKEN_MALFORMED'],
  ] as const)('%s is a typed problem', async (_what, file, text, code) => {
    const path = join(place.dataDir, file);
    if (text === undefined) await rm(path);
    else await writeFile(path, text);
    expect(await codeOf(startAuthority(place))).toBe(code);
  });

  test('a port, a database or an address that cannot be had leaves nothing open', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    expect(await codeOf(startAuthority({ ...place, port }))).toBe('PORT_IN_USE');
    blocker.close();
    const first = await startAuthority(place);
    expect(await codeOf(startAuthority(place))).toBe('DATABASE_IN_USE');
    await first.close();
    expect(await codeOf(startAuthority({ ...place, port: 70_000 }))).toBe('OPTIONS_INVALID');
    expect(await codeOf(startAuthority({ ...place, publicUrl: 'https://x.example/path' }))).toBe('OPTIONS_INVALID');
    expect(await codeOf(startAuthority({ ...place, db: 'mysql:x' }))).toBe('OPTIONS_INVALID');
    const again = await startAuthority(place);
    expect((await fetch(`${again.url}/healthz`)).status).toBe(200);
    await again.close();
  });

  test('a database of another account is not served', async () => {
    const other = { ...place, db: `sqlite:${join(folder, 'b.db')}` };
    await provisionAuthority({ ...other, dataDir: join(folder, 'other') }, { ...account, account: 'other' }, NOW);
    expect(await codeOf(startAuthority(other))).toBe('NOT_FOUND');
  });

  test.skipIf(isRoot)('a key folder that may not be read says so (as root everything may be read)', async () => {
    await chmod(join(place.dataDir, 'signing-key.json'), 0o000);
    expect(await codeOf(startAuthority(place))).toBe('PERMISSION_DENIED');
  });
});

describe('signing', () => {
  test('an ended keyset stops new leases, and nothing else; a new one heals it without a restart', async () => {
    const bench = await startBench(NOW);
    try {
      const { licenseKey } = await newLicense(bench);
      const agent = await Agent.on(bench, 'srv');
      await agent.activate(licenseKey);
      bench.clock += 401 * DAY;
      const { ownerToken: _token, root, rootJwk } = bench;
      expect((await agent.checkIn()).problem).toMatchObject({ code: 'KEYSET_EXPIRED' });
      const ready = await fetch(`${bench.authority.url}/readyz`);
      expect(ready.status).toBe(503);
      expect(await ready.json()).toEqual({ status: 'not_ready', reason: 'KEYSET_EXPIRED' });
      const dataDir = join(bench.folder, 'keys');
      const order = { account: 'acme', epoch: 1, version: 2, keys: [{ jwk: await createSigningKey(dataDir) }] };
      await installKeyset(dataDir, await signKeyset(root, order, bench.clock), [rootJwk]);
      await bench.authority.reload();
      const healed = await agent.checkIn();
      expect(healed.status).toBe(200);
      expect(healed.body.keyset).toBeDefined();
    } finally {
      await bench.close();
    }
  });

  test('another signing key: agents get their entitlements anew with the keyset, whatever of the old key they held', async () => {
    const bench = await startBench(NOW);
    try {
      const { licenseKey } = await newLicense(bench);
      const agent = await Agent.on(bench, 'srv');
      await agent.activate(licenseKey);
      const dataDir = join(bench.folder, 'keys');
      const former = await createSigningKey(dataDir);
      const order = { account: 'acme', epoch: 1, version: 2, keys: [{ jwk: await nextSigningKey(dataDir) }] };
      const without = await signKeyset(bench.root, order, bench.clock);
      // What machines hold would be sealed by nobody: their backups stopped with the next start.
      const refused = await installKeyset(dataDir, without, [bench.rootJwk]).catch((thrown: unknown) => thrown);
      expect(refused).toMatchObject({ code: 'KEY_UNKNOWN' });
      expect((refused as LeaseholdError).details.remedy).toContain('--revoke');
      const revoked = { jwk: former, revokedAt: bench.clock - DAY };
      const both = await signKeyset(bench.root, { ...order, keys: [...order.keys, revoked] }, bench.clock);
      await installKeyset(dataDir, both, [bench.rootJwk]);
      await bench.authority.reload();
      bench.clock += DAY;
      const { body } = await agent.checkIn();
      expect([typeof body.keyset, typeof body.entitlements]).toEqual(['string', 'string']);
      const { keyset, entitlements } = (await agent.checkIn({ keysetVersion: { epoch: 1, version: 2 } })).body;
      expect([keyset, entitlements]).toEqual([undefined, undefined]);
    } finally {
      await bench.close();
    }
  });

  test('a clock before its own journal signs nothing', async () => {
    const bench = await startBench(NOW);
    try {
      const { licenseKey } = await newLicense(bench);
      const agent = await Agent.on(bench, 'srv');
      await agent.activate(licenseKey);
      bench.clock -= DAY;
      await bench.restart();
      expect((await agent.checkIn()).problem).toMatchObject({ code: 'CLOCK_BEHIND', status: 503 });
      bench.clock += DAY;
      expect((await agent.checkIn()).status).toBe(200);
    } finally {
      await bench.close();
    }
  });
});
