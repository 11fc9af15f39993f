import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { join } from 'node:path';
import { LeaseholdError } from '@leasehold/protocol';
import { openStore } from '../../packages/authority/src/store/index.js';
import { Attempts } from '../../packages/authority/src/timed/attempts.js';
import { asPerson, newLicense, startBench, type Bench } from '../support/authority.js';
import { registry } from '../support/store-registry.js';

const NOON = Date.parse('2026-06-30T12:00:00Z');
const DAY = 86_400_000;

const full = (): Promise<never> => Promise.reject(new LeaseholdError('DISK_FULL', 'The disk is full.'));

test('what fails is tried again after ever more rounds, a minute of them at most, and told at rising intervals', async () => {
  const told: string[] = [];
  const attempts = new Attempts((work, code) => told.push(`${work} ${code}`));
  const tried: number[] = [];
  for (let round = 0; round < 3600; round += 1) await attempts.try('seats.free', () => (tried.push(round), full()));
  expect(tried.slice(0, 6)).toEqual([0, 1, 3, 7, 15, 31]);
  expect(tried.every((round, n) => n === 0 || round - tried[n - 1]! <= 60)).toBe(true);
  expect(told).toEqual(Array.from({ length: 7 }, () => 'seats.free DISK_FULL'));
});

test('another cause is told at once, and what succeeded is as if it had never failed', async () => {
  const told: string[] = [];
  const attempts = new Attempts((work, code) => told.push(`${work} ${code}`));
  const rounds = async (count: number, work: () => Promise<string>) => {
    let done: string | undefined;
    for (let round = 0; round < count; round += 1) done = await attempts.try('licenses.renew', work);
    return done;
  };
  await rounds(63, full);
  const before = told.length;
  await rounds(60, () => Promise.reject(new Error('other')));
  expect(told.slice(before)).toEqual(['licenses.renew INTERNAL']);
  expect(await rounds(60, async () => 'done')).toBe('done');
  await rounds(1, full);
  expect(told.at(-1)).toBe('licenses.renew DISK_FULL');
});

let bench: Bench;
beforeAll(async () => void (bench = await startBench(NOON, {}, undefined, { timedWorkSeconds: 0.02 })));
afterAll(() => bench.close());

test('one piece of timed work that fails keeps no other from being done', async () => {
  await newLicense(bench, { seats: 5 });
  await bench.authority.close();
  const store = await openStore(`sqlite:${join(bench.folder, 'authority.db')}`, registry);
  const sql = `CREATE TRIGGER broken BEFORE UPDATE ON timed_work WHEN NEW.name = 'sessions.lapse'
    BEGIN SELECT RAISE(ABORT, 'broken'); END`;
  await store.execute('change', { sql }, NOON);
  await store.close();
  bench.clock += DAY;
  await bench.restart();
  await vi.waitFor(
    async () => {
      const { days, series } = (await asPerson(bench, 'seatHistory')).body;
      expect([days.at(-2), series[0]?.owned.at(-2)]).toEqual(['2026-06-30', 5]);
    },
    { timeout: 30_000, interval: 20 },
  );
  const failed = bench.logged.filter((line) => line.includes('timed_work.failed'));
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.every((line) => line.includes('"work":"sessions.lapse"'))).toBe(true);
});
