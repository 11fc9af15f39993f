import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuthorityOptions } from '@leasehold/authority';
import { parseConnection } from '@leasehold/protocol';
import { openLicense } from '@leasehold/sdk';
import { newLicense, PRODUCT, startBench, type Bench } from '../support/authority.js';
import { selfSigned } from '../support/certificate.js';
import { BACKUP, cleanUp, HandClock, machineNamed, temporaryFolder } from '../support/sdk-fixture.js';

let bench: Bench;
let licenseKey = '';
const folder = mkdtempSync(join(tmpdir(), 'leasehold-tls-'));
const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
const options: { -readonly [K in keyof AuthorityOptions]?: AuthorityOptions[K] } = {};

function put({ cert, key }: { readonly cert: string; readonly key: string }): string {
  writeFileSync(tls.cert, cert);
  writeFileSync(tls.key, key);
  return cert;
}

type Pem = ReturnType<typeof selfSigned>;

/** The same key as an operator may keep it: only who knows the passphrase reads it. */
const locked = (key: string): string =>
  createPrivateKey(key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
    .toString();

let ca = '';
beforeAll(async () => {
  bench = await startBench(Date.now(), {}, undefined, options);
  ({ licenseKey } = await newLicense(bench, { type: 'linux' }));
  ca = put(selfSigned(30));
  options.tls = tls;
  options.tlsPollSeconds = 0.02;
  await bench.restart();
});
afterAll(() => bench.close());

/** The serial number of the certificate that is shown to those who come now, if they trust it. */
function shown(trusted: string): Promise<string> {
  const { hostname: host, port } = new URL(bench.authority.url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), ca: trusted }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.end();
    }).on('error', reject);
  });
}

test('serves TLS by itself: an agent that trusts its certificate is licensed, another is told why not', async () => {
  expect(bench.authority.url).toMatch(/^https:/);
  expect(parseConnection(bench.authority.connectionFor(bench.ownerToken)).url).toBe(bench.authority.url);
  const open = async (name: string, trust: { ca?: string }) => {
    const license = await openLicense({
      product: PRODUCT,
      version: '12.1',
      roots: [bench.rootJwk],
      authority: bench.authority.url,
      stateDir: temporaryFolder(),
      activation: { key: licenseKey },
      ...trust,
      testing: { clock: new HandClock(bench.clock), socket: { runFolder: temporaryFolder() }, ...machineNamed(name) },
    });
    cleanUp(() => license.close());
    return license;
  };
  const license = await open('trusting', { ca });
  expect(license.status()).toMatchObject({ state: 'licensed', problems: [] });
  expect(license.authorize(BACKUP).allowed).toBe(true);
  const wary = await open('wary', {});
  expect(wary.status()).toMatchObject({ state: 'not_activated', problems: [{ code: 'BAD_CERTIFICATE' }] });
});

test('a new certificate is taken up without an end; one that is wrong is not, and the old one goes on', async () => {
  const first = await shown(ca);
  const next = put(selfSigned(60));
  await bench.authority.reload();
  const second = await shown(next);
  expect(second).not.toBe(first);
  await expect(shown(ca)).rejects.toThrow();

  writeFileSync(tls.key, selfSigned(1).key);
  await expect(bench.authority.reload()).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
    details: { path: 'tls.key' },
  });
  writeFileSync(tls.cert, 'nothing');
  await expect(bench.authority.reload()).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
    details: { path: 'tls.cert' },
  });
  put(selfSigned(1, '-30d'));
  await expect(bench.authority.reload()).rejects.toThrow(/ended on/);
  expect(await shown(next)).toBe(second);
});

test('a certificate that changes is taken up by itself, once its key is there too', async () => {
  bench.logged.length = 0;
  const said = async (event: string): Promise<void> => {
    while (!bench.logged.some((line) => line.includes(`"${event}"`))) await new Promise(setImmediate);
  };
  const { cert, key } = selfSigned(90);
  writeFileSync(tls.cert, cert);
  await said('tls.not_taken_up');
  writeFileSync(tls.key, key);
  await said('tls.taken_up');
  expect(await shown(cert)).toMatch(/^[0-9A-F]+$/);
});

test('does not start with a certificate that cannot be read', async () => {
  options.tls = { ...tls, cert: join(folder, 'gone.pem') };
  await expect(bench.restart()).rejects.toMatchObject({ code: 'OPTIONS_INVALID', details: { path: 'tls.cert' } });
});

test.each([
  ['an empty key', 'tls.key', ({ cert }) => ({ cert, key: '' }), /key\.pem holds no private key/],
  ['half a key', 'tls.key', ({ cert, key }) => ({ cert, key: key.slice(0, 90) }), /key\.pem holds no private key/],
  ['the certificate for the key', 'tls.key', ({ cert }) => ({ cert, key: cert }), /key\.pem holds no private key/],
  ['a key under a passphrase', 'tls.key', ({ cert, key }) => ({ cert, key: locked(key) }), /key\.pem .*passphrase/],
  [
    'another key',
    'tls.key',
    ({ cert }) => ({ cert, key: selfSigned(1).key }),
    /key\.pem is not the key of .*cert\.pem/,
  ],
  ['an empty certificate', 'tls.cert', ({ key }) => ({ cert: '', key }), /cert\.pem holds no certificate/],
  ['half a chain', 'tls.cert', ({ cert, key }) => ({ cert: cert + cert.slice(0, 300), key }), /with .*cert\.pem/],
] satisfies readonly [string, string, (made: Pem) => Pem, RegExp][])(
  'neither starts nor goes on with %s: the file is named, and what to do',
  async (_what, path, spoil, sentence) => {
    const made = selfSigned(30);
    options.tls = tls;
    const good = put(made);
    await bench.restart();
    const serial = await shown(good);
    put(spoil(made));
    const refused = { code: 'OPTIONS_INVALID', message: expect.stringMatching(sentence) as string };
    const details = { path, remedy: expect.any(String) as string };
    await expect(bench.authority.reload()).rejects.toMatchObject({ ...refused, details });
    expect(await shown(good)).toBe(serial);
    await expect(bench.restart()).rejects.toMatchObject({ ...refused, details });
  },
);
