import { defineRegistry, type Tx } from '../../packages/authority/src/store/index.js';
import { migrations, type Migration } from '../../packages/authority/src/store/migrations/index.js';
import { registry as today } from './store-registry.js';
import { tell } from './tell.js';

const SLICE = 2_000;

/** Marks each license once; a slice that ran twice would count 2. Says on the process's output when a slice begins. */
async function markSlice(tx: Tx, progress: string | null): Promise<string | null> {
  tell('slice\n');
  const licenses = await tx.all<{ id: string }>(
    "SELECT id FROM machine_licenses WHERE account = 'a' AND id > ? ORDER BY id LIMIT ?",
    [progress ?? '', SLICE],
  );
  await tx.run(
    `INSERT INTO later_marks (account, id, filled)
       SELECT account, id, 1 FROM machine_licenses WHERE account = 'a' AND id > ? ORDER BY id LIMIT ?
       ON CONFLICT (account, id) DO UPDATE SET filled = later_marks.filled + 1`,
    [progress ?? '', SLICE],
  );
  return licenses.length < SLICE ? null : licenses.at(-1)!.id;
}

const later: Migration = {
  id: 1_000,
  name: 'later',
  statements: [
    'CREATE TABLE later_marks (account text NOT NULL, id text NOT NULL, filled bigint NOT NULL, PRIMARY KEY (account, id))',
  ],
  backfill: markSlice,
};

/** The storage tests' registry as a later release would have it: one migration more, over all licenses. */
export const registry = defineRegistry(import.meta.url, today.commands, today.queries, {
  migrations: [...migrations, later],
});
