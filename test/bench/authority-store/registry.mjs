// The commands that the storage benchmark times, on the built authority: a claim as the authority makes it, and the
// pattern of the nearest open-source peer (a license server that hands out one license file for each seat).
import { takeSeat } from '../../../packages/authority/dist/licenses/seats.js';
import { appendJournal, defineRegistry } from '../../../packages/authority/dist/store/index.js';
import { migrations } from '../../../packages/authority/dist/store/migrations/index.js';

const ACCOUNT = 'bench';
/** More than one slice of the benchmark claims: it gives back what it took before the next. */
const ROOM = 1_000;
const numbers = (from, to) =>
  `WITH RECURSIVE numbers (n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${to})`;

/** A license of about `size` seats, half of them taken. */
async function createPool(tx, { size }, now) {
  await tx.run(
    `INSERT INTO machine_licenses (account, id, edition, term, quota, used, state, created_at, updated_at)
       VALUES (?, ?, 'server', 'perpetual', ?, ?, 'active', ?, ?)`,
    [ACCOUNT, `pool-${size}`, size + ROOM, size / 2, now, now],
  );
}

/** A part of a pool's taken seats, and as many licenses beside it. */
async function fillPool(tx, { size, from, to }, now) {
  await tx.run(
    `INSERT INTO seats (account, license_id, instance_id, state, taken_at)
       ${numbers(from, to)} SELECT ?, ?, 'machine-' || n, 'held', ${now} FROM numbers`,
    [ACCOUNT, `pool-${size}`],
  );
  await tx.run(
    `INSERT INTO machine_licenses (account, id, edition, term, quota, used, state, created_at, updated_at)
       ${numbers(from, to)} SELECT ?, ? || n, 'server', 'perpetual', 1, 0, 'active', ${now}, ${now} FROM numbers`,
    [ACCOUNT, `beside-${size}-`],
  );
}

/** One row for each license file, with the file in it (1,200 characters: a small one). */
async function fillWalk(tx, { size }) {
  await tx.run(
    `INSERT INTO walked_licenses (account, id, file, license_key, node_id, claims, created_at)
       ${numbers(1, size)} SELECT ?, ? || n, ? || n, ? || n, NULL, 0, n FROM numbers`,
    [ACCOUNT, `walked-${size}-`, 'f'.repeat(1_200), 'KEY-'],
  );
}

async function createAccount(tx, _input, now) {
  await tx.run(
    `INSERT INTO accounts (account, name, product, salt, time_zone, profile, policy, created_at)
       VALUES (?, 'bench', 'bench', 'salt', 'UTC', 'generic', '{}', ?)`,
    [ACCOUNT, now],
  );
  await tx.run("INSERT INTO journal_heads (account, epoch, seq, hash) VALUES (?, 1, 0, '')", [ACCOUNT]);
}

async function claim(tx, { size, instance }, now) {
  const license = `pool-${size}`;
  if (!(await takeSeat(tx, ACCOUNT, license, instance, now)))
    throw new Error('The pool is too small for the benchmark.');
  appendJournal(tx, ACCOUNT, {
    type: 'seat.taken',
    subject: { type: 'license', id: license },
    actor: `instance:${instance}`,
    details: { instance },
    rows: [],
  });
}

/** Gives back what a slice took, so that the next one meets the same pool. */
async function giveBack(tx, { size, instances }) {
  const license = `pool-${size}`;
  for (const instance of instances) {
    const seat = [ACCOUNT, license, instance];
    await tx.run('DELETE FROM seats WHERE account = ? AND license_id = ? AND instance_id = ?', seat);
    await tx.run('UPDATE walked_licenses SET node_id = NULL WHERE account = ? AND node_id = ?', [ACCOUNT, instance]);
  }
  await tx.run('UPDATE machine_licenses SET used = ? WHERE account = ? AND id = ?', [size / 2, ACCOUNT, license]);
}

/** As the peer does it: the node and what it holds already; the oldest free license is given to it; a log row beside. */
async function walk(tx, { instance }, now) {
  await tx.run(
    `INSERT INTO walked_nodes (account, id, seen_at) VALUES (?, ?, ?)
       ON CONFLICT (account, id) DO UPDATE SET seen_at = excluded.seen_at`,
    [ACCOUNT, instance, now],
  );
  const held = await tx.get('SELECT id FROM walked_licenses WHERE account = ? AND node_id = ?', [ACCOUNT, instance]);
  if (held !== undefined) return;
  const taken = await tx.get(
    `UPDATE walked_licenses SET node_id = ?, claims = claims + 1 WHERE account = ? AND id = (
       SELECT id FROM walked_licenses WHERE account = ? AND node_id IS NULL ORDER BY created_at LIMIT 1)
       RETURNING *`,
    [instance, ACCOUNT, ACCOUNT],
  );
  await tx.run('INSERT INTO walked_log (account, at, license_id) VALUES (?, ?, ?)', [ACCOUNT, now, taken.id]);
}

const walked = {
  id: 1_000,
  name: 'peer pattern',
  statements: [
    `CREATE TABLE walked_licenses (account text NOT NULL, id text NOT NULL, file text NOT NULL, license_key text NOT NULL,
       node_id text, claims bigint NOT NULL, created_at bigint NOT NULL, PRIMARY KEY (account, id))`,
    'CREATE UNIQUE INDEX walked_key ON walked_licenses (account, license_key)',
    'CREATE UNIQUE INDEX walked_node ON walked_licenses (account, node_id)',
    'CREATE TABLE walked_nodes (account text NOT NULL, id text NOT NULL, seen_at bigint NOT NULL, PRIMARY KEY (account, id))',
    'CREATE TABLE walked_log (account text NOT NULL, at bigint NOT NULL, license_id text NOT NULL)',
  ],
};

export const registry = defineRegistry(
  import.meta.url,
  { createAccount, createPool, fillPool, fillWalk, claim, walk, giveBack },
  {},
  { migrations: [...migrations, walked] },
);
