import type { Reader, Tx } from '../store/index.js';
import { mayTell, type Border } from './border.js';
import { machineOf } from './guests.js';
import { allOf } from '../store/many.js';

/** The id under which a host is known: what it was called by a license or a declaration before an inventory first told of
 * it stays its id, so that its license goes on. A host is the same as one that was noted for the machine it runs on, and
 * as the one that all its guests were told they live on, where nobody has reported that yet (F-1) and the reporter may.
 * `others`: ids of hosts in the same report. One license counts for one host (AIP-6.1), so no two have one id. */
export async function knownHost(
  tx: Tx,
  { account, border }: { readonly account: string; readonly border: Border },
  name: string,
  guests: readonly string[],
  others: ReadonlySet<string>,
): Promise<string> {
  const known = await tx.get<{ host_id: string }>('SELECT host_id FROM host_names WHERE account = ? AND name = ?', [
    account,
    name,
  ]);
  if (known !== undefined && !others.has(known.host_id)) return known.host_id;
  const reported = await tx.get('SELECT id FROM hosts WHERE account = ? AND id = ?', [account, name]);
  if (reported !== undefined) return name;
  const noted = (await ofItsMachine(tx, account, name)) ?? (await ofDeclarations(tx, account, guests));
  const isNoted = noted !== undefined && !others.has(noted) && (await mayTell(tx, account, border, noted));
  const host = isNoted ? noted : name;
  await tx.run(
    `INSERT INTO host_names (account, name, host_id) VALUES (?, ?, ?)
       ON CONFLICT (account, name) DO UPDATE SET host_id = excluded.host_id`,
    [account, name, host],
  );
  return host;
}

/** The ids of hosts that are known under others than these names. */
export async function knownAs(
  reader: Reader,
  account: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await allOf<{ name: string; host_id: string }>(
    reader,
    'SELECT name, host_id FROM host_names WHERE account = ? AND name IN (*)',
    account,
    names,
  );
  return new Map(rows.map((row) => [row.name, row.host_id]));
}

/** A host without an inventory is one that a license or a declaration named, and nobody else yet. */
const UNREPORTED = 'SELECT id FROM hosts WHERE account = ? AND inventory_at IS NULL';

async function ofItsMachine(tx: Tx, account: string, name: string): Promise<string | undefined> {
  const machine = await machineOf(tx, account, name);
  if (machine === undefined) return undefined;
  const host = await tx.get<{ id: string }>(`${UNREPORTED} AND on_machine = ? ORDER BY id LIMIT 1`, [account, machine]);
  return host?.id;
}

async function ofDeclarations(tx: Tx, account: string, guests: readonly string[]): Promise<string | undefined> {
  const declared = await allOf<{ declared: string }>(
    tx,
    // CROSS JOIN keeps SQLite to that order: it would begin with every machine that was declared on some host.
    `SELECT DISTINCT i.declared_host_id AS declared FROM machine_components c CROSS JOIN instances i WHERE c.account = ?
       AND c.name = 'hardware_uuid' AND c.hash IN (*) AND i.account = c.account AND i.id = c.instance_id
       AND i.declared_host_id IS NOT NULL`,
    account,
    guests,
  );
  const names = [...new Set(declared.map((row) => row.declared))];
  if (names.length !== 1) return undefined;
  const host = await tx.get<{ id: string }>(`${UNREPORTED} AND id = ? AND on_machine IS NULL`, [account, names[0]!]);
  return host?.id;
}
