import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, asPerson, machine, newLicense, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

/** `count` characters of four bytes each, of which nothing can be packed together. */
const long = (count: number): string =>
  String.fromCodePoint(...Array.from({ length: count }, (_, n) => 0x20000 + ((n * 7919) % 40_000)));

describe.each(engines)('names as long as they may be, on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
  });
  afterAll(() => bench?.close());

  test('a machine with all of them is licensed, listed and found: an index holds them together', async () => {
    const company = await asPerson(bench, 'companyCreate', { body: { id: long(128), name: long(200) } });
    expect(company.status).toBe(200);
    const { licenseKey } = await newLicense(bench, { companyId: company.body.id! });
    const agent = await Agent.on(bench, machine(long(200)));
    expect((await agent.activate(licenseKey, { version: long(128) })).status).toBe(200);
    expect((await agent.checkIn({ version: long(128) })).status).toBe(200);
    const query = `?sort=name&search=${encodeURIComponent(long(8))}&counts=yes`;
    const { body } = await asPerson(bench, 'machines', { query });
    expect(body.rows).toMatchObject([{ id: agent.instance, name: long(200), version: long(128) }]);
    expect(body).toMatchObject({ total: 1, counts: { status: { all: 1, valid: 1 } } });
  });
});
