import { pbkdf2Sync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  canonicalCode,
  CODE_ROUNDS,
  codeSalt,
  indexOfChallenge,
  keysOf,
  machineCode,
  makeChallenge,
  verifyKeyset,
  verifyToken,
  type MediaClaims,
  type RequestOf,
} from '@leasehold/protocol';
import { en, explain, type Decision } from '@leasehold/terms';
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

const HOUR = 3_600_000;
const MINUTE = 60_000;
let bench: Bench;
beforeAll(async () => void (bench = await startBench()));
afterAll(() => bench.close());

interface Kit {
  readonly license: string;
  readonly licenseKey: string;
  readonly technician: string;
  readonly stick: string;
  readonly passport: MediaClaims;
}

/** A technician with a license of his own and a stamped stick. */
async function technician(name: string, pin?: string): Promise<Kit> {
  const { id, licenseKey } = await technicianLicense(bench, name);
  const stick = `${name}-stick`;
  return { license: id, licenseKey, technician: name, stick, passport: await stamp(stick, name, pin) };
}

async function stamp(media: string, name: string, pin?: string): Promise<MediaClaims> {
  return claimsOf(await stampStick(bench, media, name, pin === undefined ? {} : { pin })) as unknown as MediaClaims;
}

function start(kit: Kit, more: Partial<RequestOf<'sessionStart'>> = {}): RequestOf<'sessionStart'> {
  const { licenseKey, technician: who, stick: media } = kit;
  return sessionStart({ licenseKey, technician: who, media, machine: 'cust1' }, more);
}

const machineAt = (passport: MediaClaims, name: string): Promise<string> => machineCode(passport.salt, name, sha256);

async function voucher(kit: Kit, name: string, more: Partial<RequestOf<'voucherCreate'>> = {}) {
  const machine = await machineAt(kit.passport, name);
  const body = { license: kit.license, media: kit.stick, machine, machineOs: 'linux', hours: 8, ...more } as const;
  return asPerson(bench, 'voucherCreate', { body });
}

const fetchVoucher = async (code: string, signer?: Awaited<ReturnType<typeof newSigner>>) =>
  asDevice(bench, signer ?? (await newSigner()), 'voucherFetch', { product: PRODUCT, code });

