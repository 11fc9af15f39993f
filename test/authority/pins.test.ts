import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatLicenseKey, type RequestOf } from '@leasehold/protocol';
import { Agent, asDevice, newLicense, PRODUCT, startBench, type Bench } from '../support/authority.js';
import { newSigner } from '../support/signing.js';
import { engines } from '../support/store-engines.js';
import { sessionStart, stampStick, technicianLicense } from '../support/technicians.js';

const PIN = '482913';

describe.each(engines)('who has a technician’s stick, or its name, and not his PIN, on $name', (engine) => {
  let bench: Bench;
  let anna: { readonly licenseKey: string };
  let bert: { readonly licenseKey: string };
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    [anna, bert] = [await technicianLicense(bench, 'anna'), await technicianLicense(bench, 'bert')];
    await stampStick(bench, 'anna-stick', 'anna', { pin: PIN });
    await stampStick(bench, 'bert-stick', 'bert');
  });
  afterAll(() => bench?.close());

  const start = async (
    technician: 'anna' | 'bert',
    media: string,
    more: Partial<RequestOf<'sessionStart'>> = {},
  ): Promise<string | undefined> => {
    const { licenseKey } = technician === 'anna' ? anna : bert;
    const who = { licenseKey, technician, media, machine: 'cust1' };
    const signer = await newSigner();
    const { status, body, problem } = await asDevice(bench, signer, 'sessionStart', sessionStart(who, more));
    if (status !== 200) return problem.reason;
    await asDevice(bench, signer, 'sessionEnd', { product: PRODUCT }, { session: body.session });
    return 'started';
  };

  test('starts nothing by naming another medium, which asks for none', async () => {
    const agent = await Agent.on(bench, 'stamper');
    await agent.activate((await newLicense(bench)).licenseKey);
    const { instance, signer } = agent;
    const stamp = {
      instance,
      product: PRODUCT,
      media: 'anybodys',
      base: 'linux',
      licensee: 'X',
      validDays: 9,
    } as const;
    expect((await asDevice(bench, signer, 'agentStamp', stamp)).status).toBe(200);
    for (const media of ['bert-stick', 'anybodys']) {
      expect([media, await start('anna', media)]).toEqual([media, 'ITPRO_PIN']);
      expect([media, await start('anna', media, { pin: '111111' })]).toEqual([media, 'ITPRO_PIN']);
    }
    expect(await start('anna', 'anna-stick', { pin: PIN })).toBe('started');
    // Who was never given a PIN is asked for none, at any medium that asks for none.
    for (const media of ['bert-stick', 'anybodys']) expect(await start('bert', media)).toBe('started');
  });

  test('cannot have another’s medium wait by guessing under a name of his own', async () => {
    for (let k = 0; k < 6; k += 1) expect(await start('bert', 'anna-stick', { pin: `00000${k}` })).toBe('ITPRO_PIN');
    expect(await start('anna', 'anna-stick', { pin: PIN })).toBe('started');
  });

  test('has the medium wait after five wrong ones, and nothing hashed then, by an unknown key or at another’s medium', async () => {
    const hashed = await spent(async () => {
      for (let k = 0; k < 5; k += 1) expect(await start('anna', 'anna-stick', { pin: `00000${k}` })).toBe('ITPRO_PIN');
    });
    const unknown = formatLicenseKey('license', new Uint8Array(16).fill(3));
    const wrong = await spent(async () => {
      expect(await start('anna', 'anna-stick', { pin: PIN })).toBe('ITPRO_PIN');
      await start('anna', 'anna-stick', { pin: PIN, licenseKey: unknown });
      await start('bert', 'anna-stick', { pin: PIN });
    });
    expect(wrong).toBeLessThan(hashed);
  });

  test('nor does a stranger the codes of a medium', async () => {
    const agent = await Agent.on(bench, 'stamps on');
    await agent.activate((await newLicense(bench)).licenseKey);
    const { instance, signer } = agent;
    const stamp = { instance, product: PRODUCT, media: 'usb-1', base: 'linux', licensee: 'X', validDays: 9 } as const;
    const own = await spent(async () => void (await asDevice(bench, signer, 'agentStamp', stamp)));
    const stranger = await newSigner();
    const foreign = await spent(async () => {
      for (let n = 0; n < 3; n += 1) {
        const { problem } = await asDevice(bench, stranger, 'agentStamp', { ...stamp, media: `usb-${n}` });
        expect(problem.code).toBe('NOT_ACTIVATED');
      }
      const { problem } = await asDevice(bench, signer, 'agentStamp', { ...stamp, media: 'anna-stick' });
      expect(problem.code).toBe('CONFLICT');
    });
    expect(foreign).toBeLessThan(own);
  });
});

/** Time of this process's threads, the authority's among them, ms. */
async function spent(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
