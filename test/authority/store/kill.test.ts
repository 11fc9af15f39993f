import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openStore, type Store } from '../../../packages/authority/src/store/index.js';
import { forkSource } from '../../support/run-source.js';
import { engines } from '../../support/store-engines.js';
import { registry } from '../../support/store-registry.js';

const NOW = Date.UTC(2026, 5, 15);
const WRITER = fileURLToPath(new URL('../../support/store-writer.ts', import.meta.url));
const ROUNDS = process.env['LONG'] === '1' ? 100 : 3;

/** Lets a process write until it has had `enough` acknowledgements, kills it there, and answers all that it had. */
async function writeAndKill(url: string, prefix: string, enough: number): Promise<string[]> {
  const child = await forkSource(WRITER, [url, 'a', prefix]);
  let out = '';
  let errors = '';
  child.stderr!.on('data', (text: Buffer) => (errors += text.toString()));
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdout!.on('data', (text: Buffer) => {
    out += text.toString();
    if (out.split('\n').length > enough) child.kill('SIGKILL');
  });
  await ended;
  if (child.signalCode !== 'SIGKILL') throw new Error(`The writer ended by itself: ${errors}`);
  // The last line may be cut: it was never whole on the pipe, so it was not acknowledged to us.
  return out.split('\n').slice(1, -1);
}

async function expectAllThere(store: Store<typeof registry>, acknowledged: ReadonlySet<string>): Promise<void> {
  const seats = (await store.read('rows', {
    sql: "SELECT instance_id FROM seats WHERE account = 'a' AND license_id = 'license'",
  })) as { instance_id: string }[];
  const there = new Set(seats.map((seat) => seat.instance_id));
  expect([...acknowledged].filter((name) => !there.has(name))).toEqual([]);
  const usage = await store.read('usage', { account: 'a', license: 'license' });
  expect(usage.used).toBe(usage.seats);
  const head = await store.read('head', { account: 'a' });
  expect(head.seq).toBe(usage.seats);
  expect(await store.read('verify', { account: 'a', limit: 1_000_000 })).toMatchObject({ ok: true, done: true });
}

describe.each(engines)('killed under load on $name', (engine) => {
  test(`SIGKILL ${ROUNDS} times: every acknowledged write is there`, { timeout: ROUNDS * 20_000 }, async () => {
    const url = await engine.url();
    const first = await openStore(url, registry);
    await first.execute('createAccount', { account: 'a' }, NOW);
    await first.execute('createLicense', { account: 'a', id: 'license', quota: 1_000_000_000 }, NOW);
    await first.close();
    const acknowledged = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const names = await writeAndKill(url, `r${round}`, 20 + Math.floor(Math.random() * 400));
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) acknowledged.add(name);
      const store = await openStore(url, registry);
      await expectAllThere(store, acknowledged);
      await store.close();
    }
  });
});
