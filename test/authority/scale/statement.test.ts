import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provisionAuthority } from '@leasehold/authority';
import { pathOf, verifyStatement, type StatementRecord } from '@leasehold/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../../packages/authority/src/store/index.js';
import { Agent, newLicense, PRODUCT, type Bench } from '../../support/authority.js';
import { forkSource } from '../../support/run-source.js';
import { ed25519, sha256 } from '../../support/signing.js';
import { registry } from '../../support/statement-records.js';

const LONG = process.env['LONG'] === '1';
const DAYS = 30;
/** Each leaves one record a day: 1,000,000 records in the long form. */
const MACHINES = LONG ? 33_400 : 500;
const ROUNDS = LONG ? 5 : 1;
const ENTRY = fileURLToPath(new URL('../../support/authority-process.ts', import.meta.url));

let folder: string;
let server: ChildProcess;
let bench: Bench;
let agent: Agent;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-statement-'));
  const place = { db: `sqlite:${join(folder, 'authority.db')}`, dataDir: join(folder, 'keys') };
  const made = await provisionAuthority(place, { account: 'acme', name: 'Acme', product: PRODUCT }, Date.now());
  const start = async (): Promise<void> => {
    server = await forkSource(ENTRY, [place.db, place.dataDir, '0']);
    const [authority] = (await once(server, 'message')) as [{ url: string }];
    bench = { ...made, authority, clock: Date.now() } as unknown as Bench;
  };
  await start();
  const { licenseKey } = await newLicense(bench, { seats: 1 });
  agent = await Agent.on(bench, 'of the statement');
  expect((await agent.activate(licenseKey)).status).toBe(200);
  await end();
  const store = await openStore(place.db, registry);
  for (let from = 1; from < MACHINES; from += 500) {
    const to = Math.min(MACHINES - 1, from + 499);
    await store.execute('fill', { like: agent.instance, from, to, month: '2026-05', days: DAYS }, Date.now());
  }
  await store.close();
  await start();
  // The address has changed; the agent stays the same.
  const { instance, lease, parent, entitlementsDigest } = agent;
  agent = Object.assign(new Agent(bench, agent.signer, agent.report), { instance, lease, parent, entitlementsDigest });
}, 600_000);
afterAll(async () => {
  await end();
  rmSync(folder, { recursive: true, force: true });
});

async function end(): Promise<void> {
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
}

/** Check-ins one after another while `going`; milliseconds of each. */
async function checkIns(going: (count: number) => boolean): Promise<number[]> {
  const times: number[] = [];
  while (going(times.length)) {
    const begun = performance.now();
    expect((await agent.checkIn()).status).toBe(200);
    times.push(performance.now() - begun);
  }
  return times;
}

/** Fetches the statement and verifies it as it comes. */
async function statement(each: (records: readonly StatementRecord[]) => void): ReturnType<typeof verifyStatement> {
  const response = await fetch(`${bench.authority.url}${pathOf('statement')}?month=2026-05`, {
    headers: { authorization: `Bearer ${bench.ownerToken}` },
  });
  const text = response.body!.pipeThrough(new TextDecoderStream());
  return verifyStatement(text, [bench.rootJwk], { ed25519, sha256 }, each);
}

/** Most memory that the authority ever had, MB (proc(5)). */
function mostMemory(): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024;
}

test(
  `a statement over ${MACHINES * DAYS} records streams beside check-ins, in little memory`,
  { timeout: 900_000 },
  async ({ task }) => {
    const alone: number[] = [];
    const beside: number[] = [];
    let seconds = 0;
    await checkIns((count) => count < 100);
    for (let round = 0; round < ROUNDS; round += 1) {
      const begun = performance.now();
      let done = false;
      const machines = new Set<string>();
      const asked = statement((records) => {
        for (const { instance, jobs } of records) {
          if (jobs === DAYS) machines.add(instance);
        }
      }).finally(() => (done = true));
      beside.push(...(await checkIns(() => !done)));
      const { totals } = await asked;
      seconds = (performance.now() - begun) / 1000;
      // The agent of the check-ins used nothing that month.
      expect(totals).toMatchObject({ machines: MACHINES - 1, jobs: (MACHINES - 1) * DAYS });
      expect(machines.size).toBe(MACHINES - 1);
      const count = beside.length - alone.length;
      alone.push(...(await checkIns((so) => so < count)));
    }
    const p99 = (times: number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)]!;
    const measured = {
      records: MACHINES * DAYS,
      seconds,
      checkIns: beside.length,
      p99Alone: p99(alone),
      p99Beside: p99(beside),
      ...(process.platform === 'linux' ? { memory: mostMemory() } : {}),
    };
    Object.assign(task.meta, { evidence: measured });
    console.log(JSON.stringify(measured));
    if (!LONG) return;
    expect(measured.p99Beside).toBeLessThanOrEqual(2 * measured.p99Alone);
    if (measured.memory !== undefined) expect(measured.memory).toBeLessThanOrEqual(200);
  },
);
