// Fills a database with machines as one that was activated left them: its rows, with ids, keys and parts of their own.
import { defineRegistry } from '../../../packages/authority/dist/store/index.js';
import { migrations } from '../../../packages/authority/dist/store/migrations/index.js';

const ACCOUNT = 'acme';

async function template(reader, { instance }) {
  return reader.get('SELECT * FROM instances WHERE account = ? AND id = ?', [ACCOUNT, instance]);
}

async function insert(tx, table, rows) {
  const columns = Object.keys(rows[0]);
  const one = `(${columns.map(() => '?').join(', ')})`;
  const values = rows.flatMap((row) => columns.map((column) => row[column]));
  await tx.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ${rows.map(() => one).join(', ')}`, values);
}

/** `machines`: id, jkt, components and the lease at the head of the chain. */
async function fill(tx, { row, license, machines }, now) {
  const common = { account: ACCOUNT };
  await insert(
    tx,
    'instances',
    machines.map(({ id, jkt, components, lease }) => ({
      ...row,
      id,
      jkt,
      label: id,
      components: JSON.stringify(components),
      lease_id: lease,
      lease_nonce: lease.slice(2),
    })),
  );
  const parts = machines.flatMap(({ id, components }) =>
    Object.entries(components).map(([name, hash]) => ({ ...common, name, hash, instance_id: id })),
  );
  await insert(tx, 'machine_components', parts);
  await insert(
    tx,
    'seats',
    machines.map(({ id }) => ({
      ...common,
      license_id: license,
      instance_id: `machine:${id}`,
      state: 'held',
      taken_at: now,
    })),
  );
  await tx.run('UPDATE machine_licenses SET used = used + ? WHERE account = ? AND id = ?', [
    machines.length,
    ACCOUNT,
    license,
  ]);
}

export const registry = defineRegistry(import.meta.url, { fill }, { template }, { migrations });
