import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathOf, ROUTES } from '@leasehold/protocol';
import { asPerson, LICENSE, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';
import { takenUp } from '../support/taken-up.js';

/** Three bytes in a file. What stands in the buffers of a connection, some 4 MB, is taken by nobody and holds nobody up. */
const LONG = '会';
/** As many as may be at work for people at once, on either engine. */
const MANY = 64;

describe.each(engines)('on $name', (engine) => {
  let bench: Bench;
  let viewer = '';
  const sockets: Socket[] = [];
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    await asPerson(bench, 'companyCreate', { body: { id: 'shop', name: LONG.repeat(200) } });
    const body = { name: 'Looks on', role: 'viewer', validDays: 9, companyId: 'shop' } as const;
    viewer = (await asPerson(bench, 'tokenCreate', { body })).body.token;
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await bench?.close();
  });

  /** A call that is sent as far as given, on a connection that then stands still. Resolves once it has left. */
  const begin = async (head: string): Promise<Socket> => {
    const socket = await takenUp(bench.authority.url);
    sockets.push(socket);
    socket.pause();
    const text = `${head}\r\nHost: x\r\nAuthorization: Bearer ${viewer}\r\n`;
    await new Promise<void>((resolve) => socket.write(text, () => resolve()));
    return socket;
  };
  /** By then they have all been seen. */
  const seen = () => fetch(`${bench.authority.url}${ROUTES.health.path}`);

  test('a person who sends a body in drops keeps no other from working', async () => {
    const rest = 'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
    const calls = Array.from({ length: MANY }, () => begin(`POST ${pathOf('advise')} HTTP/1.1`));
    for (const socket of await Promise.all(calls)) socket.write(rest);
    await seen();
    expect((await asPerson(bench, 'me')).status).toBe(200);
    const body = { name: 'Meanwhile', dryRun: true };
    expect((await asPerson(bench, 'companyCreate', { body })).status).toBe(200);
  });

  test('nor does one who takes a long file in drops', async () => {
    const license = { ...LICENSE, profile: 'msp', term: 'subscription', validUntil: '2027-06-30' } as const;
    const licenses = Array.from({ length: 1000 }, () => ({ ...license, companyId: 'shop', type: LONG.repeat(128) }));
    for (let n = 0; n < 6; n += 1)
      expect((await asPerson(bench, 'licensesCreate', { body: { licenses } })).status).toBe(200);
    const calls = Array.from({ length: MANY }, () => begin(`GET ${pathOf('licensesExport')} HTTP/1.1`));
    for (const socket of await Promise.all(calls)) socket.write('\r\n');
    await seen();
    expect((await asPerson(bench, 'me')).status).toBe(200);
  });
});
