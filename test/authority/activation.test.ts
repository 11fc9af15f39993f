import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MINIMUM_WEIGHT, SAME_MACHINE, WEIGHTS } from '@leasehold/fingerprint';
import { guards, keysOf, signToken, verifyKeyset, verifyToken, formatLicenseKey } from '@leasehold/protocol';
import { searched } from '../../packages/authority/src/instances/identity.js';
import {
  Agent,
  asDevice,
  asPerson,
  claimsOf,
  machine,
  newLicense,
  nonce,
  startBench,
  type Bench,
} from '../support/authority.js';
import { persist } from '../support/cluster.js';
import { ed25519 } from '../support/signing.js';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

async function seatsOf(id: string): Promise<{ used: number; quota: number }> {
  const { body } = await asPerson(bench, 'licenses', { query: `?search=${id}` });
  const [row] = body.rows;
  return { used: row!.used, quota: row!.quota };
}

describe('activation', () => {
  test('gives a lease that verifies down to the root', async () => {
    const { licenseKey, id } = await newLicense(bench);
    const agent = await Agent.on(bench, 'srv1');
    const { status, body } = await agent.activate(licenseKey);
    expect(status).toBe(200);
    expect(guards.isCheckInReply(body)).toBe(true);
    const keyset = await verifyKeyset(body.keyset!, [bench.rootJwk], ed25519);
    const how = { ed25519, keys: keysOf(keyset), expect: { iss: 'acme', product: 'acme-backup', sub: body.instance } };
    const lease = await verifyToken('lease', body.lease, how);
    expect(lease).toMatchObject({ license: id, seq: 1, parent: null, cnf: { jkt: agent.signer.publicKey.kid } });
    expect(lease.exp - lease.iat).toBe(30 * 86_400);
    const entitlements = await verifyToken('entitlements', body.entitlements!, how);
    expect(entitlements.self).toEqual({ kind: 'machine', id: body.instance });
    expect(entitlements.facts).toMatchObject({
      profile: 'aip',
      licenses: [{ id, boundTo: { type: 'machine', id: body.instance } }],
    });
  });

  test('50 machines at once on 10 seats: exactly 10', async () => {
    const { licenseKey, id } = await newLicense(bench, { seats: 10 });
    const agents = await Promise.all(Array.from({ length: 50 }, (_, n) => Agent.on(bench, `fleet${n}`)));
    const results = await Promise.all(agents.map((agent) => persist(() => agent.activate(licenseKey))));
    expect(results.filter(({ status }) => status === 200)).toHaveLength(10);
    const refused = results.filter(({ status }) => status !== 200);
    for (const { problem } of refused) expect(problem).toMatchObject({ code: 'SEATS_EXHAUSTED', status: 409 });
    expect(refused[0]!.problem.remedy).toMatch(/administrator/);
    expect(await seatsOf(id)).toEqual({ used: 10, quota: 10 });
  });

  test('a lost reply is answered with the very same lease', async () => {
    const { licenseKey, id } = await newLicense(bench, { seats: 5 });
    const agent = await Agent.on(bench, 'lost-reply');
    const request = agent.activation(licenseKey);
    const first = await asDevice(bench, agent.signer, 'activate', request);
    bench.clock += 90_000;
    const again = await asDevice(bench, agent.signer, 'activate', request);
    expect(again.body.lease).toBe(first.body.lease);
    expect(again.body.entitlements).toBe(first.body.entitlements);
    expect(again.body.instance).toBe(first.body.instance);
    expect(await seatsOf(id)).toMatchObject({ used: 1 });
  });

  test('an activation is not repeated by other hardware with the same key and nonce', async () => {
    const { licenseKey } = await newLicense(bench, { seats: 5 });
    const agent = await Agent.on(bench, 'first hardware');
    const request = agent.activation(licenseKey);
    await asDevice(bench, agent.signer, 'activate', request);
    const other = { ...request, machine: machine('second hardware') };
    expect((await asDevice(bench, agent.signer, 'activate', other)).problem.code).toBe('CHAIN_STALE');
  });

  test('the same machine without its state folder gets the same seat', async () => {
    const { licenseKey, id } = await newLicense(bench, { seats: 5 });
    const before = await Agent.on(bench, 'reinstalled');
    await before.activate(licenseKey);
    const after = await Agent.on(bench, 'reinstalled');
    const { body } = await after.activate(licenseKey);
    expect(after.signer.publicKey.kid).not.toBe(before.signer.publicKey.kid);
    expect(body.instance).toBe(before.instance);
    expect(claimsOf(body.lease)).toMatchObject({ seq: 2, parent: null, cnf: { jkt: after.signer.publicKey.kid } });
    expect(await seatsOf(id)).toMatchObject({ used: 1 });
    expect((await before.checkIn()).problem.code).toBe('FORBIDDEN');
  });

  test('a changed part is the same machine, a copy with another board is not', async () => {
    const { licenseKey, id } = await newLicense(bench, { seats: 5 });
    const agent = await Agent.on(bench, 'drifting');
    await agent.activate(licenseKey);
    const { components } = machine('drifting');
    const newCard = { ...machine('drifting'), components: { ...components, mac: nonce(), disk_serial: nonce() } };
    const drifted = await Agent.on(bench, newCard);
    expect((await drifted.activate(licenseKey)).body).toMatchObject({ instance: agent.instance, verdict: 'drift' });
    const golden = machine('golden image copy');
    const image = { ...golden, components: { ...golden.components, machine_id: components['machine_id']! } };
    const copy = await Agent.on(bench, image);
    expect((await copy.activate(licenseKey)).body.instance).not.toBe(agent.instance);
    expect(await seatsOf(id)).toMatchObject({ used: 2 });
  });

  test('whatever parts it is not searched by, they are not enough to be the same machine', () => {
    const all = Object.fromEntries(Object.keys(WEIGHTS).map((name) => [name, 'hash']));
    const names = new Set(searched({ components: all }).map(([name]) => name));
    const weights = Object.entries(WEIGHTS).map(([name, weight]) => (names.has(name) ? 0 : weight));
    expect(Math.max(...weights)).toBe(1);
    expect(weights.reduce((sum, weight) => sum + weight)).toBeLessThan(SAME_MACHINE * MINIMUM_WEIGHT);
  });

  test('containers of one image are told apart by their injected ids alone', async () => {
    const { licenseKey, id } = await newLicense(bench, { type: 'linux', seats: 5 });
    const container = (instanceId: string) =>
      machine('image', {
        kind: 'container',
        os: 'linux',
        instanceId,
        components: { machine_id: machine('image').components['machine_id']! },
      });
    const first = await Agent.on(bench, container('blue'));
    const second = await Agent.on(bench, container('green'));
    const again = await Agent.on(bench, container('blue'));
    await first.activate(licenseKey);
    await second.activate(licenseKey);
    await again.activate(licenseKey);
    expect(again.instance).toBe(first.instance);
    expect(second.instance).not.toBe(first.instance);
    expect(await seatsOf(id)).toMatchObject({ used: 2 });
  });

  test('Virtual is one seat for a host, however many guests (AIP-6.1)', async () => {
    const { licenseKey, id } = await newLicense(bench, { type: 'virtual', seats: 2 });
    const guest = (name: string, declaredHostId: string) => machine(name, { kind: 'guest', declaredHostId });
    for (const name of ['esx1-guest-a', 'esx1-guest-b', 'esx1-guest-c']) {
      const agent = await Agent.on(bench, guest(name, 'esx1'));
      const { status, body } = await agent.activate(licenseKey);
      expect(status).toBe(200);
      expect(body.notices).toEqual(name === 'esx1-guest-a' ? ['HYPERAGENT_UNKNOWN'] : []);
    }
    expect(await seatsOf(id)).toMatchObject({ used: 1 });
    const other = await Agent.on(bench, guest('vm4', 'esx2'));
    await other.activate(licenseKey);
    expect(await seatsOf(id)).toMatchObject({ used: 2 });
    const homeless = await Agent.on(bench, machine('vm5', { kind: 'guest' }));
    expect((await homeless.activate(licenseKey)).problem).toMatchObject({ code: 'REFUSED', rule: 'F-1' });
    const { body } = await asPerson(bench, 'machines', { query: '?search=esx1-guest-b' });
    expect(body.rows).toMatchObject([{ name: 'esx1-guest-b', coveredBy: 'host:esx1', status: 'valid' }]);
  });

  test('a Virtual license is not for the cloud (AIP-4.5), and an edition must fit (AIP-0.2)', async () => {
    const virtual = await newLicense(bench, { type: 'virtual', seats: 1 });
    const cloud = await Agent.on(bench, machine('c1', { kind: 'cloud', declaredHostId: 'esx1' }));
    expect((await cloud.activate(virtual.licenseKey)).problem).toMatchObject({ code: 'REFUSED', rule: 'AIP-4.5' });
    bench.clock += 1000;
    const desktop = await newLicense(bench, { type: 'desktop' });
    const server = await Agent.on(bench, 'srv-misfit');
    const { problem } = await server.activate(desktop.licenseKey);
    expect(problem).toMatchObject({ code: 'REFUSED', rule: 'AIP-0.2' });
    expect(problem.detail.length).toBeGreaterThan(20);
    const { body } = await asPerson(bench, 'refusals', { query: '?limit=1' });
    expect(body.rows).toMatchObject([{ action: 'license.activate', decision: { reason_rule: 'AIP-0.2' } }]);
  });

  test('a license of an instance is assigned to its machine (MSP-1)', async () => {
    const msp = { profile: 'msp', type: 'server', term: 'subscription', validUntil: '2026-12-31' } as const;
    const { licenseKey, id } = await newLicense(bench, msp);
    const agent = await Agent.on(bench, 'msp1');
    expect((await agent.activate(licenseKey)).status).toBe(200);
    const second = await Agent.on(bench, 'msp2');
    expect((await second.activate(licenseKey)).problem).toMatchObject({
      code: 'REFUSED',
      rule: 'MSP-2',
      reason: 'ALREADY_ASSIGNED',
    });
    const { body } = await asPerson(bench, 'licenses', { query: `?search=${id}` });
    expect(body.rows).toMatchObject([{ id, assignedTo: agent.instance, computerName: 'msp1', used: 1 }]);
  });

  test('keys: mistyped, unknown, of another product', async () => {
    const agent = await Agent.on(bench, 'guesser');
    const typo = await agent.activate('LH-00000-00000-00000-00000-00000-00001');
    expect(typo.problem).toMatchObject({ code: 'LICENSE_KEY_TYPO', status: 400 });
    const unknown = await agent.activate(formatLicenseKey('license', new Uint8Array(16).fill(7)));
    expect(unknown.problem).toMatchObject({ code: 'LICENSE_KEY_UNKNOWN', status: 404 });
    const { licenseKey } = await newLicense(bench);
    expect((await agent.activate(licenseKey, { product: 'other' })).problem.code).toBe('TOKEN_FOREIGN');
  });

  test('guessing is slowed down, and stops being so after a minute', async () => {
    const agent = await Agent.on(bench, 'attacker');
    const guess = (n: number) => agent.activate(formatLicenseKey('license', new Uint8Array(16).fill(n)));
    let last = await guess(0);
    for (let n = 1; n < 25; n += 1) last = await guess(n);
    expect(last.problem).toMatchObject({ code: 'TOO_MANY_ATTEMPTS', status: 429 });
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    bench.clock += 61_000;
    expect((await guess(99)).problem.code).toBe('LICENSE_KEY_UNKNOWN');
  });

  test('nobody is slowed down for whoever guesses, behind a proxy or at the same address', async () => {
    const publicUrl = 'https://licensing.acme.example';
    const proxied = await startBench(undefined, {}, undefined, { publicUrl });
    const { licenseKey } = await newLicense(proxied, { seats: 2 });
    const ask = async (key: string, address: string) => {
      const agent = await Agent.on(proxied, address);
      const body = JSON.stringify(agent.activation(key));
      const bh = createHash('sha256').update(body).digest('base64url');
      const iat = Math.floor(proxied.clock / 1000);
      const claims = { htm: 'POST', htu: `${publicUrl}/v1/activate`, bh, iat, jti: nonce() } as const;
      const proof = await signToken('proof', claims, agent.signer);
      const headers = { 'content-type': 'application/json', 'leasehold-proof': proof, 'x-forwarded-for': address };
      return (await fetch(`${proxied.authority.url}/v1/activate`, { method: 'POST', headers, body })).status;
    };
    let last = 0;
    for (let n = 0; n < 25; n += 1)
      last = await ask(formatLicenseKey('license', new Uint8Array(16).fill(n)), '203.0.113.7');
    expect([last, await ask(licenseKey, '203.0.113.7'), await ask(licenseKey, '203.0.113.8')]).toEqual([429, 200, 200]);
    await proxied.close();
  });
});
