import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, asPerson, machine, newLicense, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

const SINGLE = { profile: 'msp', term: 'subscription', validUntil: '2027-06-30' } as const;

describe.each(engines)('what was another company’s, or is, on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    for (const id of ['alpha', 'bravo']) await asPerson(bench, 'companyCreate', { body: { id, name: `Shop ${id}` } });
  });
  afterAll(() => bench?.close());

  const activated = async (name: string, license: Parameters<typeof newLicense>[1] = {}) => {
    const { licenseKey } = await newLicense(bench, license);
    const agent = await Agent.on(bench, name);
    expect((await agent.activate(licenseKey)).status).toBe(200);
    return agent;
  };
  const tokenOf = async (companyId: string, name: string) => {
    const body = { name, role: 'operator', validDays: 30, companyId } as const;
    return (await asPerson(bench, 'tokenCreate', { body })).body.token;
  };

  test('whoever tells the parts of another company’s machine gets neither it nor its seat', async () => {
    const victim = await activated('bravo server', { companyId: 'bravo' });
    const { licenseKey } = await newLicense(bench, { companyId: 'alpha', seats: 3 });
    const other = await Agent.on(bench, machine('bravo server', { label: 'of alpha' }));
    expect((await other.activate(licenseKey)).status).toBe(200);
    expect(other.instance).not.toBe(victim.instance);
    expect((await victim.checkIn()).status).toBe(200);
    const asked = { params: { machine: victim.instance } };
    expect((await asPerson(bench, 'machine', asked, await tokenOf('alpha', 'Ann'))).status).toBe(404);
    // Set up anew with a key of its own company, it is the same machine.
    const again = await Agent.on(bench, machine('bravo server'));
    await again.activate((await newLicense(bench, { companyId: 'bravo' })).licenseKey);
    expect(again.instance).toBe(victim.instance);
  });

  test('keys of whoever had a license before open nothing of the next owner', async () => {
    const license = (await newLicense(bench, { ...SINGLE, companyId: 'bravo' })).id;
    const issue = async () => {
      const { body } = await asPerson(bench, 'licenseKeysIssue', { body: { licenses: [license] } });
      return body.licenses[0]!.licenseKey;
    };
    const rollOut = { name: 'Roll-out', company: 'bravo', licenses: [license], maxUses: 9, validDays: 9 };
    const enrollment = (await asPerson(bench, 'enrollmentKeyCreate', { body: rollOut })).body.enrollmentKey!;
    const former = await issue();
    await asPerson(bench, 'licenseGrant', { params: { license }, body: { company: 'alpha' } });
    const agent = await Agent.on(bench, 'of the former owner');
    expect((await agent.activate(former)).problem.code).toBe('LICENSE_KEY_UNKNOWN');
    expect((await agent.activate(enrollment)).problem.code).toBe('SEATS_EXHAUSTED');
    expect((await agent.activate(await issue())).status).toBe(200);
  });

  test('nor do keys of what was taken back', async () => {
    await asPerson(bench, 'companyCreate', { body: { id: 'below', name: 'Below', parentId: 'bravo' } });
    const { id: license, licenseKey } = await newLicense(bench, { type: 'server_vpack', seats: 2 });
    const give = (from: string | null, to: string) =>
      asPerson(bench, 'grantCreate', { body: { from, to, type: 'server_vpack', quantity: 1 } });
    const first = await give(null, 'bravo');
    const second = await give('bravo', 'below');
    const known = async () => {
      const asker = await Agent.on(bench, `asks for ${license}`);
      return (await asker.activate(licenseKey)).problem.code !== 'LICENSE_KEY_UNKNOWN';
    };
    expect(await known()).toBe(true);
    for (const { body } of [second, first]) {
      await asPerson(bench, 'grantTakeBack', { params: { grant: body.id! }, body: {} });
    }
    expect(await known()).toBe(false);
  });

  test('for a copy of its machine a company takes no further seat of the provider’s license', async () => {
    const { id: license } = await newLicense(bench, { seats: 9 });
    const rollOut = { name: 'One machine', company: 'alpha', licenses: [license], maxUses: 1, validDays: 9 };
    const { enrollmentKey } = (await asPerson(bench, 'enrollmentKeyCreate', { body: rollOut })).body;
    const original = await Agent.on(bench, 'enrolled');
    expect((await original.activate(enrollmentKey!)).status).toBe(200);
    const copy = original.copyTo('its copy');
    for (const agent of [copy, original, copy]) await agent.checkIn();
    expect(copy.instance).not.toBe(original.instance);
    const params = { machine: copy.instance };
    const token = await tokenOf('alpha', 'Ann counts on');
    const decide = (body: { license?: string }) =>
      asPerson(bench, 'forkDecide', { params, body: { decision: 'license', ...body } }, token);
    for (const body of [{}, { license }]) expect((await decide(body)).problem.code).toBe('NOT_FOUND');
    const { rows } = (await asPerson(bench, 'licenses', { query: `?search=${license}` })).body;
    expect(rows).toMatchObject([{ used: 1 }]);
    // Its own it may give, and the provider may give of his.
    const own = (await newLicense(bench, { companyId: 'alpha' })).id;
    expect((await decide({ license: own })).status).toBe(200);
  });

  test('what a license was through before it came is not told with a conflict', async () => {
    const license = (await newLicense(bench, { ...SINGLE, companyId: 'bravo' })).id;
    const renewing = (autoRenew: boolean, token: string, headers = {}) =>
      asPerson(bench, 'licenseAutoRenew', { params: { license }, body: { autoRenew }, headers }, token);
    await renewing(true, await tokenOf('bravo', 'Bob of Bravo'));
    await asPerson(bench, 'licenseGrant', { params: { license }, body: { company: 'alpha' } });
    const ann = await tokenOf('alpha', 'Ann of Alpha');
    const { problem } = await renewing(false, ann, { 'if-match': '"1:0"' });
    expect(problem.code).toBe('CHANGED_MEANWHILE');
    expect(JSON.stringify(problem)).not.toContain('Bob');
    expect(problem.changes!.map(({ type }) => type)).toEqual(['license.granted']);
  });
});
