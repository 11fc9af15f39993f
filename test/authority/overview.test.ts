import { describe, expect, test } from 'vitest';
import { Agent, asPerson, newLicense, startBench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

const DAY = 86_400_000;

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
    });
    const { counts } = (await asPerson(bench, 'machines', { query: '?counts=yes' })).body;
    expect(counts?.['status']).toEqual({ all: 5, valid: 1, expires_soon: 1, offline: 2, stopped: 1 });
    await bench.close();
  });
});
