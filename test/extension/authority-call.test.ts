import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { isChangeReply, isMeReply } from '@leasehold/protocol/guards';
import { Authority } from '../../extension/src/connection/authority.js';
import { asPerson, startBench } from '../support/authority.js';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<Authority> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return new Authority({ url: `http://127.0.0.1:${port}`, token: 'secret' });
}

const ME = {
  account: 'acme',
  name: 'Acme',
  role: 'owner',
  tokenName: 'first owner',
  prefix: null,
  timeZone: 'UTC',
  epoch: 1,
  seq: 3,
  serverTime: '2026-06-15T10:00:00.000Z',
  version: '1',
};
const json = (body: unknown, status = 200): RequestListener => {
  return (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const me = (authority: Authority) => authority.call('me', isMeReply);

test('a reply that passes its guard is given', async () => {
  const seen: IncomingMessage[] = [];
  const authority = await serve((request, response) => {
    seen.push(request);
    json(ME)(request, response);
  });
  expect(await me(authority)).toEqual(ME);
  expect(seen[0]!.headers.authorization).toBe('Bearer secret');
  expect(seen[0]!.url).toBe('/v1/admin/me');
});

test.each([
  ['another shape', { ...ME, seq: 'three' }],
  ['a missing member', { ...ME, account: undefined }],
  ['a list', [ME]],
  ['null', null],
])('%s is refused', async (_name, body) => {
  await expect(me(await serve(json(body)))).rejects.toMatchObject({ code: 'GUARD_FAILED' });
});

test('a page that is no answer of ours is refused, whatever its status says', async () => {
  for (const status of [200, 401, 502]) {
    const authority = await serve((_request, response) => void response.writeHead(status).end('<html>Sign in</html>'));
    await expect(me(authority)).rejects.toMatchObject({ code: 'GUARD_FAILED' });
    server!.close();
  }
});

test('a problem that the authority names comes with its code and remedy', async () => {
  const problem = { type: 't', title: 't', status: 401, code: 'UNAUTHORIZED', detail: 'Revoked.', remedy: 'Ask.' };
  await expect(me(await serve(json(problem, 401)))).rejects.toMatchObject({
    code: 'UNAUTHORIZED',
    details: { remedy: 'Ask.' },
  });
});

test('a redirect is not followed, and the token goes nowhere else', async () => {
  const seen: (string | undefined)[] = [];
  const authority = await serve((request, response) => {
    seen.push(request.url);
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  await expect(me(authority)).rejects.toMatchObject({ code: 'GUARD_FAILED' });
  expect(seen).toEqual(['/v1/admin/me']);
});

test('an answer without end is given up at the limit', async () => {
  let sent = 0;
  const authority = await serve((_request, response) => {
    const chunk = Buffer.alloc(256 * 1024, 0x20);
    const more = () => {
      while (!response.destroyed && response.write(chunk)) sent += chunk.length;
    };
    response.on('drain', more);
    more();
  });
  await expect(me(authority)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  expect(sent).toBeLessThan(64_000_000);
});

test('nobody there is a problem with its own code', async () => {
  const authority = await serve(json(ME));
  await new Promise((resolve) => server!.close(resolve));
  await expect(me(authority)).rejects.toMatchObject({ code: 'AUTHORITY_UNREACHABLE' });
});

test('without a token no token is sent', async () => {
  let authorization: string | undefined = 'none yet';
  const { url } = await serve((request, response) => {
    authorization = request.headers.authorization;
    json(ME)(request, response);
  });
  await me(new Authority({ url, token: '' }));
  expect(authorization).toBeUndefined();
});

test('a change whose answer was lost is the same change when it is asked again', async () => {
  const bench = await startBench();
  let isCut = true;
  const connection = { url: bench.authority.url, token: bench.ownerToken };
  const authority = new Authority(connection, async (url, init) => {
    const response = await fetch(url, init);
    if (isCut) throw new TypeError('Failed to fetch');
    return response;
  });
  const body = { type: 'server', quantity: 2, paymentMode: 'annual' } as const;
  const buy = () => authority.call('orderCreate', isChangeReply, { body });
  await expect(buy()).rejects.toMatchObject({ code: 'AUTHORITY_UNREACHABLE' });
  isCut = false;
  const { id } = await buy();
  expect((await asPerson(bench, 'orders')).body.rows.map((order) => order.id)).toEqual([id]);
  await buy();
  expect((await asPerson(bench, 'orders')).body.total).toBe(2);
  await bench.close();
});

test('a change that a proxy gave up on is the same change when it is asked again', async () => {
  const keys: (string | undefined)[] = [];
  const authority = await serve((request, response) => {
    keys.push(request.headers['idempotency-key'] as string | undefined);
    response.writeHead(keys.length === 1 ? 504 : 400).end('<html>Gateway Time-out</html>');
  });
  const buy = () => authority.call('orderCreate', isChangeReply, { body: { type: 'server', quantity: 2 } });
  for (let n = 0; n < 3; n += 1) await expect(buy()).rejects.toMatchObject({ code: 'GUARD_FAILED' });
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[1]);
});

test('what is only asked of a DELETE changes nothing where a proxy drops its body', async () => {
  const bench = await startBench();
  const connection = { url: bench.authority.url, token: bench.ownerToken };
  const authority = new Authority(connection, async (url, { body, headers, ...init }) => {
    const { 'content-type': type, ...left } = headers as Record<string, string>;
    if (init.method === 'DELETE') return fetch(url, { ...init, headers: left });
    return fetch(url, { ...init, ...(body && { body }), headers: { ...left, ...(type && { 'content-type': type }) } });
  });
  const { id, token } = (await asPerson(bench, 'tokenCreate', { body: { name: 'Desk', role: 'viewer', validDays: 1 } }))
    .body;
  const revoke = (body: { dryRun?: boolean }) =>
    authority.call('tokenRevoke', isChangeReply, { params: { token: id }, body });
  expect(await revoke({ dryRun: true })).toMatchObject({ dryRun: true });
  expect((await asPerson(bench, 'me', {}, token)).status).toBe(200);
  expect(await revoke({})).toMatchObject({ dryRun: false });
  expect((await asPerson(bench, 'me', {}, token)).status).toBe(401);
  await bench.close();
});
