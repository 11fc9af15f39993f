import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { postWebhook } from '../../packages/authority/src/delivery/webhook.js';

describe('a receiver of webhooks', () => {
  let receiver: Server;
  afterAll(() => {
    vi.useRealTimers();
    receiver.close();
  });

  test('that answers in drops is given up after the same time as one that is silent', async () => {
    let asked = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (asked = resolve));
    receiver = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nX-Drop: ');
        const drop = (): void => void (socket.writable && socket.write('.', () => setImmediate(drop)));
        drop();
        asked();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const target = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const subscription = { id: 'sub', target, secret: 'sealed', old_secret: null, old_secret_until: null };
    const keyring = { openSecret: () => `whsec_${Buffer.alloc(32).toString('base64')}` };
    const services = { keyring, settings: { webhookPrivateNetworks: true } };
    const ended = postWebhook({ id: 'd', subscription } as never, '{}', 0, services as never);
    await arrived;
    vi.advanceTimersByTime(15_000);
    expect(await ended).toEqual({ kind: 'failed', problem: 'no answer in time' });
  });
});