describe('each cause has a code of its own', () => {
  test('the same stick in two machines, two sticks, a lent license, the end of the year', async () => {
    const kit = await technician('causes');
    await stamp('causes-spare', 'causes');
    const [first, second] = [await newSigner(), await newSigner()];
    const begun = await asDevice(bench, first, 'sessionStart', start(kit));
    const asked = async (more: Partial<RequestOf<'sessionStart'>>) =>
      (await asDevice(bench, second, 'sessionStart', start(kit, more))).problem;
    expect((await asked({ machine: 'cust2' })).reason).toBe('ITPRO_MEDIUM_ELSEWHERE');
    expect((await asked({ machine: 'cust2', media: 'causes-spare' })).reason).toBe('ITPRO_TWO_MEDIA');
    expect((await asked({ technician: 'bert' })).reason).toBe('ITPRO_NOT_HOLDER');
    await asDevice(bench, first, 'sessionEnd', { product: PRODUCT }, { session: begun.body.session });
    const ended = await newLicense(bench, {
      type: 'it_pro',
      term: 'subscription',
      startsAt: '2025-01-01T00:00:00Z',
      validUntil: '2026-01-01T00:00:00Z',
      boundTo: { type: 'technician', id: 'causes' },
    });
    const over = await asked({ licenseKey: ended.licenseKey });
    expect(over).toMatchObject({ reason: 'ITPRO_YEAR_ENDED', rule: 'AIP-9.4' });
    expect(over.detail).toContain('The year of this technician license has ended');
  });

  test.each([
    ['was revoked', 'LICENSE_REVOKED', 'This technician license has been revoked.', 'partner'],
    ['has yet to begin', 'LICENSE_NOT_STARTED', 'This technician license is not valid yet.', 'admin'],
  ])('a license that %s is not one whose year has ended', async (what, reason, sentence, who) => {
    const name = `early-${reason}`;
    const kit = await technician(name);
    const year = { type: 'it_pro', term: 'subscription', validUntil: '2027-06-01T00:00:00Z' } as const;
    const boundTo = { type: 'technician', id: name } as const;
    const startsAt = what === 'was revoked' ? '2026-06-01T00:00:00Z' : '2026-07-01T00:00:00Z';
    const { id, licenseKey } = await newLicense(bench, { ...year, boundTo, startsAt });
    if (what === 'was revoked') await asPerson(bench, 'licenseRevoke', { params: { license: id }, body: {} });
    const { problem } = await asDevice(bench, await newSigner(), 'sessionStart', start(kit, { licenseKey }));
    expect(problem).toMatchObject({ reason, rule: 'AIP-9.4', detail: sentence, decision: { decision: 'needs' } });
    // Whoever gets the decision says the same of it.
    const told = explain(problem.decision as Decision, en);
    expect([told.sentence, told.who[0]]).toEqual([sentence, who]);
    const kept = (await asPerson(bench, 'refusals', { query: '?limit=200' })).body.rows.map((row) => row.decision);
    expect(kept).toContainEqual(problem.decision);
    expect(problem.decision).toMatchObject({ value: { cause: reason } });
  });

  test('the holder may not pass it on: only an owner reassigns it, and it is on record', async () => {
    const kit = await technician('carla');
    const params = { license: kit.license };
    const operator = await asPerson(bench, 'tokenCreate', {
      body: { name: 'op', role: 'operator', validDays: 1 },
    });
    const body = { technician: 'dora' };
    const refused = await asPerson(bench, 'licenseReassign', { params, body }, operator.body.token);
    expect(refused.problem.code).toBe('FORBIDDEN');
    const done = await asPerson(bench, 'licenseReassign', { params, body });
    expect(done.body.decision).toMatchObject({ reason_rule: 'AIP-9.7', obligations: ['AUDIT'] });
    const old = await asDevice(bench, await newSigner(), 'sessionStart', start(kit));
    expect(old.problem.reason).toBe('ITPRO_NOT_HOLDER');
    await stamp('dora-stick', 'dora');
    const request = start(kit, { technician: 'dora', media: 'dora-stick' });
    expect((await asDevice(bench, await newSigner(), 'sessionStart', request)).status).toBe(200);
    const rows = await asPerson(bench, 'journal', { query: '?limit=500' });
    expect(rows.body.rows.some(({ type }) => type === 'license.reassigned')).toBe(true);
  });
});

describe('taking over', () => {
  test('the holder is told by whom, finishes, and grants never overlap', async () => {
    const kit = await technician('eva');
    await stamp('eva-spare', 'eva');
    const [first, second] = [await newSigner(), await newSigner()];
    const begun = await asDevice(bench, first, 'sessionStart', start(kit));
    const spare = start(kit, { media: 'eva-spare', machine: 'cust2', technicianName: 'Eva E.', takeOver: true });
    const taken = await asDevice(bench, second, 'sessionStart', spare);
    expect(taken.problem).toMatchObject({ reason: 'ITPRO_TWO_MEDIA', decision: { code: 'ITPRO_CONCURRENT' } });
    const finishing = await asPerson(bench, 'sessions', { query: '?status=finishing' });
    expect(finishing.body.rows).toMatchObject([{ id: begun.body.session, takenBy: 'Eva E.' }]);
    const params = { session: begun.body.session };
    const told = await asDevice(bench, first, 'sessionBeat', { product: PRODUCT }, params);
    expect(told.problem).toMatchObject({ reason: 'ITPRO_TAKEN_OVER', rule: 'AIP-9.6' });
    expect(told.problem.decision).toMatchObject({ value: { by: 'Eva E.' } });
    bench.clock += 4 * MINUTE;
    expect((await asDevice(bench, second, 'sessionStart', { ...spare, nonce: nonce() })).status).toBe(409);
    bench.clock += 2 * MINUTE;
    const now = await asDevice(bench, second, 'sessionStart', { ...spare, nonce: nonce() });
    expect(now.status).toBe(200);
    const grant = claimsOf(now.body.grant) as unknown as { startedAt: number };
    expect(grant.startedAt).toBeGreaterThanOrEqual((claimsOf(begun.body.grant) as unknown as { exp: number }).exp);
  });
});

