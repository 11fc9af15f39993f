import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ROUTES } from '@leasehold/protocol';
import { Agent, newLicense, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';
import { takenUp } from '../support/taken-up.js';

/** More than there are places to read in. */
const TOO_MANY = 300;
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
    const socket = await takenUp(bench.authority.url);
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

  test('nor does he with as many as are read at once: whoever takes longest leaves where others wait', async () => {
    const agent = await Agent.on(bench, 'behind all of them');
    const { licenseKey } = await newLicense(bench);
    await Promise.all(Array.from({ length: TOO_MANY }, () => begin('/v1/check-in')));
    await fetch(`${bench.authority.url}${ROUTES.health.path}`);
    await vi.waitFor(async () => expect((await agent.activate(licenseKey)).status).toBe(200), 10_000);
  });
});

test('and an authority that is told to end does so, whoever still sends', { timeout: 60_000 }, async () => {
  // Longer than the framework would wait by itself.
  const bench = await startBench(undefined, {}, undefined, { stopSeconds: 15 });
  const socket = await takenUp(bench.authority.url);
  const head =
    'POST /v1/activate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
  await new Promise<void>((resolve) => socket.write(head, () => resolve()));
  await fetch(`${bench.authority.url}${ROUTES.health.path}`);
  await bench.authority.close();
  expect(bench.logged.at(-1)).toContain('"stopped"');
  socket.destroy();
  await bench.close();
});
