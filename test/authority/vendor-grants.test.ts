import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRoot, signGrant, signRecovery } from '@leasehold/authority';
import { guards } from '@leasehold/protocol';
import { Agent, asPerson, claimsOf, newLicense, PRODUCT, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

const DAY = 86_400_000;
const license = (id: string) =>
  ({
    id,
    profile: 'aip',
    type: 'server',
    kind: 'commercial',
    term: 'perpetual',
    companyId: null,
    seats: 2,
    validUntil: null,
    autoRenew: false,
  }) as const;
const pooled = {
  id: 'granted-pool',
  type: 'OEM',
  purchase: 'purchased',
  cals: { obm: 5 },
  freeUpgradeUntil: '2027-06-30',
} as const;

describe.each(engines)('grants of the vendor on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => void (bench = await startBench(undefined, { byGrants: true }, await engine.url())));
  afterAll(() => bench?.close());

  const sign = (more: object = {}, root = bench.root) => {
    const order = { account: 'acme', product: PRODUCT, until: bench.clock + 90 * DAY };
    return signGrant(
      root,
      { ...order, licenses: [license('granted-1')], poolLicenses: [pooled], ...more },
      bench.clock,
    );
  };
  const bringIn = (grant: string, dryRun = false) => asPerson(bench, 'grantImport', { body: { grant, dryRun } });
  const head = async () => (await asPerson(bench, 'me')).body.seq;

  test('are brought in once, all of it; the dry run counts; leases name them', async () => {
    const grant = await sign();
    const dry = (await bringIn(grant, true)).body;
    expect(dry).toMatchObject({ dryRun: true, licenses: [], decision: { value: { licenses: 1, poolLicenses: 1 } } });
    const { body } = await bringIn(grant);
    expect(guards.isGrantImported(body)).toBe(true);
    expect(body.licenses).toMatchObject([{ id: 'granted-1' }]);
    expect((await asPerson(bench, 'pools')).body.licenses.map(({ id }) => id)).toEqual(['granted-pool']);
    expect((await bringIn(grant)).problem).toMatchObject({ code: 'EXCHANGE_USED', path: 'body.grant' });
    const agent = await Agent.on(bench, 'granted');
    await agent.activate(body.licenses[0]!.licenseKey);
    expect(claimsOf(agent.lease)).toMatchObject({ license: 'granted-1', grant: body.id });
    const { rows } = (await asPerson(bench, 'journal', { query: '?limit=100' })).body;
    expect(rows.filter(({ type }) => type === 'grant.imported')).toHaveLength(1);
  });

  test('twenty at once: one brings it in', async () => {
    const grant = await sign({ licenses: [license('granted-2')], poolLicenses: [] });
    const codes = await Promise.all(Array.from({ length: 20 }, async () => (await bringIn(grant)).status));
    expect(codes.filter((status) => status === 200)).toHaveLength(1);
    expect((await asPerson(bench, 'licenses', { query: '?search=granted-2' })).body.total).toBe(1);
  });

  test('of nobody, for somebody else, too late, damaged, or with an id that is there: nothing is changed', async () => {
    const before = await head();
    const good = await sign({ licenses: [license('granted-3')], poolLicenses: [] });
    const edited = `${good.split('.')[0]}.${Buffer.from(
      JSON.stringify({ ...claimsOf(good), licenses: [{ ...license('granted-3'), seats: 999 }] }),
    ).toString('base64url')}.${good.split('.')[2]}`;
    const wrong: readonly (readonly [string, string])[] = [
      ['WRONG_ROOT', await sign({}, await createRoot())],
      ['TOKEN_FOREIGN', await sign({ account: 'other' })],
      ['TOKEN_FOREIGN', await sign({ product: 'other' })],
      ['TOKEN_EXPIRED', await sign({ until: bench.clock - 1000 })],
      ['TOKEN_SIGNATURE', edited],
      ['TOKEN_MALFORMED', 'nothing'],
      ['TOKEN_KIND', await signRecovery(bench.root, { account: 'acme', name: 'x', days: 1 }, bench.clock)],
      ['CONFLICT', await sign({ licenses: [license('granted-3'), license('granted-1')], poolLicenses: [] })],
    ];
    for (const [code, grant] of wrong) expect((await bringIn(grant)).problem).toMatchObject({ code });
    expect(await head()).toBe(before);
  });

  test('nothing else brings licenses in', async () => {
    await expect(newLicense(bench)).rejects.toThrow(/grants alone/);
    const order = { type: 'server', quantity: 1, paymentMode: 'annual' } as const;
    const csv = 'id,profile,type,term,seats\nx,aip,server,perpetual,1';
    for (const { problem } of [
      await asPerson(bench, 'poolLicensesCreate', { body: { licenses: [{ ...pooled, id: 'own' }] } }),
      await asPerson(bench, 'licensesImport', { body: { csv } }),
      await asPerson(bench, 'orderCreate', { body: order }),
      await asPerson(bench, 'trialRequest', { body: { type: 'server', quantity: 1 } }),
    ])
      expect(problem).toMatchObject({ code: 'FORBIDDEN', remedy: expect.stringMatching(/grant import/) });
  });
});
