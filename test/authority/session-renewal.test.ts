import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { machineCode, type MediaClaims, type RequestOf, type SessionClaims } from '@leasehold/protocol';
import { sha256 } from '../../packages/authority/src/keys/ed25519.js';
import { assertGoesOn } from '../../packages/authority/src/sessions/judge.js';
import { asDevice, asPerson, claimsOf, newLicense, PRODUCT, startBench, type Bench } from '../support/authority.js';
import { newSigner } from '../support/signing.js';
import { engines } from '../support/store-engines.js';
import { sessionStart, stampStick } from '../support/technicians.js';

const [SECOND, MINUTE, DAY] = [1000, 60_000, 86_400_000];

/** What the rules say at the start of a session, they say again while it lasts. */
describe.each(engines)('an IT Pro session that is renewed, on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => void (bench = await startBench(undefined, {}, await engine.url())));
  afterAll(() => bench.close());

  let count = 0;
  /** A technician with a license of his own, whose year ends in so many days, a stick, and a session on it. */
  async function atWork(operation: RequestOf<'sessionStart'>['operation'] = 'backup', days = 300) {
    count += 1;
    const technician = `anna-${count}`;
    const { id, licenseKey } = await newLicense(bench, {
      type: 'it_pro',
      term: 'subscription',
      startsAt: '2026-01-01T00:00:00Z',
      validUntil: new Date(bench.clock + days * DAY).toISOString().slice(0, 10),
      boundTo: { type: 'technician', id: technician },
    });
    const media = `stick-${technician}`;
    const passport = claimsOf(await stampStick(bench, media, technician)) as unknown as MediaClaims;
    const signer = await newSigner();
    const start = (more: Partial<RequestOf<'sessionStart'>> = {}, by = signer) =>
      asDevice(
        bench,
        by,
        'sessionStart',
        sessionStart({ licenseKey, technician, media, machine: 'cust' }, { operation, ...more }),
      );
    const begun = await start();
    expect(begun.status).toBe(200);
    const params = { session: begun.body.session };
    const beat = () => asDevice(bench, signer, 'sessionBeat', { product: PRODUCT }, params);
    const end = () => asDevice(bench, signer, 'sessionEnd', { product: PRODUCT }, params);
    const change = async (route: 'licenseRevoke' | 'licenseReinstate' | 'licenseReassign', body: object = {}) =>
      expect((await asPerson(bench, route, { params: { license: id }, body: body as never })).status).toBe(200);
    return { license: id, technician, media, passport, begun, start, beat, end, change };
  }
  const grantOf = (grant: string): SessionClaims => claimsOf(grant) as unknown as SessionClaims;
  const statusOf = async (id: string) =>
    (await asPerson(bench, 'sessions')).body.rows.find((row) => row.id === id)?.status;

  test('ends with its grant once its license was revoked, says why each time, and goes on when it is valid again', async () => {
    const { begun, beat, change } = await atWork();
    bench.clock += MINUTE;
    expect((await beat()).status).toBe(200);
    await change('licenseRevoke');
    for (const _ of ['first', 'again']) {
      const { status, problem } = await beat();
      expect({ status, problem }).toMatchObject({
        status: 409,
        problem: { code: 'REFUSED', rule: 'AIP-9.4', decision: { decision: 'needs' } },
      });
    }
    bench.clock += 5 * MINUTE;
    expect(await statusOf(begun.body.session)).toBe('lapsed');
    await change('licenseReinstate');
    expect((await beat()).status).toBe(200);
  });

  test.each(['backup', 'migrate'] as const)(
    'starts nothing more after the year of its license, for a %s',
    async (work) => {
      const { beat } = await atWork(work, 1);
      bench.clock += DAY;
      expect((await beat()).status).toBe(200);
      bench.clock += DAY;
      expect((await beat()).problem).toMatchObject({ rule: 'AIP-9.4', reason: 'ITPRO_YEAR_ENDED' });
    },
  );

  test('ends once its license is somebody else’s, who starts when the last grant has ended', async () => {
    const { beat, change, media, start } = await atWork();
    await change('licenseReassign', { technician: 'ben' });
    expect((await beat()).problem).toMatchObject({ rule: 'AIP-9.7', reason: 'ITPRO_NOT_HOLDER' });
    await stampStick(bench, `${media}-2`, 'ben');
    const ben = await newSigner();
    const asBen = () => start({ technician: 'ben', media: `${media}-2`, machine: 'other' }, ben);
    expect((await asBen()).status).toBe(409);
    bench.clock += 5 * MINUTE;
    expect((await asBen()).status).toBe(200);
  });

  test('a restore goes on, whatever becomes of its license (D-1)', async () => {
    const { beat, change } = await atWork('restore', 1);
    await change('licenseReassign', { technician: 'carl' });
    expect((await beat()).status).toBe(200);
    await change('licenseRevoke');
    expect((await beat()).status).toBe(200);
    bench.clock += 3 * DAY;
    expect((await beat()).status).toBe(200);
  });

  test('so does one that was started before it was kept what it does', async () => {
    const session = { operation: null, machine_os: null } as Parameters<typeof assertGoesOn>[2];
    await expect(assertGoesOn(undefined as never, undefined as never, session, 0)).resolves.toBeUndefined();
  });

  test('a restore that the rules allow after the end of its license becomes no backup by asking again', async () => {
    const { begun, beat, change, start } = await atWork('restore');
    await change('licenseRevoke');
    expect((await start({ operation: 'backup' })).problem).toMatchObject({ code: 'REFUSED', rule: 'AIP-9.4' });
    expect((await beat()).status).toBe(200);
    const again = await start({ operation: 'restore' });
    expect(again.body.session).toBe(begun.body.session);
  });

  test('of a program that was restarted it counts from when it asked again', async () => {
    const { begun, start, end } = await atWork();
    bench.clock += 4.5 * MINUTE;
    const again = await start();
    expect(again.body.session).toBe(begun.body.session);
    expect(grantOf(again.body.grant).iat).toBe(Math.floor(bench.clock / 1000));
    bench.clock += 3 * MINUTE;
    const other = () => newSigner().then((signer) => start({ machine: 'other' }, signer));
    expect((await other()).status).toBe(409);
    await end();
    expect((await other()).status).toBe(200);
  });

  test('nobody is given the license within a minute of its grant’s end: clocks of nodes differ', async () => {
    const { begun, start } = await atWork();
    const other = await newSigner();
    const before = bench.clock;
    bench.clock = grantOf(begun.body.grant).exp * SECOND + MINUTE - SECOND;
    expect((await start({ machine: 'other' }, other)).status).toBe(409);
    bench.clock = before + 5 * MINUTE;
    expect((await start({ machine: 'other' }, other)).status).toBe(200);
  });

  test('that ran out is told to every page, also where the next one begins at that moment', async () => {
    const { begun, start } = await atWork();
    bench.clock += 5 * MINUTE;
    expect((await start({ machine: 'other' }, await newSigner())).status).toBe(200);
    const { rows } = (await asPerson(bench, 'journal', { query: '?limit=200' })).body;
    const told = rows
      .filter(({ payload }) => payload!.includes(`"id":"${begun.body.session}"`))
      .map(({ type }) => type);
    expect(told).toEqual(['session.started', 'session.lapsed']);
  });

  test('a voucher that waits is fetched no more once its license was revoked; one that was fetched, again', async () => {
    const { license, media, passport, end, change } = await atWork();
    await end();
    const make = async () => {
      const machine = await machineCode(passport.salt, 'remote', sha256);
      const body = { license, media, machine, machineOs: 'linux', hours: 1 } as const;
      const { status, body: made } = await asPerson(bench, 'voucherCreate', { body });
      expect(status).toBe(200);
      return made;
    };
    const signer = await newSigner();
    const fetch = (code: string) => asDevice(bench, signer, 'voucherFetch', { product: PRODUCT, code });
    const waiting = await make();
    await change('licenseRevoke');
    expect((await fetch(waiting.code!)).problem).toMatchObject({ code: 'REFUSED', rule: 'AIP-9.4' });
    await change('licenseReinstate');
    expect((await fetch(waiting.code!)).status).toBe(200);
    await change('licenseRevoke');
    expect((await fetch(waiting.code!)).status).toBe(200);
  });
});
