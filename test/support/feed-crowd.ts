import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';

const agent = new Agent({ maxSockets: Infinity });

interface Place {
  readonly authority: { readonly url: string };
  readonly ownerToken: string;
}

/** One of many that follow the feed: it notes the numbers of its rows and nothing else, so that a thousand fit into a test. */
export class Follower {
  readonly seen: number[] = [];
  readonly ended: Promise<void>;
  #text = '';

  constructor({ authority, ownerToken }: Place, from: string) {
    const headers = { authorization: `Bearer ${ownerToken}`, 'last-event-id': from };
    this.ended = new Promise((resolve, reject) => {
      const asked = request(`${authority.url}/v1/admin/feed`, { agent, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`the feed answered ${response.statusCode}`));
        response.setEncoding('utf8');
        response.on('data', (text: string) => this.#take(text));
        response.on('close', resolve);
      });
      asked.on('error', reject);
      asked.end();
      this.close = () => asked.destroy();
    });
    this.ended.catch(() => undefined);
  }

  close: () => void = () => undefined;

  #take(text: string): void {
    const lines = (this.#text + text).split('\n');
    this.#text = lines.pop()!;
    for (const line of lines) {
      const row = /^id: \d+:(\d+)$/.exec(line);
      if (row !== null) this.seen.push(Number(row[1]));
    }
  }
}

/** A client that asks for the feed and never reads a byte of it. */
export function stalled({ authority, ownerToken }: Place, from: string): Socket {
  const { hostname, port } = new URL(authority.url);
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.on('error', () => undefined);
  const lines = ['GET /v1/admin/feed HTTP/1.1', `Host: ${hostname}:${port}`, `Authorization: Bearer ${ownerToken}`];
  socket.write([...lines, `Last-Event-ID: ${from}`, '', ''].join('\r\n'));
  return socket;
}
