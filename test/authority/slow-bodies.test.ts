import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES } from '@leasehold/protocol';
import { Agent, newLicense, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

/** As many as may be at work at once, on either engine. */
const MANY = 130;

describe.each(engines)('on $name', (engine) => {
  let bench: Bench;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await bench?.close();
  });

  /** A call whose body never comes. Resolves when its head has left. */
  const begin = async (path: string): Promise<void> => {
    const socket = connect(Number(new URL(bench.authority.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    sockets.push(socket);
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`;
    await new Promise<void>((resolve) => socket.write(head, () => resolve()));
  };

  test('whoever sends bodies in drops stops no machine', async () => {
    const { licenseKey } = await newLicense(bench);
    const agent = await Agent.on(bench, 'in a hurry');
    for (const path of ['/v1/activate', '/v1/check-in']) {
      await Promise.all(Array.from({ length: path === '/v1/activate' ? 65 : MANY }, () => begin(path)));
      // By then they have all been seen.
      await fetch(`${bench.authority.url}${ROUTES.health.path}`);
      const { status } = path === '/v1/activate' ? await agent.activate(licenseKey) : await agent.checkIn();
      expect({ path, status }).toEqual({ path, status: 200 });
    }
  });
});
