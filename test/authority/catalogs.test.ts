import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENGINE, catalogs } from '@leasehold/terms';
import { rightsOf } from '../../packages/sdk/src/decision/facts.js';
import { Agent, asPerson, claimsOf, newLicense, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

/** The built-in rules, but a Windows server needs another edition. */
const { editions } = catalogs.aip;
const own = (edition: string, more: object = {}) => ({
  ...structuredClone(catalogs.aip),
  id: 'acme-machines',
  version: '7',
  editions: { ...editions, byOs: { ...editions!.byOs, windows_server: edition } },
  ...more,
});

describe.each(engines)('catalogs on $name', (engine) => {
  let bench: Bench;
  let agent: Agent;
  let license = '';
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    const made = await newLicense(bench);
    license = made.id;
    agent = await Agent.on(bench, 'server');
    expect((await agent.activate(made.licenseKey)).status).toBe(200);
  });
  afterAll(() => bench?.close());

  const upload = (catalog: object, dryRun = false) =>
    asPerson(bench, 'catalogUpload', { body: { catalog: { ...catalog }, dryRun } });
  const activate = (version: string, dryRun = false) =>
    asPerson(bench, 'catalogActivate', { params: { version }, body: { dryRun } });
  const rollBack = (dryRun = false) => asPerson(bench, 'catalogRollBack', { body: { profile: 'aip', dryRun } });
  const status = async () => (await asPerson(bench, 'machines')).body.rows[0]!.status;

  test('what cannot be used is refused with every place that is wrong, and nothing is kept', async () => {
    const { problem } = await upload(own('server', { cover: [{ kind: 'nonsense' }], profile: 'aip' }));
    expect(problem).toMatchObject({ code: 'INPUT_INVALID', path: expect.stringMatching(/^body\.catalog\.cover/) });
    expect((await upload(own('server', { engine: ENGINE + 1 }))).problem).toMatchObject({
      path: 'body.catalog.engine',
    });
    expect((await upload(own('house'), true)).body).toMatchObject({
      dryRun: true,
      decision: { value: { version: 1 } },
    });
    expect((await asPerson(bench, 'catalogs')).body.rows).toEqual([]);
  });

  test('a version is kept, and decides nothing before it is activated', async () => {
    expect((await upload(own('house'))).body).toMatchObject({ id: '1', dryRun: false });
    expect((await upload(own('house'))).problem).toMatchObject({
      code: 'CONFLICT',
      remedy: expect.stringMatching(/1$/),
    });
    expect((await asPerson(bench, 'catalogs')).body.rows).toMatchObject([
      { version: 1, profile: 'aip', label: 'acme-machines 7', state: 'kept', activatedAt: null },
    ]);
    const { body } = await asPerson(bench, 'catalog', { params: { version: '1' } });
    expect(body.catalog).toEqual(JSON.parse(JSON.stringify(own('house'))));
    expect((await agent.checkIn()).body.entitlements).toBeUndefined();
    expect(await status()).not.toBe('stopped');
  });

  test('the dry run names whose decisions change; activated it decides, and comes with the lease', async () => {
    const dry = (await activate('1', true)).body;
    const change = { machine: agent.instance, license, before: 'allow', after: expect.stringMatching(/^needs/) };
    expect(dry.decision.value).toEqual({ judged: 1, changed: 1, changes: [change] });
    expect((await activate('1')).status).toBe(200);
    expect((await activate('1')).problem.code).toBe('CONFLICT');
    const { body } = await agent.checkIn();
    expect(claimsOf(body.lease).catalog).toEqual({ id: 'acme-machines', version: 7 });
    const entitled = claimsOf(body.entitlements!) as never as Parameters<typeof rightsOf>[1];
    const rights = await rightsOf(claimsOf(body.lease), entitled);
    expect(rights.rulebook.catalog.editions!.byOs['windows_server']).toBe('house');
    // An agent whose engine is older goes on by what was built in.
    const later = { ...entitled, catalog: { ...entitled.catalog, engine: ENGINE + 1 } };
    expect((await rightsOf(claimsOf(body.lease), later)).rulebook.catalog.id).toBe(catalogs.aip.id);
    expect(await status()).toBe('stopped');
  });

  test('rolled back step by step, to the built-in rules in the end; each turn is in the journal', async () => {
    expect((await upload(own('desktop'))).body.id).toBe('2');
    expect((await activate('2')).status).toBe(200);
    expect((await rollBack()).body.id).toBe('1');
    expect((await rollBack(true)).body.decision.value).toMatchObject({ changed: 1 });
    expect((await rollBack()).status).toBe(200);
    expect((await rollBack()).problem.code).toBe('CONFLICT');
    const { body } = await agent.checkIn();
    expect(claimsOf(body.entitlements!)['catalog']).toBeUndefined();
    expect(await status()).not.toBe('stopped');
    const { rows } = (await asPerson(bench, 'journal', { query: '?limit=500' })).body;
    const turns = rows.filter(({ type }) => type.startsWith('catalog.')).map(({ type }) => type.slice(8));
    expect(turns).toEqual(['uploaded', 'activated', 'uploaded', 'activated', 'rolled_back', 'rolled_back']);
  });

  test('only owners of the account', async () => {
    const { token } = (await asPerson(bench, 'tokenCreate', { body: { name: 'Op', role: 'operator', validDays: 1 } }))
      .body;
    expect((await asPerson(bench, 'catalogs', {}, token)).problem.code).toBe('FORBIDDEN');
    expect((await activate('99')).problem.code).toBe('NOT_FOUND');
  });

  test('a refusal is said in the words of the catalog in force, else in those that are built in', async () => {
    const again = await asPerson(bench, 'licensesCreate', {
      body: {
        licenses: [
          {
            id: 'msp-1',
            profile: 'msp',
            type: 'server',
            kind: 'commercial',
            term: 'subscription',
            companyId: null,
            seats: 1,
            validUntil: '2030-01-01',
            autoRenew: false,
          },
        ],
      },
    });
    expect(again.status).toBe(200);
    await asPerson(bench, 'licenseAssign', {
      params: { license: 'msp-1' },
      body: { to: agent.instance, kind: 'computer' },
    });
    const taken = () =>
      asPerson(bench, 'licenseAssign', { params: { license: 'msp-1' }, body: { to: 'other.example', kind: 'domain' } });
    const plain = (await taken()).problem;
    expect(plain).toMatchObject({ code: 'REFUSED', rule: 'MSP-2', reason: 'ALREADY_ASSIGNED' });
    const words = ['Somebody has this one.', 'Ring 4711.'] as const;
    const messages = { en: { 'MSP-2 refuse ALREADY_ASSIGNED': words } };
    const { body } = await upload({ ...structuredClone(catalogs.msp), id: 'acme-seats', version: '1', messages });
    expect((await activate(body.id!)).status).toBe(200);
    expect((await taken()).problem).toMatchObject({ ...plain, detail: words[0], remedy: words[1] });
    expect((await asPerson(bench, 'catalogRollBack', { body: { profile: 'msp' } })).status).toBe(200);
    expect((await taken()).problem).toEqual(plain);
  });
});
