import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathOf, ROUTES, type Owned, type RouteName, type RouteRow } from '@leasehold/protocol';
import { schemas } from '@leasehold/protocol/schemas';
import { asPerson, startBench, type Bench } from '../support/authority.js';
import { buildCompany, QUERIES, REQUESTS, type CompanyWorld } from '../support/company-world.js';
import { FeedReader } from '../support/feed-reader.js';
import { engines } from '../support/store-engines.js';

type PersonRow = Extract<RouteRow, { scope: unknown }>;
const people = (Object.entries(ROUTES) as [RouteName, RouteRow][]).filter(
  (entry): entry is [RouteName, PersonRow] => 'scope' in entry[1],
);
const reaching = people.filter(([, { scope }]) => scope !== 'account');
const ofAccount = people.filter(([, { scope }]) => scope === 'account');

/** Members that are called like an id and name nothing that is there: what is made, what the rules judge. */
const NAMES_NOTHING = new Set(['companyCreate.id', 'licenseGrant.user', 'licenseReassign.technician']);
const LIKE_AN_ID =
  /^(id|to|from|of|company|companyId|parent|parentId|machine|license|licenses|items|order|user|technician)$/;

describe('the route table', () => {
  test.each(reaching)('%s says whose things it names', (route, row) => {
    const declared = Object.keys(row.scope);
    const params = [...row.path.matchAll(/:(\w+)/g)].map(([, name]) => name!);
    expect(declared.filter((place) => !place.includes('.'))).toEqual(params);
    const { properties = {} } = (row.request === undefined ? {} : (schemas as never)[row.request]) as {
      properties?: object;
    };
    const named = [
      ...Object.keys(properties).map((name) => `body.${name}`),
      ...(row.query ?? []).map((name) => `query.${name}`),
    ].filter((place) => LIKE_AN_ID.test(place.split('.')[1]!) && !NAMES_NOTHING.has(`${route}.${place.split('.')[1]}`));
    for (const place of named) expect(declared.map((one) => one.split('.').slice(0, 2).join('.'))).toContain(place);
  });
});

interface Asked {
  readonly params: Record<string, string>;
  readonly query: Record<string, string>;
  readonly body: unknown;
}

/** A request of a route that is all right for one company. */
function requestOf(route: RouteName, row: PersonRow, world: CompanyWorld): Asked {
  const { ids } = world;
  const params = Object.fromEntries(
    Object.entries(row.scope as Record<string, string>).flatMap(([place, kind]) => {
      return place.includes('.') ? [] : [[place, ids[kind.replace('?', '') as Owned]]];
    }),
  );
  // What a seat is taken of is no license of an instance.
  if (['licenseMove', 'licenseMoveBack', 'licenseBind'].includes(route)) params['license'] = world.seats;
  if (route === 'licenseReassign') params['license'] = world.technicians;
  const make = REQUESTS[route] as ((world: CompanyWorld) => unknown) | undefined;
  const body = row.request === undefined || row.method === 'DELETE' ? undefined : (make?.(world) ?? { dryRun: true });
  return { params, query: QUERIES[route]?.(world) ?? {}, body };
}

/** The same with another id at one place. */
function withId(asked: Asked, place: string, id: string): Asked {
  const copy = structuredClone(asked) as unknown as Record<string, never>;
  const steps = place.includes('.') ? place.split('.') : ['params', place];
  put(copy, steps, id);
  return copy as unknown as Asked;
}

function put(at: Record<string, unknown>, [step, ...steps]: readonly string[], id: string): void {
  const inner = at[step!];
  if (Array.isArray(inner) && steps.length === 0) at[step!] = [id];
  else if (Array.isArray(inner)) for (const item of inner) put(item as Record<string, unknown>, steps, id);
  else if (steps.length === 0) at[step!] = id;
  else put(inner as Record<string, unknown>, steps, id);
}

