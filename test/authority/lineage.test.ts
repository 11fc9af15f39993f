import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signToken, type LineageClaims } from '@leasehold/protocol';
import { Agent, asPerson, machine, newLicense, nonce, PRODUCT, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

const DAY = 86_400;

describe.each(engines)('on $name', (engine) => {
  let bench: Bench;
  let server: Agent;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    server = await active('backup server');
  });
  afterAll(() => bench?.close());

  async function active(name: string, more: Parameters<typeof newLicense>[1] = {}): Promise<Agent> {
    const { licenseKey } = await newLicense(bench, more);
    const agent = await Agent.on(bench, name);
    expect((await agent.activate(licenseKey)).status).toBe(200);
    return agent;
  }

  /** The state of a machine, as its image holds it now, on other hardware. */
  function restoredOn(agent: Agent, name: string): Agent {
    const copy = new Agent(bench, agent.signer, machine(name));
    const { instance, lease, parent, entitlementsDigest } = agent;
    return Object.assign(copy, { instance, lease, parent, entitlementsDigest });
  }

  async function note(source: Agent, more: Partial<LineageClaims> = {}, by = server): Promise<string> {
    const iat = Math.floor(bench.clock / 1000);
    const claims = {
      product: PRODUCT,
      account: 'acme',
      by: by.instance,
      source: source.instance,
      recoveryPoint: '2026-06-14T22:00Z',
      target: 'rack 4, bay 2',
      as: 'transfer' as const,
      iat,
      exp: iat + 30 * DAY,
      jti: nonce(),
      ...more,
    };
    return signToken('lineage', claims, by.signer);
  }

  const detail = async (id: string) => (await asPerson(bench, 'machine', { params: { machine: id } })).body;

  async function lastOf(type: string): Promise<Record<string, unknown> | undefined> {
    const { body } = await asPerson(bench, 'journal', { query: '?limit=500' });
    const line = body.rows.findLast((row) => row.type === type);
    return line === undefined ? undefined : (JSON.parse(line.payload!) as { details: Record<string, unknown> }).details;
  }

  describe('a machine that was restored with a lineage note', () => {
    test('takes the place of its source; if that speaks again, that is the copy', async () => {
      const source = await active('old hardware');
      await source.checkIn();
      const restored = restoredOn(source, 'new hardware');
      const { body } = await restored.checkIn({ lineage: await note(source) });
      expect(body).toMatchObject({ instance: source.instance, verdict: 'moved' });
      expect(await lastOf('lineage.used')).toMatchObject({
        by: server.instance,
        target: 'rack 4, bay 2',
        as: 'transfer',
      });
      const name = source.instance;
      await source.checkIn();
      expect(source.instance).not.toBe(name);
      expect((await detail(source.instance)).fork).toMatchObject({ of: name, undecided: false });
      expect((await restored.checkIn()).body).toMatchObject({ instance: name, verdict: 'same' });
      expect((await detail(name)).fork).toBeNull();
    });

    test('from an older recovery point, after its source had gone on: the same', async () => {
      const source = await active('aged hardware');
      const restored = restoredOn(source, 'younger hardware');
      await source.checkIn();
      await source.checkIn();
      const name = source.instance;
      expect((await restored.checkIn({ lineage: await note(source) })).body).toMatchObject({ instance: name });
      await source.checkIn();
      expect(source.instance).not.toBe(name);
      expect((await restored.checkIn()).body.instance).toBe(name);
    });

    test('after both had spoken already: the note decides which is the copy', async () => {
      const source = await active('doubted');
      await source.checkIn();
      const restored = restoredOn(source, 'doubted too');
      await restored.checkIn();
      await source.checkIn();
      const name = source.instance;
      expect((await restored.checkIn({ lineage: await note(source) })).body.instance).toBe(name);
      await source.checkIn();
      expect(source.instance).not.toBe(name);
    });

    test('put back once more to before its first word, shows the note again and stays who it is', async () => {
      const source = await active('template of a lab');
      const image = restoredOn(source, 'lab machine');
      const lineage = await note(source);
      await image.checkIn({ lineage });
      const again = restoredOn(source, 'lab machine');
      expect((await again.checkIn({ lineage })).body.instance).toBe(source.instance);
      expect((await again.checkIn()).body).toMatchObject({ instance: source.instance });
      expect((await detail(source.instance)).fork).toBeNull();
    });

    test('as a standby boots under its own name, and its source is not touched', async () => {
      const source = await active('site a');
      await source.checkIn();
      const standby = restoredOn(source, 'site b');
      const { body } = await standby.checkIn({ lineage: await note(source, { as: 'standby', target: 'site b' }) });
      expect(body.instance).not.toBe(source.instance);
      const shown = await detail(body.instance);
      expect(shown.machine).toMatchObject({ standbyOf: source.instance, marks: expect.arrayContaining(['standby']) });
      expect(shown.declarations).toMatchObject([{ kind: 'standby_of', author: `instance:${server.instance}` }]);
      expect((await source.checkIn()).body).toMatchObject({ instance: source.instance, verdict: 'same' });
      expect((await standby.checkIn()).body).toMatchObject({ instance: body.instance, verdict: 'same' });
    });
  });

  describe('a note that says nothing', () => {
    const refused = async (make: (source: Agent) => Promise<string>, cause: string): Promise<void> => {
      const source = await active(`source of ${cause}`);
      await source.checkIn();
      const restored = restoredOn(source, `target of ${cause}`);
      // The chain alone decides then, and nobody stops for it.
      expect((await restored.checkIn({ lineage: await make(source) })).status).toBe(200);
      expect(await lastOf('lineage.refused')).toMatchObject({ cause });
      expect((await source.checkIn()).body.instance).toBe(source.instance);
    };

    test('its own, which every copy could make', () => refused((source) => note(source, {}, source), 'OWN_NOTE'));
    test('an ended one', () => refused((source) => note(source, { exp: 1 }), 'ENDED'));
    test('one for another machine', () =>
      refused((source) => note(source, { source: server.instance }), 'OTHER_MACHINE'));
    test('one by a machine that gave its seat back', async () => {
      const gone = await active('gone');
      await asPerson(bench, 'machineRelease', { params: { machine: gone.instance }, body: {} });
      await refused((source) => note(source, {}, gone), 'NOT_ACTIVATED');
    });
    test('one by a machine that names another as its signer', async () => {
      const other = await active('another signer');
      await refused((source) => note(source, { by: server.instance }, other), 'NOT_ACTIVATED');
    });
    test('one by a machine of another company', async () => {
      const north = (await asPerson(bench, 'companyCreate', { body: { name: 'North' } })).body.id!;
      const license = { profile: 'msp', companyId: north, validUntil: '2027-01-31', term: 'subscription' } as const;
      const stranger = await active('stranger', license);
      await refused((source) => note(source, {}, stranger), 'OTHER_COMPANY');
    });

    test('a used one on a second machine: the second is judged by the chain', async () => {
      const source = await active('used source');
      await source.checkIn();
      const [first, second] = [restoredOn(source, 'first target'), restoredOn(source, 'second target')];
      const lineage = await note(source);
      await first.checkIn({ lineage });
      await second.checkIn({ lineage });
      expect(second.instance).not.toBe(source.instance);
      expect((await first.checkIn()).body.instance).toBe(source.instance);
    });

    test('a torn or foreign token stops no check-in', async () => {
      const source = await active('torn');
      const token = await note(source);
      for (const lineage of ['x', token.slice(0, -8), source.lease]) {
        expect((await source.checkIn({ lineage })).status).toBe(200);
      }
    });
  });
});
