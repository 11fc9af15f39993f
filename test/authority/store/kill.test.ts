import { describe, expect, test } from 'vitest';
import { openStore } from '../../../packages/authority/src/store/index.js';
import { expectWhole, missingSeats, prepareSeats } from '../../support/store-checks.js';
import { engines } from '../../support/store-engines.js';
import { registry } from '../../support/store-registry.js';
import { writeAndStop } from '../../support/write-and-stop.js';

const ROUNDS = process.env['LONG'] === '1' ? 100 : 3;

describe.each(engines)('killed under load on $name', (engine) => {
  test(`SIGKILL ${ROUNDS} times: every acknowledged write is there`, { timeout: ROUNDS * 30_000 }, async () => {
    const url = await engine.url();
    await prepareSeats(url);
    const acknowledged = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const names = await writeAndStop([url, 'a', `r${round}`], 20 + Math.floor(Math.random() * 400));
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) acknowledged.add(name);
      const store = await openStore(url, registry);
      expect(await missingSeats(store, acknowledged)).toEqual([]);
      await expectWhole(store);
      await store.close();
    }
  });
});