describe('PIN', () => {
  test('without the right PIN nothing starts; wrong ones are counted, and the medium waits', async () => {
    const kit = await technician('pia', '482913');
    const signer = await newSigner();
    const ask = (pin?: string) => asDevice(bench, signer, 'sessionStart', start(kit, pin === undefined ? {} : { pin }));
    expect((await ask()).problem).toMatchObject({ reason: 'ITPRO_PIN', rule: 'AIP-9.7' });
    for (let k = 0; k < 5; k += 1) expect((await ask(`00000${k}`)).problem.reason).toBe('ITPRO_PIN');
    expect((await ask('482913')).problem.reason).toBe('ITPRO_PIN');
    bench.clock += 16 * MINUTE;
    expect((await ask('482913')).status).toBe(200);
    expect(kit.passport.pin).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(bench.logged)).not.toContain('482913');
    const bare = { media: 'bare', base: 'linux', licensee: 'Acme', validDays: 1, pin: '123456' } as const;
    expect((await asPerson(bench, 'mediaStamp', { body: bare })).problem).toMatchObject({ path: 'pin' });
  });
});

describe('vouchers', () => {
  test('one medium, one machine, fetched once by code; the license is busy for all of it', async () => {
    const kit = await technician('vera');
    const made = await voucher(kit, 'remote');
    expect(made.body.code).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    expect((await fetchVoucher('00000-00000')).problem.code).toBe('NOT_FOUND');
    const signer = await newSigner();
    const typed = made.body.code!.toLowerCase().replace('-', ' ');
    const fetched = await fetchVoucher(typed, signer);
    const keyset = await verifyKeyset(fetched.body.keyset, [bench.rootJwk], ed25519);
    const claims = await verifyToken('voucher', fetched.body.voucher, { ed25519, keys: keysOf(keyset) });
    expect(claims).toMatchObject({ media: kit.stick, technician: 'vera', license: kit.license });
    expect(claims.machine).toBe(await machineAt(kit.passport, 'remote'));
    expect(claims.exp - claims.iat).toBe(8 * 3600);
    expect((await fetchVoucher(typed, signer)).body.voucher).toBe(fetched.body.voucher);
    expect((await fetchVoucher(typed)).problem.code).toBe('NOT_FOUND');
    const params = { session: claims.session };
    expect((await asDevice(bench, signer, 'sessionEnd', { product: PRODUCT }, params)).problem.code).toBe('CONFLICT');
    expect((await asPerson(bench, 'sessionStop', { params, body: {} })).status).toBe(200);
    bench.clock += 7 * HOUR;
    const other = await asDevice(bench, await newSigner(), 'sessionStart', start(kit, { machine: 'elsewhere' }));
    expect(other.problem.reason).toBe('ITPRO_MEDIUM_ELSEWHERE');
    expect((await voucher(kit, 'second')).problem.reason).toBe('ITPRO_CONCURRENT');
    bench.clock += HOUR;
    const now = await asDevice(bench, await newSigner(), 'sessionStart', start(kit, { machine: 'elsewhere' }));
    expect(now.status).toBe(200);
  });

  test('one that nobody fetched is called back at once; a mistyped machine is told before anything', async () => {
    const kit = await technician('wanda');
    const made = await voucher(kit, 'remote');
    const params = { session: made.body.id! };
    expect((await asPerson(bench, 'sessionStop', { params, body: {} })).status).toBe(200);
    expect((await fetchVoucher(made.body.code!)).problem.code).toBe('NOT_FOUND');
    expect((await asDevice(bench, await newSigner(), 'sessionStart', start(kit))).status).toBe(200);
    const machine = (await machineAt(kit.passport, 'remote')).replace(/^./, (letter) => (letter === '0' ? '1' : '0'));
    const wrong = await voucher(kit, 'remote', { machine });
    expect(wrong.problem).toMatchObject({ code: 'INPUT_INVALID', path: 'machine' });
  });

  test('of 20 that fetch at once one gets it', async () => {
    const kit = await technician('xenia');
    const { code } = (await voucher(kit, 'remote')).body;
    const all = await Promise.all(Array.from({ length: 20 }, () => fetchVoucher(code!)));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});

describe('one-time codes', () => {
  test('the code that answers a challenge is the one whose hash the passport carries, and no other', async () => {
    const kit = await technician('otto');
    const challenge = await makeChallenge([kit.stick, kit.passport.iat, 'AAAAA-AAAAA', nonce()], sha256);
    const body = { challenge: challenge.toLowerCase(), note: 'server of Meyer Ltd, disk replaced' };
    const given = await asPerson(bench, 'codeCreate', { params: { media: kit.stick }, body });
    const code = given.body.code!;
    expect(code).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    const index = indexOfChallenge(challenge);
    const hash = (typed: string, at: number) =>
      pbkdf2Sync(canonicalCode(typed), codeSalt(kit.stick, kit.passport.iat, at), CODE_ROUNDS, 8, 'sha256');
    const { codes } = kit.passport;
    expect(codes).toHaveLength(512);
    expect(codes![index]).toBe(hash(code, index).toString('base64url'));
    expect(codes![(index + 1) % 512]).not.toBe(hash(code, (index + 1) % 512).toString('base64url'));
    const list = await asPerson(bench, 'codes');
    expect(list.body.rows).toMatchObject([{ media: kit.stick, challenge, note: body.note, author: /^admin:/ }]);
    expect(JSON.stringify(list.body)).not.toContain(code);
  });

  test('a misread challenge, an unknown medium', async () => {
    const kit = await technician('paul');
    const params = { media: kit.stick };
    const note = 'x';
    const wrong = await asPerson(bench, 'codeCreate', { params, body: { challenge: '12345-6789A', note } });
    expect(wrong.problem).toMatchObject({ code: 'INPUT_INVALID', path: 'challenge' });
    const challenge = await makeChallenge([nonce()], sha256);
    const nobody = await asPerson(bench, 'codeCreate', { params: { media: 'none' }, body: { challenge, note } });
    expect(nobody.problem.code).toBe('NOT_FOUND');
  });
});

describe('a medium stamped on a licensed machine', () => {
  test('names the machines of its own company; a machine without cover stamps nothing', async () => {
    bench.clock += 2 * MINUTE; // wrong codes were counted by the address
    const { licenseKey } = await newLicense(bench);
    const agent = await Agent.on(bench, 'stamper');
    await agent.activate(licenseKey);
    const body = {
      instance: agent.instance,
      product: PRODUCT,
      media: 'made-here',
      base: 'linux',
      licensee: 'Acme',
      validDays: 30,
    } as const;
    const made = await asDevice(bench, agent.signer, 'agentStamp', body);
    const claims = claimsOf(made.body.passport) as unknown as MediaClaims;
    expect(claims).toMatchObject({ media: 'made-here', base: 'linux' });
    expect(claims.covered.length).toBeGreaterThan(0);
    const theirs = await asDevice(bench, agent.signer, 'agentStamp', { ...body, media: 'otto-stick' });
    expect(theirs.problem.code).toBe('CONFLICT');
    const thief = await newSigner();
    expect((await asDevice(bench, thief, 'agentStamp', body)).problem.code).toBe('NOT_ACTIVATED');
  });

  test('by a trial vouches for no longer than the trial; by a license that was bought, for its days', async () => {
    const validUntil = new Date(bench.clock + 10 * 24 * HOUR).toISOString().replace('.000', '');
    const ends = async (name: string, license: Parameters<typeof newLicense>[1]): Promise<number> => {
      const agent = await Agent.on(bench, name);
      await agent.activate((await newLicense(bench, license)).licenseKey);
      const { instance, signer } = agent;
      const body = {
        instance,
        product: PRODUCT,
        media: name,
        base: 'linux',
        licensee: 'Acme',
        validDays: 365,
      } as const;
      const { passport } = (await asDevice(bench, signer, 'agentStamp', body)).body;
      return (claimsOf(passport) as unknown as MediaClaims).exp * 1000 - bench.clock;
    };
    expect(await ends('on-trial', { kind: 'trial', term: 'trial', validUntil })).toBe(10 * 24 * HOUR);
    expect(await ends('subscribed', { term: 'subscription', validUntil })).toBe(365 * 24 * HOUR);
  });
});
