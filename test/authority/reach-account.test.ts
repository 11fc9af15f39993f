import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeChallenge, pathOf, ROUTES, type RouteName, type RouteRow } from '@leasehold/protocol';
import { catalogs } from '@leasehold/terms';
import { sha256 } from '../../packages/authority/src/keys/ed25519.js';
import { asPerson, newLicense, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

/** Routes that take a token of the account, and name something in their path. */
const naming = (Object.entries(ROUTES) as [RouteName, RouteRow][]).filter(
  ([, row]) => 'scope' in row && row.scope === 'account' && row.path.includes(':'),
);

/** By what stands before it in a path: the id of one thing that an account has. */
type Ids = Readonly<Record<string, string>>;

/** What the routes ask beside what their path names; every one with `dryRun`. */
const BODIES: Readonly<Record<string, object>> = {
  poolConvert: { confirmName: 'nothing' },
  poolSetQuota: { quota: { obm: 1 } },
  poolKeyCreate: { licenseeName: 'more', quota: { obm: 0 } },
  poolKeySetQuota: { quota: { obm: 0 } },
  poolKeySetRenewing: { renewing: true },
  maintenanceOrder: { until: '2035-01-01' },
  maintenanceRenew: { until: '2035-01-01' },
  codeCreate: { challenge: await makeChallenge(['stick'], sha256), note: 'why' },
};

/** An account with one of everything that is nobody's but its own. `catalogVersions`: it numbers them from 1. */
async function buildAccount(bench: Bench, word: string, catalogVersions: number): Promise<Ids> {
  const made = async (answer: Promise<{ status: number; body: unknown }>): Promise<string> => {
    const { status, body } = await answer;
    if (status !== 200) throw new Error(JSON.stringify(body));
    return (body as { id: string }).id;
  };
  const ids: Record<string, string> = { 'pool-licenses': `${word}-pool-license`, media: `${word}-stick` };
  const poolLicense = { id: ids['pool-licenses']!, type: 'OEM', purchase: 'purchased', cals: { obm: 9 } } as const;
  await made(
    asPerson(bench, 'poolLicensesCreate', { body: { licenses: [{ ...poolLicense, freeUpgradeUntil: '2030-01-01' }] } }),
  );
  ids['pools'] = await made(asPerson(bench, 'poolCreate', { body: { name: `${word} pool`, type: 'OEM' } }));
  const key = { licenseeName: `${word}-key`, quota: { obm: 0, acb: 0 } };
  ids['pool-keys'] = await made(asPerson(bench, 'poolKeyCreate', { params: { pool: ids['pools'] }, body: key }));
  const order = { profile: 'aip', type: 'server', term: 'perpetual' } as const;
  ids['orders'] = await made(asPerson(bench, 'orderCreate', { body: order }));
  const hook = { kind: 'webhook' as const, name: word, target: `https://${word}.acme.example/`, events: ['company.'] };
  ids['subscriptions'] = await made(asPerson(bench, 'subscriptionCreate', { body: hook }));
  const host = { id: `${word}-host`, kind: 'bare_metal' as const, hypervisor: 'kvm', guests: [] };
  ids['hosts'] = await made(asPerson(bench, 'inventoryReport', { body: { hosts: [host] } }));
  ids['deliveries'] = `${ids['subscriptions']}.1.1`;
  const stamp = { media: ids['media']!, base: 'winpe', licensee: word, validDays: 99 } as const;
  await asPerson(bench, 'mediaStamp', { body: stamp });
  for (let n = 1; n <= catalogVersions; n += 1) {
    const catalog = { ...structuredClone(catalogs.aip), id: `${word}-rules`, version: String(n) };
    ids['catalogs'] = await made(asPerson(bench, 'catalogUpload', { body: { catalog } }));
  }
  return ids;
}

describe.each(engines)('what is the account’s, on $name', (engine) => {
  let bench: Bench;
  let own: Ids;
  let stranger: Ids;
  beforeAll(async () => {
    const db = await engine.url();
    const other = await startBench(undefined, { account: 'zeta', name: 'Zeta' }, db);
    stranger = await buildAccount(other, 'zebra', 2);
    await newLicense(other, { id: 'zebra-license' });
    await other.close();
    bench = await startBench(undefined, {}, db);
    own = await buildAccount(bench, 'alpha', 1);
  });
  afterAll(() => bench?.close());

  const head = async () => (await asPerson(bench, 'me')).body.seq;

  async function ask(route: RouteName, { path, method }: RouteRow, ids: Ids | string) {
    const named = [...path.matchAll(/([\w-]+)\/:(\w+)/g)];
    const params = Object.fromEntries(named.map(([, of, name]) => [name!, typeof ids === 'string' ? ids : ids[of!]!]));
    const hasBody = method === 'POST' || method === 'PUT';
    const response = await fetch(
      `${bench.authority.url}${pathOf(route, params)}${method === 'DELETE' ? '?dryRun=true' : ''}`,
      {
        method,
        headers: {
          authorization: `Bearer ${bench.ownerToken}`,
          ...(hasBody ? { 'content-type': 'application/json' } : {}),
        },
        ...(hasBody ? { body: JSON.stringify({ ...BODIES[route], dryRun: true }) } : {}),
      },
    );
    const text = await response.text();
    return { status: response.status, text: Object.values(params).reduce((t, id) => t.replaceAll(id, '…'), text) };
  }

  test.each(naming)('%s knows its own, and another account’s like those that nobody has', async (route, row) => {
    const before = await head();
    const mine = await ask(route, row, own);
    // A delivery is there once its event was sent; all others are.
    if (route !== 'deliveryReplay')
      expect({ route, found: mine.status !== 404, ...mine }).toMatchObject({ found: true });
    expect({ route, ...(await ask(route, row, stranger)) }).toEqual({ route, ...(await ask(route, row, '77777')) });
    // A Pool Key in no pool is refused by rule (LMP-1.4).
    expect((await ask(route, row, stranger)).status).toBe(route === 'poolKeyCreate' ? 409 : 404);
    expect(await head()).toBe(before);
  });

  test('another account’s ids in a body or a filter name nothing', async () => {
    const before = await head();
    const license = {
      profile: 'aip',
      type: 'server',
      kind: 'commercial',
      term: 'perpetual',
      validUntil: null,
    } as const;
    const row = { ...license, companyId: 'zebra-shop', seats: 1, autoRenew: false };
    const voucher = {
      media: 'alpha-stick',
      machine: await makeChallenge(['machine'], sha256),
      machineOs: 'linux',
      hours: 1,
    } as const;
    for (const answer of [
      await asPerson(bench, 'licensesCreate', { body: { licenses: [row] } }),
      await asPerson(bench, 'voucherCreate', { body: { ...voucher, license: 'zebra-license' } }),
      await asPerson(bench, 'licenseKeysIssue', { body: { licenses: ['zebra-license'] } }),
      await asPerson(bench, 'licenseKeysIssue', { body: { licenses: [stranger['pool-keys']!] } }),
    ])
      expect(answer.problem).toMatchObject({ status: 404 });
    const query = `?subscription=${stranger['subscriptions']}`;
    expect((await asPerson(bench, 'deliveries', { query })).body.rows).toEqual([]);
    expect(await head()).toBe(before);
  });
});
