import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { provisionAuthority } from '@leasehold/authority';
import { PRODUCT } from '../support/authority.js';
import { forkSource } from '../support/run-source.js';

const ENTRY = fileURLToPath(new URL('../support/authority-process.ts', import.meta.url));
/** More than Node takes up by itself, which is 511. */
const HERD = 700;
const missing = whyNot();
if (missing !== undefined) console.log(`Skipped: the herd at the door of an authority that is held up. ${missing}.`);

/** The system's own limit of connections that wait (listen(2)). */
function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'Needs Linux';
  const most = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
  return most > HERD ? undefined : `Needs net.core.somaxconn above ${HERD}, which is ${most}`;
}

test.skipIf(missing !== undefined)(
  'a herd finds the door open also while the authority is held up: each is taken up, to be served or told when to come back',
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leasehold-backlog-'));
    const place = { db: `sqlite:${join(folder, 'authority.db')}`, dataDir: join(folder, 'keys') };
    await provisionAuthority(place, { account: 'acme', name: 'Acme', product: PRODUCT }, Date.now());
    const server = await forkSource(ENTRY, [place.db, place.dataDir, '0']);
    const sockets: Socket[] = [];
    try {
      const [{ url }] = (await once(server, 'message')) as [{ readonly url: string }];
      server.kill('SIGSTOP');
      for (let n = 0; n < HERD; n += 1) sockets.push(connect(Number(new URL(url).port), '127.0.0.1'));
      await Promise.all(sockets.map((socket) => once(socket, 'connect')));
      expect(sockets.every(({ readyState }) => readyState === 'open')).toBe(true);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
