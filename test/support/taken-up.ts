import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ROUTES } from '@leasehold/protocol';

/** A bare connection that the authority at this address has taken up, so that whoever comes later is not before it. */
export async function takenUp(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`GET ${ROUTES.health.path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await once(socket, 'data');
  return socket;
}
