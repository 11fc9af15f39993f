import { writeFileSync } from 'node:fs';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatConnection } from '@leasehold/protocol';
import { asPerson, startBench } from '../support/authority.js';
import { cleanUp, temporaryFolder } from '../support/sdk-fixture.js';
import { typed } from './typed.js';

test('a dry run of a DELETE changes nothing where a proxy drops its body', async () => {
  const bench = await startBench();
  cleanUp(() => bench.close());
  const proxy = createServer((request, response) => {
    const { method, url } = request;
    const { 'content-length': _length, 'content-type': _type, ...bare } = request.headers;
    const isDropped = method === 'DELETE';
    const onward = forward(`${bench.authority.url}${url}`, { method, headers: isDropped ? bare : request.headers });
    onward.on('response', (reply) => {
      response.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(response);
    });
    if (isDropped) onward.end();
    else request.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  cleanUp(() => void proxy.close());
  const connection = join(temporaryFolder(), 'connection');
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  writeFileSync(connection, formatConnection({ url, roots: [bench.rootJwk.x], token: bench.ownerToken }));
  const { id, token } = (await asPerson(bench, 'tokenCreate', { body: { name: 'Desk', role: 'viewer', validDays: 1 } }))
    .body;
  const revoke = ['admin', 'token', 'revoke', id, '--connection', connection, '--json'];
  expect(JSON.parse((await typed(...revoke, '--dry-run')).out)).toMatchObject({ dryRun: true });
  expect((await asPerson(bench, 'me', {}, token)).status).toBe(200);
  expect(JSON.parse((await typed(...revoke)).out)).toMatchObject({ dryRun: false });
  expect((await asPerson(bench, 'me', {}, token)).status).toBe(401);
});
