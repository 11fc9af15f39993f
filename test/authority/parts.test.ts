import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { noteComponents } from '../../packages/authority/src/instances/identity.js';
import { SqliteEngine } from '../../packages/authority/src/store/engines/sqlite.js';
import { registry } from '../support/store-registry.js';

const NOW = Date.UTC(2026, 5, 15);
const engine = await SqliteEngine.open(join(mkdtempSync(join(tmpdir(), 'leasehold-parts-')), 'a.db'), registry, NOW);
afterAll(() => engine.close());

type Told = Parameters<typeof noteComponents>[3];
const told = (instanceId: string, disk: string): Told => ({
  components: { machine_id: 'm', disk_serial: disk },
  instanceId,
});

async function note(machine: Told, before?: Told): Promise<string[]> {
  const [done] = await engine.commit([{ now: NOW, run: (tx) => noteComponents(tx, 'a', 'inst_1', machine, before) }]);
  expect(done).toMatchObject({ ok: true });
  const rows = await engine.all<{ hash: string }>(
    "SELECT hash FROM machine_components WHERE account = 'a' AND instance_id = 'inst_1'",
  );
  return rows.map(({ hash }) => hash).sort();
}

test('a machine is found by the parts that it has now, and no longer by those that it had', async () => {
  expect(await note(told('one', 'old'))).toEqual(['m', 'old', 'one']);
  expect(await note(told('one', 'new'), told('one', 'old'))).toEqual(['m', 'new', 'one']);
  expect(await note(told('two', 'new'), told('one', 'new'))).toEqual(['m', 'new', 'two']);
  expect(await note(told('two', 'new'), told('two', 'new'))).toEqual(['m', 'new', 'two']);
  // What is written down already, and not by what it last told (a database of an earlier version), is no failure.
  expect(await note(told('two', 'new'), told('three', 'other'))).toEqual(['m', 'new', 'two']);
});
