import { describe, expect, test } from 'vitest';
import { Agent, asDevice, asPerson, newLicense, startBench } from '../support/authority.js';
import { newSigner } from '../support/signing.js';
import { sessionStart, stampStick, technicianLicense } from '../support/technicians.js';
import { engines } from '../support/store-engines.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe.each(engines)('the overview on $name', (engine) => {
  test('counts machines as their list does; of those that are silent, who is inside the lease', async () => {
    const bench = await startBench(undefined, {}, await engine.url());
    const { licenseKey } = await newLicense(bench, { seats: 3 });
    const soon = `${new Date(bench.clock + 50 * DAY).toISOString().slice(0, 19)}Z`;
    const ending = await newLicense(bench, { seats: 1, term: 'subscription', validUntil: soon });
    const on = async (name: string, key: string) => {
      const agent = await Agent.on(bench, name);
      await agent.activate(key);
      return agent;
    };
    await on('lapsed', licenseKey);
    const [here, away, last] = [
      await on('here', licenseKey),
      await on('away', licenseKey),
      await on('ending', ending.licenseKey),
    ];
    bench.clock += 33 * DAY;
    await away.checkIn();
    bench.clock += 3 * DAY;
    for (const agent of [here, last]) await agent.checkIn();
    await asPerson(bench, 'standbyCreate', { params: { machine: here.instance }, body: { name: 'here-too' } });
    const { machines } = (await asPerson(bench, 'overview')).body;
    expect(machines).toEqual({
      total: 5,
      valid: 1,
      expiresSoon: 1,
      offline: 2,
      grace: 0,
      stopped: 1,
      online: 2,
      silent: 1,
      lapsing: { day: 0, fortnight: 1 },
    });
    const { counts } = (await asPerson(bench, 'machines', { query: '?counts=yes' })).body;
    expect(counts?.['status']).toEqual({ all: 5, valid: 1, expires_soon: 1, offline: 2, stopped: 1 });
    await bench.close();
  });

  test('counts the leases that lapse within a day and within 14, each as many as their list has', async () => {
    const bench = await startBench(undefined, {}, await engine.url());
    const { licenseKey } = await newLicense(bench, { seats: 3 });
    const on = async (name: string) => {
      const agent = await Agent.on(bench, name);
      await agent.activate(licenseKey);
      return agent;
    };
    // A perpetual license gives leases of 30 days.
    const [today, soon, late] = [await on('today'), await on('soon'), await on('late')];
    bench.clock += 10 * HOUR;
    await today.checkIn();
    bench.clock += 15 * DAY;
    await soon.checkIn();
    bench.clock += 15 * DAY - 10 * HOUR;
    await late.checkIn();
    const { machines } = (await asPerson(bench, 'overview')).body;
    expect(machines).toMatchObject({ lapsing: { day: 1, fortnight: 1 } });
    const listed = async (mark: string) => {
      const { rows, counts } = (await asPerson(bench, 'machines', { query: `?mark=${mark}&counts=yes` })).body;
      expect(counts?.['mark']?.[mark]).toBe(rows.length);
      return rows.map(({ id }) => id);
    };
    expect(await listed('lapses_day')).toEqual([today.instance]);
    bench.clock += 2 * DAY;
    expect(await listed('lapses_day')).toEqual([]);
    expect((await listed('lapses_fortnight')).toSorted()).toEqual([soon.instance]);
    expect((await asPerson(bench, 'overview')).body.machines.lapsing).toEqual({ day: 0, fortnight: 1 });
    await bench.close();
  });

  test('says how many sessions are live beside those that it lists', async () => {
    const bench = await startBench(undefined, {}, await engine.url());
    for (let n = 0; n < 22; n += 1) {
      const [technician, media] = [`technician-${n}`, `stick-${n}`];
      const { licenseKey } = await technicianLicense(bench, technician);
      await stampStick(bench, media, technician);
      const ask = sessionStart({ licenseKey, technician, media, machine: `machine-${n}` });
      expect((await asDevice(bench, await newSigner(), 'sessionStart', ask)).status).toBe(200);
    }
    const { sessions, sessionsMore } = (await asPerson(bench, 'overview')).body;
    expect({ listed: sessions.length, more: sessionsMore }).toEqual({ listed: 20, more: 2 });
    await bench.close();
  });

  test('counts seats of what its link lists: commercial licenses that are valid', async () => {
    const bench = await startBench(undefined, {}, await engine.url());
    const plain = { kind: 'commercial', companyId: null, autoRenew: false } as const;
    const ofHosts = { ...plain, profile: 'aip', type: 'server', term: 'subscription', seats: 4 } as const;
    const ofInstances = { ...plain, profile: 'msp', type: 'server', term: 'subscription', seats: 1 } as const;
    const [later, past] = [{ validUntil: '2027-01-31' }, { validUntil: '2026-06-01' }];
    const licenses = [
      { id: 'hosts', ...ofHosts, ...later },
      { id: 'hosts-ended', ...ofHosts, ...past },
      { id: 'hosts-trial', ...ofHosts, ...later, kind: 'trial', term: 'trial' },
      { id: 'one', ...ofInstances, ...later },
      { id: 'one-ended', ...ofInstances, ...past },
      { id: 'one-trial', ...ofInstances, ...later, kind: 'trial', term: 'trial' },
    ] as const;
    expect((await asPerson(bench, 'licensesCreate', { body: { licenses: [...licenses] } })).status).toBe(200);
    const query = '?kind=commercial&validity=valid&type=server';
    const { rows } = (await asPerson(bench, 'licenses', { query })).body;
    expect(rows.map(({ id }) => id)).toEqual(['hosts', 'one']);
    const { types } = (await asPerson(bench, 'overview')).body;
    expect(types).toEqual([{ type: 'server', used: 0, owned: 5, perpetual: 0, firstEnd: '2027-01-31' }]);
    await bench.close();
  });

  test('ends are those of what ends by itself and is sold: the list has them in this order', async () => {
    const bench = await startBench(undefined, { timeZone: 'Asia/Tokyo' }, await engine.url());
    const plain = { profile: 'msp', type: 'server', term: 'subscription', kind: 'commercial', seats: 1 } as const;
    const one = (id: string, validUntil: string, more: object = {}) =>
      ({ ...plain, id, companyId: null, autoRenew: false, validUntil, ...more }) as const;
    const licenses = [
      one('day', '2026-12-03'),
      one('evening', '2026-12-03T20:00:00Z', { profile: 'aip' }),
      one('desktop', '2026-12-03', { type: 'desktop' }),
      one('next', '2026-12-04'),
      one('renewing', '2026-12-05', { autoRenew: true }),
      one('revoked', '2026-12-03'),
      one('trial', '2026-12-03', { kind: 'trial', term: 'trial' }),
      one('ended', '2026-06-01'),
      one('later', '2028-01-01'),
    ];
    expect((await asPerson(bench, 'licensesCreate', { body: { licenses } })).status).toBe(200);
    await asPerson(bench, 'licenseRevoke', { params: { license: 'revoked' }, body: {} });
    expect((await asPerson(bench, 'overview')).body.ends).toEqual([
      { day: '2026-12-03', type: 'desktop', count: 1 },
      { day: '2026-12-03', type: 'server', count: 2 },
      { day: '2026-12-04', type: 'server', count: 1 },
    ]);
    const { rows } = (await asPerson(bench, 'licenses', { query: '?validity=valid&type=server&sort=validUntil' })).body;
    expect(rows.map(({ id }) => id).filter((id) => id !== 'revoked')).toEqual([
      'day',
      'evening',
      'next',
      'renewing',
      'later',
    ]);
    await bench.close();
  });
});
