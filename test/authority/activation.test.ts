import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guards, keysOf, verifyKeyset, verifyToken } from '@leasehold/protocol';
import { Agent, asPerson, newLicense, startBench, type Bench } from '../support/authority.js';
import { ed25519 } from '../support/signing.js';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

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
  });

  test('50 machines at once on 10 seats: exactly 10', async () => {
    const { licenseKey, id } = await newLicense(bench, { seats: 10 });
    const agents = await Promise.all(Array.from({ length: 50 }, (_, n) => Agent.on(bench, `fleet${n}`)));
    const results = await Promise.all(agents.map((agent) => agent.activate(licenseKey)));
    expect(results.filter(({ status }) => status === 200)).toHaveLength(10);
    const refused = results.filter(({ status }) => status !== 200);
    for (const { problem } of refused) expect(problem).toMatchObject({ code: 'SEATS_EXHAUSTED', status: 409 });
    expect(refused[0]!.problem.remedy).toMatch(/administrator/);
    const { body } = await asPerson(bench, 'licenses', { query: `?search=${id}` });
    expect(body.rows).toMatchObject([{ id, used: 10, quota: 10 }]);
  });
});
