import { createHash } from 'node:crypto';
import { LeaseholdError, signToken } from '@leasehold/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimsOf, machine, newLicense, nonce, startBench, type Bench } from '../support/authority.js';
import { BACKUP, Site } from '../support/sdk-fixture.js';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { newSigner } from '../support/signing.js';

/** What an agent of version 1 sends and reads, written down when version 2 came and never changed since: the members of a
 * reply that it cannot do without, and their types. */
const VERSION_1 = {
  activate: (licenseKey: string, report: object) => ({
    licenseKey,
    product: 'acme-backup',
    version: '11.0',
    chain: { parent: null, nonce: nonce() },
    machine: report,
  }),
  checkIn: (instance: string, lease: string, parent: string, report: object) => ({
    instance,
    product: 'acme-backup',
    version: '11.0',
    chain: { parent, nonce: nonce() },
    lease,
    machine: report,
    usage: { epoch: 'AAAA', records: [{ n: 1, at: '2026-06-15T02:00:00Z', kind: 'backup', bytes: 5, count: 1 }] },
    entitlementsDigest: null,
    keysetVersion: { epoch: 0, version: 0 },
  }),
  deactivate: (instance: string, parent: string) => ({ instance, chain: { parent, nonce: nonce() } }),
  reads: {
    instance: 'string',
    lease: 'string',
    entitlements: 'string',
    keyset: 'string',
    serverTime: 'string',
    renewAfter: 'string',
    verdict: 'string',
    notices: 'object',
  },
  readsOfLease: {
    iss: 'string',
    product: 'string',
    epoch: 'number',
    sub: 'string',
    jti: 'string',
    seq: 'number',
    iat: 'number',
    exp: 'number',
    cnf: 'object',
    license: 'string',
    components: 'object',
    entitlements: 'string',
  },
} as const;

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

async function send(path: string, signer: Awaited<ReturnType<typeof newSigner>>, body: object, version?: string) {
  const text = JSON.stringify(body);
  const url = `${bench.authority.url}${path}`;
  const bh = createHash('sha256').update(text).digest('base64url');
  const claims = { htm: 'POST', htu: url, bh, iat: Math.floor(bench.clock / 1000), jti: nonce() } as const;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'leasehold-proof': await signToken('proof', claims, signer),
      ...(version === undefined ? {} : { 'leasehold-protocol': version }),
    },
    body: text,
  });
  return { response, body: (await response.json()) as Record<string, unknown> };
}

const typesOf = (value: object, members: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.keys(members).map((name) => [name, typeof (value as Readonly<Record<string, unknown>>)[name]]),
  );

describe('one protocol version back', () => {
  test.each([[undefined], ['1']])('an agent of version 1 is served (header %s)', async (version) => {
    const { licenseKey } = await newLicense(bench);
    const signer = await newSigner();
    const report = machine(`veteran ${version}`);
    const made = await send('/v1/activate', signer, VERSION_1.activate(licenseKey, report), version);
    expect(made.response.status).toBe(200);
    const { instance, lease } = made.body as { instance: string; lease: string };
    const parent = claimsOf(lease).jti;
    const checked = await send('/v1/check-in', signer, VERSION_1.checkIn(instance, lease, parent, report), version);
    for (const { body } of [made, checked]) {
      expect(typesOf(body, VERSION_1.reads)).toEqual(VERSION_1.reads);
      expect(typesOf(claimsOf(body['lease'] as string), VERSION_1.readsOfLease)).toEqual(VERSION_1.readsOfLease);
    }
    expect(checked.body).toMatchObject({ verdict: 'same', usageSeen: { epoch: 'AAAA', n: 1 } });
    const given = await send('/v1/deactivate', signer, VERSION_1.deactivate(instance, parent), version);
    expect(given.body).toMatchObject({ instance, reusableFrom: null });
  });

  test('every reply names the version that is spoken', async () => {
    const response = await fetch(`${bench.authority.url}/healthz`);
    expect(response.headers.get('leasehold-protocol')).toBe('2');
  });

  test.each([
    ['3', /Update the authority/],
    ['99', /Update the authority/],
    ['0', /Update the product/],
    ['two', /Update the product/],
    ['', /Update the product/],
  ])('version "%s" is refused with what to do', async (version, remedy) => {
    const { licenseKey } = await newLicense(bench);
    const signer = await newSigner();
    const request = VERSION_1.activate(licenseKey, machine('odd'));
    const { response, body } = await send('/v1/activate', signer, request, version);
    expect(response.status).toBe(426);
    expect(body).toMatchObject({ code: 'UNSUPPORTED_VERSION', path: 'header.Leasehold-Protocol' });
    expect(body['remedy']).toMatch(remedy);
    expect((await send('/v1/activate', signer, request, '2')).response.status).toBe(200);
  });

  test('an agent that is newer than its authority says its version and rides on its lease', async () => {
    const site = await Site.start();
    const license = await site.open({ activation: { key: LICENSE_KEY } });
    expect(site.authority.asked.at(-1)?.headers['leasehold-protocol']).toBe('2');
    site.authority.behave.refuse = { '/v1/check-in': new LeaseholdError('UNSUPPORTED_VERSION', 'Newer.') };
    expect(await license.check()).toMatchObject({ ok: false, problem: { code: 'UNSUPPORTED_VERSION' } });
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: true, decision: 'allow' });
  });
});
