import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openStore } from '../../../packages/authority/src/store/index.js';
import { startPostgres, whyNoPostgres } from '../../support/postgres.js';
import { cuttableDisk, whyNoPowerCut, type CuttableDisk } from '../../support/power-cut.js';
import { expectWhole, missingSeats, prepareSeats } from '../../support/store-checks.js';
import { registry } from '../../support/store-registry.js';
import { writeAndStop } from '../../support/write-and-stop.js';

const ROUNDS = process.env['LONG'] === '1' ? 20 : 2;
const noCut = whyNoPowerCut();
const noPostgres = noCut ?? whyNoPostgres();
if (noCut !== undefined) console.log(`Skipped: power cuts. ${noCut}.`);
else if (noPostgres !== undefined) console.log(`Skipped: power cuts of PostgreSQL. ${noPostgres}.`);

const disks: CuttableDisk[] = [];
afterEach(() => {
  for (const disk of disks.splice(0)) disk.dispose();
});
function newDisk(megabytes: number): CuttableDisk {
  const disk = cuttableDisk(megabytes);
  disks.push(disk);
  return disk;
}
const enough = (): number => 200 + Math.floor(Math.random() * 400);

describe.skipIf(noCut !== undefined)(
  'power cut while SQLite writes (needs root, mounts and a block device in memory)',
  () => {
    async function lost(rounds: number, careless: boolean): Promise<number> {
      const disk = newDisk(96);
      const url = `sqlite:${join(disk.folder, 'a.db')}`;
      await prepareSeats(url);
      const acknowledged = new Set<string>();
      let missing = 0;
      for (let round = 0; round < rounds; round += 1) {
        const args = [url, 'a', `r${round}`] as const;
        const names = await writeAndStop(careless ? [...args, 'careless'] : args, enough(), () => disk.cut());
        for (const name of names) acknowledged.add(name);
        disk.restore();
        const store = await openStore(url, registry);
        const gone = await missingSeats(store, acknowledged);
        missing += gone.length;
        for (const name of gone) acknowledged.delete(name);
        await expectWhole(store);
        await store.close();
      }
      return missing;
    }

    test(`${ROUNDS} times: every acknowledged write is there`, { timeout: ROUNDS * 60_000 }, async () => {
      expect(await lost(ROUNDS, false)).toBe(0);
    });

    test('the control, which does not sync each commit, loses some', { timeout: 300_000 }, async () => {
      expect(await lost(2, true)).toBeGreaterThan(0);
    });
  },
);

describe.skipIf(noPostgres !== undefined)(
  'power cut while PostgreSQL writes (needs root, mounts and PostgreSQL)',
  () => {
    /** How many acknowledged claims are gone after the cuts. */
    async function lost(rounds: number, settings: Readonly<Record<string, string>>): Promise<number> {
      const disk = newDisk(512);
      const parent = join(disk.folder, 'postgres');
      mkdirSync(parent);
      chmodSync(parent, 0o777);
      const server = await startPostgres(settings, parent);
      const url = await server.database();
      await prepareSeats(url);
      // A first start that is safe on disk, so that a careless server can start again and show what it lost.
      await server.stop();
      spawnSync('sync', ['-f', disk.folder]);
      await server.start();
      const acknowledged = new Set<string>();
      let missing = 0;
      for (let round = 0; round < rounds; round += 1) {
        const names = await writeAndStop([url, 'a', `r${round}`], enough(), () => disk.cut());
        for (const name of names) acknowledged.add(name);
        await server.stop('kill');
        disk.restore();
        await server.start();
        const store = await openStore(url, registry);
        const gone = await missingSeats(store, acknowledged);
        missing += gone.length;
        for (const name of gone) acknowledged.delete(name);
        await expectWhole(store);
        await store.close();
      }
      await server.stop('kill');
      return missing;
    }

    test(`${ROUNDS} times: every acknowledged write is there`, { timeout: ROUNDS * 60_000 }, async () => {
      // Also on a server that is set to answer before the disk has it.
      expect(await lost(ROUNDS, { synchronous_commit: 'off', wal_writer_delay: '10s' })).toBe(0);
    });

    test('the control, which does not sync, loses some', { timeout: 300_000 }, async () => {
      expect(await lost(1, { fsync: 'off' })).toBeGreaterThan(0);
    });
  },
);
