import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { PRODUCT, startBench, type Bench } from '../support/authority.js';
import { forkSource } from '../support/run-source.js';
import { stampStick, technicianLicense } from '../support/technicians.js';

/** Pieces of work that are started before the race is judged; LONG: 1,000. */
const STARTS = process.env['LONG'] === undefined ? 50 : 1000;
const MINUTE = 60_000;
const SEED = Number(process.env['SEED'] ?? 7);

let close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of close.toReversed()) await end();
  close = [];
});

interface Start {
  readonly name: string;
  readonly fence: number;
  readonly at: number;
  readonly void?: true;
}

/** Two technicians' media on one license, one time for them and the authority. */
class Race {
  readonly bench: Bench;
  readonly folder = mkdtempSync(join(tmpdir(), 'leasehold-race-'));
  readonly #licenseKey: string;
  count = 0;

  static async prepare(): Promise<Race> {
    const bench = await startBench();
    const { licenseKey } = await technicianLicense(bench, 'anna');
    for (const media of ['stick-1', 'stick-2']) await stampStick(bench, media, 'anna');
    return new Race(bench, licenseKey);
  }

  private constructor(bench: Bench, licenseKey: string) {
    this.bench = bench;
    this.#licenseKey = licenseKey;
    this.pass(0);
    close.push(async () => {
      await bench.close();
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  pass(ms: number): void {
    this.bench.clock += ms;
    writeFileSync(join(this.folder, 'clock'), String(this.bench.clock));
  }

  async technician(number: 1 | 2): Promise<ChildProcess> {
    const name = `cust-${number}`;
    const options = {
      product: PRODUCT,
      version: '12.1',
      roots: [this.bench.rootJwk],
      authority: this.bench.authority.url,
      stateDir: join(this.folder, name),
      testing: { socket: { runFolder: join(this.folder, `run-${number}`) } },
    };
    const request = {
      licenseKey: this.#licenseKey,
      technician: 'anna',
      media: `stick-${number}`,
      machine: name,
      machineOs: 'linux',
      operation: 'backup',
    };
    const places = [join(this.folder, 'clock'), join(this.folder, 'log'), String(SEED * number)];
    const args = [name, ...places, JSON.stringify(options), JSON.stringify(request)];
    const child = await forkSource(fileURLToPath(new URL('../support/technician-process.ts', import.meta.url)), args);
    close.push(async () => void child.kill('SIGKILL'));
    await new Promise((resolve) => void child.once('message', resolve));
    child.on('message', () => void (this.count += 1));
    return child;
  }

  starts(): Start[] {
    const lines = readFileSync(join(this.folder, 'log'), 'utf8').trim().split('\n');
    const all = lines.map((line) => JSON.parse(line) as Start);
    const unstarted = new Set(all.filter((one) => one.void).map(({ name, fence, at }) => `${name} ${fence} ${at}`));
    return all.filter(({ name, fence, at }) => !unstarted.has(`${name} ${fence} ${at}`));
  }
}

test(
  `two technicians race for one license, ${STARTS} starts: held up, cut off, forgetful, and never at the same time`,
  async () => {
    const race = await Race.prepare();
    const both = [await race.technician(1), await race.technician(2)];
    let turn = SEED;
    for (let round = 0; race.count < STARTS; round += 1) {
      turn = (Math.imul(turn, 1_103_515_245) + 12_345) >>> 0;
      await sleep(10 + (turn % 20));
      race.pass((turn % 30) * 1000);
      if (turn % 7 !== 0) continue;
      // One of them stands still, for longer than any grant lasts, while the other goes on.
      const held = both[(turn >>> 8) % 2]!;
      held.kill('SIGSTOP');
      race.pass(6 * MINUTE);
      await sleep(60);
      held.kill('SIGCONT');
    }
    for (const child of both) child.kill('SIGSTOP');
    const starts = race.starts();
    expect(new Set(starts.map(({ name }) => name)).size).toBe(2);
    // Every grant raises the fence: once another has started under a higher one, nothing starts under a lower one.
    for (const [index, { fence, name }] of starts.entries()) {
      const before = starts[index - 1];
      if (before === undefined) continue;
      expect(fence, `${name} started under ${fence} after ${before.name} under ${before.fence}`).toBeGreaterThanOrEqual(
        before.fence,
      );
      if (before.name !== name) expect(fence).toBeGreaterThan(before.fence);
    }
  },
  process.env['LONG'] === undefined ? 60_000 : 1_200_000,
);

test('a holder that crashed frees the license within the length of a grant', async () => {
  const race = await Race.prepare();
  const first = await race.technician(1);
  await expect.poll(() => race.count, { timeout: 20_000 }).toBeGreaterThan(0);
  first.kill('SIGSTOP');
  first.kill('SIGKILL');
  const before = race.count;
  const second = await race.technician(2);
  race.pass(5 * MINUTE + 1000);
  await expect.poll(() => race.count, { timeout: 20_000 }).toBeGreaterThan(before);
  second.kill('SIGKILL');
  expect(race.starts().at(-1)!.name).toBe('cust-2');
});