describe.each(engines)('on $name', (engine) => {
  let bench: Bench;
  let own: CompanyWorld;
  let foreign: CompanyWorld;
  /** Of another account in the same database. */
  let stranger: CompanyWorld;
  let token = '';
  let strangersToken = '';
  beforeAll(async () => {
    const db = await engine.url();
    const other = await startBench(undefined, { account: 'zeta', name: 'Zeta' }, db);
    stranger = await buildCompany(other, 'zebra');
    strangersToken = other.ownerToken;
    await other.close();
    bench = await startBench(undefined, {}, db);
    own = await buildCompany(bench, 'alpha');
    foreign = await buildCompany(bench, 'bravo');
    const body = { name: 'Reseller', role: 'owner', validDays: 9, companyId: own.reseller } as const;
    ({ token } = (await asPerson(bench, 'tokenCreate', { body })).body);
  });
  afterAll(() => bench?.close());

  async function ask(route: RouteName, { params, query, body }: Asked, as = token) {
    const search = new URLSearchParams(ROUTES[route].method === 'DELETE' ? { dryRun: 'true', ...query } : query);
    const response = await fetch(`${bench.authority.url}${pathOf(route, params)}?${search}`, {
      method: ROUTES[route].method,
      headers: { authorization: `Bearer ${as}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: route === 'feed' ? '' : await response.text() };
  }
  const head = async () => (await asPerson(bench, 'me')).body.seq;
  const told = ({ words }: CompanyWorld, text: string, but = '') => {
    return words.filter((word) => text.replaceAll(but === '' ? '\n' : but, '').includes(word));
  };

  test('what belongs to its companies, a token of the reseller reaches', async () => {
    for (const [route, row] of reaching.filter(([name]) => name !== 'tokenRotate' && name !== 'feed')) {
      const { status, text } = await ask(route, requestOf(route, row, own));
      expect({ route, reached: status !== 403 && status !== 404, text }).toEqual({ route, reached: true, text });
      expect({ route, told: told(foreign, text) }).toEqual({ route, told: [] });
    }
  });

  test('of what belongs to another company it is told nothing, and changes nothing', async () => {
    const before = await head();
    for (const [route, row] of reaching) {
      for (const [place, owned] of Object.entries(row.scope)) {
        const kind = owned.replace('?', '') as Owned;
        const { status, text } = await ask(route, withId(requestOf(route, row, own), place, foreign.ids[kind]));
        const answer = { route, place, status, told: told(foreign, text, foreign.ids[kind]) };
        expect(answer).toEqual({ route, place, status: 404, told: [] });
      }
    }
    expect(await head()).toBe(before);
  });

  test('another account’s ids are answered like those that nobody has, to an owner too', async () => {
    const before = await head();
    for (const [route, row] of reaching) {
      for (const [place, owned] of Object.entries(row.scope)) {
        const id = stranger.ids[owned.replace('?', '') as Owned];
        const as = (name: string) => ask(route, withId(requestOf(route, row, own), place, name), bench.ownerToken);
        const [strange, nobody] = [await as(id), await as('nobody-at-all')];
        const { status, text } = nobody;
        const answer = { status: strange.status, text: strange.text.replaceAll(id, 'nobody-at-all') };
        expect({ route, place, ...answer }).toEqual({ route, place, status, text });
      }
    }
    expect(await head()).toBe(before);
  });

  test('a foreign filter, a missing company: nothing', async () => {
    for (const route of ['tokenCreate', 'orderCreate', 'trialRequest', 'companyCreate', 'statement'] as const) {
      const row = ROUTES[route] as PersonRow;
      const asked = requestOf(route, row, own);
      for (const place of ['companyId', 'parentId'])
        delete (asked.body as Record<string, unknown> | undefined)?.[place];
      delete asked.query['company'];
      expect({ route, ...(await ask(route, asked)) }).toMatchObject({ route, status: 403 });
    }
  });

  test('what concerns the account takes a token of the account', async () => {
    const before = await head();
    for (const [route, row] of ofAccount) {
      const params = Object.fromEntries([...row.path.matchAll(/:(\w+)/g)].map(([, name]) => [name!, own.seats]));
      const { status, text } = await ask(route, { params, query: {}, body: row.method === 'GET' ? undefined : {} });
      expect({ route, status, told: told(foreign, text) }).toEqual({ route, status: 403, told: [] });
    }
    expect(await head()).toBe(before);
  });

  test('lists, counts, exports and the feed hold what is theirs, and nothing else', async () => {
    const shown: RouteName[] = ['companies', 'grants', 'licenses', 'licensesExport', 'machines', 'overview', 'orders'];
    shown.push('tokens', 'sessions', 'usage', 'statements', 'refusals', 'journal', 'enrollmentKeys');
    for (const route of shown) {
      const { text } = await ask(route, { params: {}, query: {}, body: undefined });
      const all = (await ask(route, { params: {}, query: {}, body: undefined }, bench.ownerToken)).text;
      const of = (world: CompanyWorld, from: string) => told(world, from).length > 0;
      expect({ route, own: of(own, text), foreign: told(foreign, text) }).toEqual({ route, own: true, foreign: [] });
      expect({ route, foreign: of(foreign, all), stranger: told(stranger, all) }).toMatchObject({
        foreign: true,
        stranger: [],
      });
    }
    for (const query of [{ search: 'bravo' }, { sort: 'id' }, { search: 'a', sort: 'company' }] as Record<
      string,
      string
    >[]) {
      const { text } = await ask('licenses', { params: {}, query, body: undefined });
      expect(told(foreign, text.replaceAll(JSON.stringify(query), ''))).toEqual([]);
    }
  });

  test('the feed brings rows of its companies, old and new, also of one that is created below', async () => {
    const reader = await FeedReader.open({ authority: bench.authority, ownerToken: token }, '1:0');
    const end = await head();
    const events = [];
    for (let event = await reader.next(); event.event !== 'head'; event = await reader.next()) events.push(event);
    expect(events.length).toBeGreaterThan(5);
    expect(told(foreign, JSON.stringify(events))).toEqual([]);
    const rename = (company: string, name: string) =>
      asPerson(bench, 'companyRename', { params: { company }, body: { name } });
    await rename(foreign.ids.company, 'Bravo anew');
    await asPerson(bench, 'companyCreate', { body: { id: 'alpha-new', name: 'Alpha new', parentId: own.ids.company } });
    await rename('alpha-new', 'Alpha newer');
    expect([(await reader.row()).seq, (await reader.row()).seq]).toEqual([end + 2, end + 3]);
    reader.close();
  });

  test('a rotated token reaches as far as before; one of another account opens nothing', async () => {
    const rotated = (await asPerson(bench, 'tokenRotate', { body: {} }, token)).body;
    expect((await asPerson(bench, 'me', {}, rotated.token)).body).toMatchObject({ companyId: own.reseller });
    expect(
      (await asPerson(bench, 'tokens', {}, rotated.token)).body.rows.map(({ companyId }) => companyId),
    ).not.toContain(foreign.ids.company);
    expect((await asPerson(bench, 'me', {}, strangersToken)).problem.code).toBe('UNAUTHORIZED');
  });
});
