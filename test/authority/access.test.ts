import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Validator } from '@seriousme/openapi-schema-validator';
import { guards, parseConnection, PROBLEM_CODES, ROUTES, type RouteName, type RouteRow } from '@leasehold/protocol';
import { Agent, asPerson, LICENSE, newLicense, startBench, type Answer, type Bench } from '../support/authority.js';

let bench: Bench;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  bench = await startBench();
  for (const role of ['viewer', 'operator', 'owner'] as const) {
    const { body } = await asPerson(bench, 'tokenCreate', { body: { name: role, role, validDays: 30 } });
    tokens[role] = body.token;
  }
});
afterAll(() => bench.close());

const RANK = { viewer: 0, operator: 1, owner: 2 } as const;
const routes = Object.keys(ROUTES) as RouteName[];

async function call(route: RouteName, headers: Record<string, string> = {}, body?: string): Promise<Answer<unknown>> {
  const row: RouteRow = ROUTES[route];
  const path = row.path.replaceAll(/:\w+/g, 'none');
  const sends = row.request !== undefined && row.method !== 'DELETE';
  const abort = new AbortController();
  const response = await fetch(`${bench.authority.url}${path}`, {
    method: row.method,
    headers: { ...(sends ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(sends ? { body: body ?? '{}' } : {}),
    signal: abort.signal,
  });
  if (route === 'feed' && response.ok) {
    abort.abort();
    return { status: 200, headers: response.headers, body: undefined, problem: undefined as never };
  }
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const json = (isJson ? await response.json() : await response.text()) as never;
  return { status: response.status, headers: response.headers, body: json, problem: json };
}

describe('every route and every caller', () => {
  test.each(routes)('%s', async (route) => {
    const { access } = ROUTES[route];
    const asNobody = await call(route);
    if (access === 'public') {
      // Turned away, if at all, for what it asked and not for who it is.
      expect([401, 403]).not.toContain(asNobody.status);
      return;
    }
    expect(asNobody.problem).toMatchObject({
      status: 401,
      code: access === 'device' ? 'PROOF_INVALID' : 'UNAUTHORIZED',
    });
    for (const [role, token] of Object.entries(tokens)) {
      const { status, problem } = await call(route, { authorization: `Bearer ${token}` });
      const entitled = access !== 'device' && RANK[role as keyof typeof RANK] >= RANK[access];
      const turnedAway = status === 401 || status === 403;
      expect({ role, turnedAway, code: turnedAway ? problem.code : undefined }).toEqual({
        role,
        turnedAway: !entitled,
        code: entitled ? undefined : access === 'device' ? 'PROOF_INVALID' : 'FORBIDDEN',
      });
    }
  });

  test('access is judged before the request is read', async () => {
    const { problem } = await call('tokenCreate', { authorization: `Bearer ${tokens['viewer']!}` }, '{"name": 7');
    expect(problem.code).toBe('FORBIDDEN');
    const wrong = await call('licensesCreate', { authorization: `Bearer ${tokens['viewer']!}` }, '{"licenses": 7}');
    expect(wrong.problem.code).toBe('FORBIDDEN');
  });
});

describe('tokens', () => {
  test('are shown once, with the string to paste, and listed without their secret', async () => {
    const { body } = await asPerson(bench, 'tokenCreate', { body: { name: 'Console', role: 'viewer', validDays: 1 } });
    expect(guards.isTokenCreated(body)).toBe(true);
    expect(parseConnection(body.connection)).toEqual({
      url: bench.authority.url,
      roots: [bench.rootJwk.x],
      token: body.token,
    });
    const me = await asPerson(bench, 'me', {}, body.token);
    expect(me.body).toMatchObject({ account: 'acme', role: 'viewer', tokenName: 'Console' });
    const list = await asPerson(bench, 'tokens');
    expect(guards.isTokenList(list.body)).toBe(true);
    expect(JSON.stringify(list.body)).not.toContain(body.token.slice(4, 20));
    bench.clock += 2 * 86_400_000;
    expect((await asPerson(bench, 'me', {}, body.token)).problem.code).toBe('UNAUTHORIZED');
  });

  test('a revoked one ends at once; the last owner stays', async () => {
    const { body } = await asPerson(bench, 'tokenCreate', { body: { name: 'Gone', role: 'owner', validDays: 1 } });
    expect((await asPerson(bench, 'me', {}, body.token)).status).toBe(200);
    expect((await asPerson(bench, 'tokenRevoke', { params: { token: body.id } })).status).toBe(200);
    expect((await asPerson(bench, 'me', {}, body.token)).status).toBe(401);
    const { rows } = (await asPerson(bench, 'tokens')).body;
    const owners = rows.filter(({ role }) => role === 'owner');
    const results = [];
    for (const { id } of owners.filter(({ name }) => name !== 'first owner')) {
      results.push((await asPerson(bench, 'tokenRevoke', { params: { token: id } })).status);
    }
    expect(results.every((status) => status === 200)).toBe(true);
    const last = owners.find(({ name }) => name === 'first owner')!;
    expect((await asPerson(bench, 'tokenRevoke', { params: { token: last.id } })).problem.code).toBe('CONFLICT');
    expect((await asPerson(bench, 'me')).status).toBe(200);
  });

  test.each([
    ['torn', (token: string) => token.slice(0, -3)],
    ['of another secret', (token: string) => `${token.slice(0, 5)}${token[5] === 'A' ? 'B' : 'A'}${token.slice(6)}`],
    ['empty', () => ''],
  ])('a token that is %s is unauthorized', async (_what, change) => {
    const { problem } = await asPerson(bench, 'me', {}, change(bench.ownerToken));
    expect(problem).toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
  });
});

describe('problems', () => {
  const owner = () => ({ authorization: `Bearer ${bench.ownerToken}` });
  test.each([
    ['unknown path', () => fetch(`${bench.authority.url}/nowhere`), 'NOT_FOUND'],
    ['unknown method', () => fetch(`${bench.authority.url}/v1/activate`, { method: 'PUT' }), 'METHOD_NOT_ALLOWED'],
    ['no JSON', () => post('/v1/admin/companies', '{', owner()), 'INPUT_INVALID'],
    ['the wrong member', () => post('/v1/admin/companies', '{"name": 7}', owner()), 'INPUT_INVALID'],
    ['an empty body', () => post('/v1/admin/companies', '', owner()), 'INPUT_INVALID'],
    [
      'another content type',
      () => post('/v1/admin/companies', 'a=b', { ...owner(), 'content-type': 'text/plain' }),
      'INPUT_INVALID',
    ],
    [
      'too large a body',
      () => post('/v1/admin/companies', JSON.stringify({ name: 'x'.repeat(3_000_000) }), owner()),
      'PAYLOAD_TOO_LARGE',
    ],
    [
      'a page too large',
      () => fetch(`${bench.authority.url}/v1/admin/machines?limit=501`, { headers: owner() }),
      'INPUT_INVALID',
    ],
    [
      'a month that is none',
      () => fetch(`${bench.authority.url}/v1/admin/usage?month=June`, { headers: owner() }),
      'INPUT_INVALID',
    ],
    ['an unknown license', () => post('/v1/admin/licenses/none/release', '{}', owner()), 'NOT_FOUND'],
    ['a path that is too long', () => post(`/v1/admin/pools/${'x'.repeat(400)}/keys`, '{}', owner()), 'INPUT_INVALID'],
    ['a path that cannot be decoded', () => fetch(`${bench.authority.url}/v1/admin/pools/%ff/keys`), 'INPUT_INVALID'],
    ['a NUL in a name', () => post('/v1/admin/companies', '{"name": "a\\u0000b"}', owner()), 'INPUT_INVALID'],
    ['half a character', () => post('/v1/admin/companies', '{"name": "a\\ud800b"}', owner()), 'INPUT_INVALID'],
    ['a NUL in the path', () => post('/v1/admin/licenses/a%00b/release', '{}', owner()), 'INPUT_INVALID'],
    ['no token', () => fetch(`${bench.authority.url}/v1/admin/me`), 'UNAUTHORIZED'],
  ] as const)('%s', async (_what, ask, code) => {
    const response = await ask();
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem: unknown = await response.json();
    expect(guards.isProblemMessage(problem)).toBe(true);
    expect(problem).toMatchObject({ code, status: PROBLEM_CODES[code], type: `urn:leasehold:problem:${code}` });
    expect(problem).toHaveProperty('remedy');
    expect(response.status).toBe(PROBLEM_CODES[code]);
  });

  test('a wrong member is named by its path', async () => {
    const license = { profile: 'aip', type: 'server', kind: 'commercial', term: 'forever' };
    const response = await post('/v1/admin/licenses', JSON.stringify({ licenses: [license] }), owner());
    const problem = (await response.json()) as { path: string };
    expect(problem.path).toMatch(/^body\.licenses\.0/);
  });

  test('no answer is open to other origins, cached or framed', async () => {
    for (const path of ['/healthz', '/nowhere', '/openapi.json']) {
      const { headers } = await fetch(`${bench.authority.url}${path}`, {
        headers: { origin: 'https://elsewhere.example' },
      });
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });
});

describe('changes', () => {
  test('a repeated Idempotency-Key is answered again and not done again; its secrets come out the same', async () => {
    const ask = (key: string, seats = 1) =>
      asPerson(bench, 'licensesCreate', {
        body: { licenses: [{ ...LICENSE, seats }] },
        headers: { 'idempotency-key': key },
      });
    const first = await ask('order-1');
    const again = await ask('order-1');
    expect(again.body.licenses).toEqual(first.body.licenses);
    const agent = await Agent.on(bench, 'idempotent');
    expect((await agent.activate(again.body.licenses[0]!.licenseKey)).status).toBe(200);
    expect((await ask('order-1', 2)).problem.code).toBe('IDEMPOTENCY_MISMATCH');
    expect((await ask('order-2')).body.licenses).not.toEqual(first.body.licenses);
  });

  test('a batch of licenses comes in whole or not at all', async () => {
    const license = {
      profile: 'aip',
      type: 'server',
      kind: 'commercial',
      term: 'subscription',
      companyId: null,
      seats: 1,
      autoRenew: false,
    } as const;
    const before = (await asPerson(bench, 'licenses')).body.total;
    const { problem } = await asPerson(bench, 'licensesCreate', {
      body: {
        licenses: [
          { ...license, validUntil: '2027-01-01' },
          { ...license, validUntil: null },
        ],
      },
    });
    expect(problem).toMatchObject({ code: 'INPUT_INVALID', path: 'licenses[1].validUntil' });
    expect((await asPerson(bench, 'licenses')).body.total).toBe(before);
  });

  test('a dry run answers the decision and changes nothing', async () => {
    const before = (await asPerson(bench, 'me')).body.seq;
    const { body } = await asPerson(bench, 'companyCreate', { body: { name: 'Maybe', dryRun: true } });
    expect(body).toMatchObject({ dryRun: true, seq: before, decision: { decision: 'allow' } });
    expect((await asPerson(bench, 'me')).body.seq).toBe(before);
    expect((await asPerson(bench, 'companies')).body.rows).not.toContainEqual(
      expect.objectContaining({ name: 'Maybe' }),
    );
  });
});

describe('documents', () => {
  test('OpenAPI names every route, and only schemas that are there', async () => {
    const document = (await (await fetch(`${bench.authority.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>;
      components: { schemas: Record<string, unknown> };
    };
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual([...routes].sort());
    for (const route of routes) {
      const path = ROUTES[route].path.replaceAll(/:(\w+)/g, '{$1}');
      expect(document.paths[path]![ROUTES[route].method.toLowerCase()]!.operationId).toBe(route);
    }
    const refs = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!);
    expect(refs.length).toBeGreaterThan(50);
    for (const name of refs) expect(document.components.schemas).toHaveProperty(name);
  });

  test('OpenAPI is valid by the schema of its version', async () => {
    const document: unknown = await (await fetch(`${bench.authority.url}/openapi.json`)).json();
    expect(await new Validator().validate(document as never)).toEqual({ valid: true });
  });

  test('health, readiness and metrics', async () => {
    expect((await call('ready')).body).toEqual({ status: 'ok', reason: null });
    const text = await (await fetch(`${bench.authority.url}/metrics`)).text();
    expect(text).toMatch(/leasehold_requests_total\{route="ready",status="200"\} \d+/);
  });
});

test('nothing secret is logged', async () => {
  const { licenseKey } = await newLicense(bench);
  const agent = await Agent.on(bench, 'quiet machine');
  await agent.activate(licenseKey);
  await agent.checkIn();
  await asPerson(bench, 'machines', { query: '?search=quiet' });
  const log = bench.logged.join('\n');
  expect(log).toContain('"route":"activate"');
  const secrets = [
    licenseKey,
    bench.ownerToken,
    agent.lease,
    agent.signer.publicKey.x,
    'quiet',
    ...Object.values(agent.report.components),
  ];
  for (const secret of secrets) expect(log).not.toContain(secret);
});

function post(path: string, body: string, headers: Record<string, string>): Promise<Response> {
  return fetch(`${bench.authority.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
}
