import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { guards, type Message } from '@leasehold/protocol';
import { Agent, asDevice, asPerson, newLicense, startBench, type Bench } from '../support/authority.js';
import { newSigner } from '../support/signing.js';
import { engines } from '../support/store-engines.js';
import { sessionStart, stampStick, technicianLicense } from '../support/technicians.js';

const DAY = 86_400_000;
const SOON = { timeout: 30_000, interval: 20 };

describe.each(engines)('seats by day on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => {
    // 23:30 of the 30th of June in Tokyo.
    const at = Date.parse('2026-06-30T14:30:00Z');
    bench = await startBench(at, { timeZone: 'Asia/Tokyo' }, await engine.url(), { timedWorkSeconds: 0.02 });
  });
  afterAll(() => bench?.close());

  test('a day is closed at midnight of the account’s zone, also where nobody was there; a company sees its own', async () => {
    const history = async (token?: string): Promise<Message<'SeatHistory'>> => {
      const { body } = await asPerson(bench, 'seatHistory', {}, token);
      expect(guards.isSeatHistory(body)).toBe(true);
      expect(body).toMatchObject({ timeZone: 'Asia/Tokyo' });
      expect(body.days).toHaveLength(90);
      return body;
    };
    const line = ({ series }: Message<'SeatHistory'>, id: string, cal: string | null = null, last = 3) => {
      const found = series.find((one) => one.id === id && one.cal === cal);
      return found?.used.map((used, n) => (used === null ? null : `${used}/${found.owned[n]}`)).slice(-last);
    };

    await asPerson(bench, 'companyCreate', { body: { id: 'north', name: 'North' } });
    const { licenseKey } = await newLicense(bench, { seats: 5 });
    const single = { profile: 'msp', type: 'desktop', kind: 'commercial', term: 'subscription' } as const;
    await newLicense(bench, { ...single, companyId: 'north', validUntil: '2027-06-30' });
    const poolLicense = { id: 'P', type: 'OEM', purchase: 'purchased', freeUpgradeUntil: '2027-06-30' } as const;
    await asPerson(bench, 'poolLicensesCreate', { body: { licenses: [{ ...poolLicense, cals: { obm: 9 } }] } });
    await asPerson(bench, 'poolConvert', { params: { license: 'P' }, body: { confirmName: 'P' } });
    const pool = (await asPerson(bench, 'poolCreate', { body: { name: 'Desk', type: 'OEM' } })).body.id!;
    await asPerson(bench, 'poolSetQuota', { params: { pool }, body: { quota: { obm: 7 } } });
    expect((await (await Agent.on(bench, 'one')).activate(licenseKey)).status).toBe(200);

    const before = await history();
    expect(before.days.at(-1)).toBe('2026-06-30');
    expect(line(before, 'server')).toEqual([null, null, '1/5']);
    expect(line(before, pool, 'obm')).toEqual([null, null, '0/7']);

    bench.clock = Date.parse('2026-06-30T15:00:01Z');
    await vi.waitFor(async () => expect(line(await history(), 'server')).toEqual([null, '1/5', '1/5']), SOON);
    expect((await (await Agent.on(bench, 'two')).activate(licenseKey)).status).toBe(200);
    expect(line(await history(), 'server')).toEqual([null, '1/5', '2/5']);

    // Two nights pass while it is off: nothing changed in them.
    await bench.authority.close();
    bench.clock += 2 * DAY;
    await bench.restart();
    await vi.waitFor(async () =>
      expect(line(await history(), 'server', null, 4)).toEqual(['1/5', '2/5', '2/5', '2/5']),
    );
    expect(line(await history(), pool, 'obm', 4)).toEqual(['0/7', '0/7', '0/7', '0/7']);

    const token = { name: 'North', role: 'viewer', companyId: 'north', validDays: 90 } as const;
    const north = await history((await asPerson(bench, 'tokenCreate', { body: token })).body.token);
    expect(north.series.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['type desktop']);
    expect(line(north, 'desktop', null, 5)).toEqual([null, '0/1', '0/1', '0/1', '0/1']);
  });

  test('a live session is the seat of its technician’s license', async () => {
    const license = await technicianLicense(bench, 'anna');
    await technicianLicense(bench, 'bert');
    await stampStick(bench, 'stick', 'anna');
    const itPro = async () => (await asPerson(bench, 'overview')).body.types.find(({ type }) => type === 'it_pro');
    expect(await itPro()).toMatchObject({ used: 0, owned: 2 });
    const signer = await newSigner();
    const start = sessionStart({ licenseKey: license.licenseKey, technician: 'anna', media: 'stick', machine: 'pc' });
    expect((await asDevice(bench, signer, 'sessionStart', start)).status).toBe(200);
    expect(await itPro()).toMatchObject({ used: 1, owned: 2 });
    bench.clock += DAY;
    expect(await itPro()).toMatchObject({ used: 0, owned: 2 });
  });
});
