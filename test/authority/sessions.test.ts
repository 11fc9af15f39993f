import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  guards,
  keysOf,
  passportHash,
  verifyKeyset,
  verifyToken,
  type RequestOf,
  type SessionClaims,
} from '@leasehold/protocol';
import { sha256 } from '../../packages/authority/src/keys/ed25519.js';
import {
  Agent,
  asDevice,
  asPerson,
  claimsOf,
  newLicense,
  nonce,
  PRODUCT,
  startBench,
  type Bench,
} from '../support/authority.js';
import { ed25519, newSigner } from '../support/signing.js';
import { sessionStart, stampStick, technicianLicense } from '../support/technicians.js';
import { engines } from '../support/store-engines.js';

const MINUTE = 60_000;

describe.each(engines)('on $name', (engine) => {
  let bench: Bench;
  let itPro: { readonly id: string; readonly licenseKey: string };

  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    itPro = await technicianLicense(bench, 'anna');
    for (const media of ['stick1', 'stick2']) await stampStick(bench, media, 'anna', { base: 'winpe' });
  });
  afterAll(() => bench?.close());

  function start(media: string, machine: string, more: Partial<RequestOf<'sessionStart'>> = {}) {
    const who = { licenseKey: itPro.licenseKey, technician: 'anna', media, machine };
    return sessionStart(who, { technicianName: 'Anna Arndt', machineOs: 'windows_server', ...more });
  }

  const sessionClaims = (grant: string): SessionClaims => claimsOf(grant) as unknown as SessionClaims;

  describe('IT Pro sessions', () => {
    test('one at a time: the second is told who, where and until when; it starts once the first has ended', async () => {
      const [first, second] = [await newSigner(), await newSigner()];
      const begun = await asDevice(bench, first, 'sessionStart', start('stick1', 'cust1'));
      expect(begun.status).toBe(200);
      const keyset = await verifyKeyset((await asPerson(bench, 'keyset')).body.keyset, [bench.rootJwk], ed25519);
      const grant = await verifyToken('session', begun.body.grant, { ed25519, keys: keysOf(keyset) });
      expect(grant).toMatchObject({ session: begun.body.session, license: itPro.id, fence: 1 });
      expect(grant.exp - grant.iat).toBe(240);

      const refused = await asDevice(bench, second, 'sessionStart', start('stick2', 'cust2'));
      expect(refused.problem).toMatchObject({
        code: 'REFUSED',
        rule: 'AIP-9.6',
        reason: 'ITPRO_TWO_MEDIA',
        decision: { code: 'ITPRO_CONCURRENT' },
        status: 409,
      });
      const { holder } = (refused.problem.decision as { value: { holder: unknown } }).value;
      expect(guards.isSessionHolder(holder)).toBe(true);
      expect(holder).toMatchObject({ technicianName: 'Anna Arndt', media: 'stick1', machine: 'cust1' });

      bench.clock += MINUTE;
      const params = { session: begun.body.session };
      const beat = await asDevice(bench, first, 'sessionBeat', { product: PRODUCT }, params);
      expect(sessionClaims(beat.body.grant)).toMatchObject({ fence: 2, exp: Math.floor(bench.clock / 1000) + 240 });
      expect((await asDevice(bench, second, 'sessionBeat', { product: PRODUCT }, params)).problem.code).toBe(
        'FORBIDDEN',
      );
      expect((await asDevice(bench, first, 'sessionEnd', { product: PRODUCT }, params)).status).toBe(200);
      const ended = await asDevice(bench, first, 'sessionBeat', { product: PRODUCT }, params);
      expect(ended.problem).toMatchObject({ code: 'REFUSED' });

      const next = await asDevice(bench, second, 'sessionStart', start('stick2', 'cust2'));
      expect(next.status).toBe(200);
      expect(sessionClaims(next.body.grant).fence).toBe(3);
      const { body } = await asPerson(bench, 'sessions');
      expect(body.rows.map(({ status }) => status).sort()).toEqual(['ended', 'live']);
      await asDevice(bench, second, 'sessionEnd', { product: PRODUCT }, { session: next.body.session });
    });

    test('20 at once: exactly one', async () => {
      const signers = await Promise.all(Array.from({ length: 20 }, () => newSigner()));
      const results = await Promise.all(
        signers.map((signer, n) => asDevice(bench, signer, 'sessionStart', start('stick1', `race${n}`))),
      );
      const granted = results.findIndex(({ status }) => status === 200);
      expect(results.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const { problem } of results.filter(({ status }) => status !== 200)) {
        expect(problem.reason).toBe('ITPRO_MEDIUM_ELSEWHERE');
      }
      await asDevice(
        bench,
        signers[granted]!,
        'sessionEnd',
        { product: PRODUCT },
        { session: results[granted]!.body.session },
      );
    });

    test('a stick that was pulled out frees its seat when its grant ends, and its old session is refused then', async () => {
      const [first, second] = [await newSigner(), await newSigner()];
      const begun = await asDevice(bench, first, 'sessionStart', start('stick1', 'pulled'));
      bench.clock += 4 * MINUTE;
      expect((await asDevice(bench, second, 'sessionStart', start('stick2', 'other'))).status).toBe(409);
      bench.clock += 2 * MINUTE;
      const next = await asDevice(bench, second, 'sessionStart', start('stick2', 'other'));
      expect(next.status).toBe(200);
      const late = await asDevice(bench, first, 'sessionBeat', { product: PRODUCT }, { session: begun.body.session });
      expect(late.problem).toMatchObject({ code: 'REFUSED', reason: 'ITPRO_CONCURRENT' });
      await asDevice(bench, second, 'sessionEnd', { product: PRODUCT }, { session: next.body.session });
    });

    test('a network that was gone ends nothing while nobody took the seat; a lost reply gives the same grant', async () => {
      const device = await newSigner();
      const request = start('stick1', 'recovering');
      const begun = await asDevice(bench, device, 'sessionStart', request);
      const again = await asDevice(bench, device, 'sessionStart', request);
      expect(again.body).toEqual(begun.body);
      bench.clock += 30 * MINUTE;
      const params = { session: begun.body.session };
      expect((await asDevice(bench, device, 'sessionBeat', { product: PRODUCT }, params)).status).toBe(200);
      await asDevice(bench, device, 'sessionEnd', { product: PRODUCT }, params);
    });

    test('stopped from the console it finishes first: grants never overlap', async () => {
      const [first, second] = [await newSigner(), await newSigner()];
      const begun = await asDevice(bench, first, 'sessionStart', start('stick1', 'stopped'));
      const params = { session: begun.body.session };
      const stop = await asPerson(bench, 'sessionStop', { params, body: {} });
      expect(stop.status).toBe(200);
      expect((await asPerson(bench, 'sessions', { query: '?status=finishing' })).body.rows).toHaveLength(1);
      expect((await asDevice(bench, first, 'sessionBeat', { product: PRODUCT }, params)).status).toBe(409);
      expect((await asDevice(bench, second, 'sessionStart', start('stick2', 'after'))).status).toBe(409);
      bench.clock += 6 * MINUTE;
      const next = await asDevice(bench, second, 'sessionStart', start('stick2', 'after'));
      expect(next.status).toBe(200);
      await asDevice(bench, second, 'sessionEnd', { product: PRODUCT }, { session: next.body.session });
    });

    test.each([
      ['another technician', { technician: 'bert' }, 'AIP-9.7'],
      ['WinPE on Linux', { machineOs: 'linux' as const }, 'AIP-9.3'],
    ])('%s is refused', async (_what, more, rule) => {
      const { problem } = await asDevice(bench, await newSigner(), 'sessionStart', start('stick1', 'x', more));
      expect(problem).toMatchObject({ code: 'REFUSED', rule });
    });

    test('a medium that was never stamped is refused, and so is a key that is no IT Pro', async () => {
      const unstamped = await asDevice(bench, await newSigner(), 'sessionStart', start('unknown-stick', 'x'));
      expect(unstamped.problem.code).toBe('REFUSED');
      const { licenseKey } = await newLicense(bench);
      const wrong = await asDevice(bench, await newSigner(), 'sessionStart', start('stick1', 'x', { licenseKey }));
      expect(wrong.problem.code).toBe('LICENSE_KEY_UNKNOWN');
    });
  });

  describe('boot media', () => {
    test('a passport names covered and formerly covered machines by salted short hashes', async () => {
      const { licenseKey } = await newLicense(bench, { seats: 5 });
      const agent = await Agent.on(bench, 'covered');
      await agent.activate(licenseKey);
      const stamp = { media: 'be1', base: 'linux', licensee: 'Acme', validDays: 30 } as const;
      const { status, body } = await asPerson(bench, 'mediaStamp', { body: stamp });
      expect(status).toBe(200);
      const keyset = await verifyKeyset((await asPerson(bench, 'keyset')).body.keyset, [bench.rootJwk], ed25519);
      const passport = await verifyToken('media', body.passport, { ed25519, keys: keysOf(keyset) });
      const own = await passportHash(passport.salt, 'hardware_uuid', agent.report.components['hardware_uuid']!, sha256);
      expect(own).toHaveLength(11);
      expect(passport.covered).toContain(own);
      expect(body.passport).not.toContain(agent.report.components['hardware_uuid']);
      const chain = { parent: agent.parent, nonce: nonce() };
      await asDevice(bench, agent.signer, 'deactivate', { instance: agent.instance, chain });
      const later = await asPerson(bench, 'mediaStamp', { body: stamp });
      const claims = await verifyToken('media', later.body.passport, { ed25519, keys: keysOf(keyset) });
      expect(claims.covered).not.toContain(own);
      expect(claims.formerlyCovered).toContain(own);
      expect((await asPerson(bench, 'media')).body.rows.find(({ id }) => id === 'be1')).toMatchObject({
        base: 'linux',
      });
    });

    test('a technician without a license gets no medium', async () => {
      const stamp = { media: 'be2', base: 'linux', licensee: 'Acme', technician: 'carl', validDays: 30 } as const;
      const { problem } = await asPerson(bench, 'mediaStamp', { body: stamp });
      expect(problem).toMatchObject({ code: 'REFUSED', rule: 'AIP-9.7', detail: 'A license is missing.' });
      expect(problem.remedy).toContain('technician license for technician carl');
    });

    test('a technician gets one by the license that is valid now, whatever ends later', async () => {
      const { id } = await technicianLicense(bench, 'dana');
      const years = { type: 'it_pro', term: 'subscription', boundTo: { type: 'technician', id: 'dana' } } as const;
      await newLicense(bench, { ...years, startsAt: '2027-06-01T00:00:00Z', validUntil: '2028-05-31' });
      const { id: revoked } = await newLicense(bench, { ...years, validUntil: '2029-05-31' });
      await asPerson(bench, 'licenseRevoke', { params: { license: revoked }, body: {} });
      expect(claimsOf(await stampStick(bench, 'dana-stick', 'dana'))).toMatchObject({
        technician: 'dana',
        license: id,
      });
    });
  });
});
