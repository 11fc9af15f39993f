import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { provisionAuthority } from '@leasehold/authority';
import { Agent, asDevice, asPerson, newLicense, type Answer, type Bench } from '../support/authority.js';
import { forkSource } from '../support/run-source.js';

const ENTRY = fileURLToPath(new URL('../support/authority-process.ts', import.meta.url));
const ACTIVATIONS = 200;
const CHECK_INS = 4;
const KILLS = process.env['LONG'] === '1' ? 20 : 4;
const TOGETHER = 16;

let folder: string;
let child: ChildProcess;
let bench: Bench;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leasehold-kill-'));
  const place = { db: `sqlite:${join(folder, 'authority.db')}`, dataDir: join(folder, 'keys') };
  const made = await provisionAuthority(place, { account: 'acme', name: 'Acme', product: 'acme-backup' }, Date.now());
  const port = await freePort();
  const start = async (): Promise<void> => {
    child = await forkSource(ENTRY, [place.db, place.dataDir, String(port)]);
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    expect(url).toBe(`http://127.0.0.1:${port}`);
  };
  await start();
  const authority = { url: `http://127.0.0.1:${port}` };
  bench = {
    ...made,
    authority,
    start,
    get clock() {
      return Date.now();
    },
  } as unknown as Bench;
});
afterAll(async () => {
  child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Repeats a request, the very same, until it is answered: what an agent does whose authority went away. */
async function untilAnswered<Body>(ask: () => Promise<Answer<Body>>): Promise<Answer<Body>> {
  for (;;) {
    try {
      return await ask();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

test(
  `killed ${KILLS} times amid ${ACTIVATIONS * (1 + CHECK_INS)} activations and check-ins: no acknowledged one is lost, no seat taken twice`,
  { timeout: 300_000 },
  async () => {
    const { licenseKey, id } = await newLicense(bench, { seats: ACTIVATIONS });
    const agents = await Promise.all(Array.from({ length: ACTIVATIONS }, (_, n) => Agent.on(bench, `machine ${n}`)));
    const record = { n: 1, at: '2026-06-15T02:00:00Z', kind: 'backup', bytes: 10, count: 1 };
    let answered = 0;
    const live = async (agent: Agent): Promise<void> => {
      const activation = agent.activation(licenseKey);
      const activated = await untilAnswered(() => asDevice(bench, agent.signer, 'activate', activation));
      expect(activated.status).toBe(200);
      agent.take(activated);
      answered += 1;
      for (let n = 0; n < CHECK_INS; n += 1) {
        const usage = { epoch: agent.signer.publicKey.kid, records: [{ ...record, n: n + 1 }] };
        const request = agent.request({ usage });
        const checked = await untilAnswered(() => asDevice(bench, agent.signer, 'checkIn', request));
        // A lease that was acknowledged and lost would come back as `restored` or `unknown`.
        expect({ status: checked.status, verdict: checked.body.verdict }).toEqual({ status: 200, verdict: 'same' });
        agent.take(checked);
        answered += 1;
      }
    };
    const waiting = [...agents];
    const workers = Array.from({ length: TOGETHER }, async () => {
      for (let agent = waiting.shift(); agent !== undefined; agent = waiting.shift()) await live(agent);
    });
    const all = Promise.all(workers);
    const total = ACTIVATIONS * (1 + CHECK_INS);
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const mark = Math.floor((total * kill) / (KILLS + 1));
      await expect.poll(() => answered, { timeout: 120_000, interval: 5 }).toBeGreaterThanOrEqual(mark);
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      await (bench as unknown as { start(): Promise<void> }).start();
    }
    await all;
    expect(answered).toBe(total);

    expect(new Set(agents.map(({ instance }) => instance)).size).toBe(ACTIVATIONS);
    const { body } = await asPerson(bench, 'licenses', { query: `?search=${id}` });
    expect(body.rows).toMatchObject([{ used: ACTIVATIONS, quota: ACTIVATIONS }]);
    const usage = await asPerson(bench, 'usage', { query: '?month=2026-06' });
    expect(usage.body.rows).toHaveLength(ACTIVATIONS);
    for (const row of usage.body.rows) expect(row).toMatchObject({ jobs: CHECK_INS, bytes: 10 * CHECK_INS });
    const extra = await Agent.on(bench, 'one too many');
    expect((await extra.activate(licenseKey)).problem.code).toBe('SEATS_EXHAUSTED');
  },
);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
