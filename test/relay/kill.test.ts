import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RelayClient } from '@leasehold/relay';
import type { RequestOf } from '@leasehold/protocol';
import { expect, test } from 'vitest';
import {
  Agent,
  asDevice,
  asPerson,
  nonce,
  PRODUCT,
  startBench,
  type Answer,
  type Bench,
} from '../support/authority.js';
import { poolKey } from '../support/relay-site.js';
import { forkSource } from '../support/run-source.js';
import { cleanUp, temporaryFolder } from '../support/sdk-fixture.js';

const ENTRY = fileURLToPath(new URL('../support/relay-process.ts', import.meta.url));
const AGENTS = 200;
const QUOTA = 150;
const KILLS = process.env['LONG'] === '1' ? 40 : 4;

/** Uses that each agent reports. */
const USES = 5;

let child: ChildProcess;

test(
  `${AGENTS} agents on ${QUOTA} numbers, the relay killed ${KILLS} times: each number given once, none that was answered lost, each use counted once`,
  { timeout: 300_000 },
  async () => {
    const bench = await startBench(Date.now());
    cleanUp(() => bench.close());
    const start = await server(bench);
    const site = await start();
    const code = await ask<{ code: string }>({ enroll: 'obm' });
    const agents = await Promise.all(Array.from({ length: AGENTS }, (_, n) => Agent.on(site, `client ${n}`)));
    let answered = 0;
    const live = async (agent: Agent): Promise<boolean> => {
      const activation = agent.activation(code.code);
      const joined = await untilAnswered(() => asDevice(site, agent.signer, 'activate', activation));
      answered += 1;
      if (joined.status === 409) return false;
      agent.take(joined);
      const request = agent.request({ usage: { epoch: nonce(), records: usesOf(agent) } });
      const renewed = await untilAnswered(() => asDevice(site, agent.signer, 'checkIn', request));
      // A sub-lease that was acknowledged and lost would come back as `restored`.
      expect({ status: renewed.status, verdict: renewed.body.verdict }).toEqual({ status: 200, verdict: 'same' });
      agent.take(renewed);
      answered += 1;
      return true;
    };
    const answeredTo = async (count: number): Promise<void> => {
      for (;;) {
        if (answered >= count) return;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    const killing = (async () => {
      for (let kill = 1; kill <= KILLS; kill += 1) {
        await answeredTo((kill * AGENTS) / KILLS);
        child.kill('SIGKILL');
        await once(child, 'exit');
        await start();
      }
    })();
    const waiting = [...agents];
    const held: Agent[] = [];
    const work = async (): Promise<void> => {
      for (let agent = waiting.pop(); agent !== undefined; agent = waiting.pop())
        if (await live(agent)) held.push(agent);
    };
    await Promise.all([killing, ...Array.from({ length: 16 }, () => work())]);
    const { clients } = await ask<{ clients: RelayClient[] }>({});
    expect(held).toHaveLength(QUOTA);
    expect(clients.map(({ n }) => n)).toEqual(Array.from({ length: QUOTA }, (_, n) => n + 1));
    expect(new Set(held.map(({ instance }) => instance))).toEqual(new Set(clients.map(({ id }) => id)));
    await ask({ handIn: true });
    const { body } = await asPerson(bench, 'usage');
    const uses = body.rows.filter(({ kind }) => kind === 'backup');
    expect(uses.reduce((sum, row) => sum + row.jobs, 0)).toBe(QUOTA * USES);
    expect(uses.reduce((sum, row) => sum + row.bytes, 0)).toBe((QUOTA * USES * (USES + 1)) / 2);
  },
);

function usesOf({ bench: { clock } }: Agent): NonNullable<RequestOf<'checkIn'>['usage']>['records'] {
  const at = new Date(clock).toISOString();
  return Array.from({ length: USES }, (_, k) => ({ n: k + 1, at, kind: 'backup', bytes: k + 1, count: 1 }));
}

/** What starts the backup server, again and again, on the same port and folders. It needs the authority the first time. */
async function server(bench: Bench): Promise<() => Promise<{ authority: { url: string }; clock: number }>> {
  const key = await poolKey(bench, QUOTA);
  const folder = temporaryFolder();
  const port = await freePort();
  const license = {
    product: PRODUCT,
    version: '12.1',
    roots: [bench.rootJwk],
    authority: bench.authority.url,
    stateDir: join(folder, 'license'),
    activation: { key: key.licenseKey },
  };
  cleanUp(() => child.kill('SIGKILL'));
  return async () => {
    child = await forkSource(ENTRY, [JSON.stringify({ license, folder: join(folder, 'relay'), port })]);
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    return { authority: { url }, clock: bench.clock };
  };
}

async function ask<Reply>(message: object): Promise<Reply> {
  child.send(message);
  const [reply] = (await once(child, 'message')) as [Reply];
  return reply;
}

/** Repeats the very same request until it is answered: what an agent does whose relay went away. */
async function untilAnswered<Body>(call: () => Promise<Answer<Body>>): Promise<Answer<Body>> {
  for (;;) {
    try {
      return await call();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
