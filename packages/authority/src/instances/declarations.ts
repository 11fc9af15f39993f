import type { Message } from '@leasehold/protocol';
import { appendJournal, type Reader, type Tx } from '../store/index.js';
import { updateInstance, type InstanceRow } from './instance.js';
import { machineChanged } from './rows.js';

type DeclarationRow = Message<'DeclarationRow'>;

interface Columns {
  readonly id: string;
  readonly machine_id: string;
  readonly kind: DeclarationRow['kind'];
  readonly of_id: string | null;
  readonly note: string | null;
  readonly author: string;
  readonly made_at: number;
  readonly contradicted_at: number | null;
  readonly withdrawn_at: number | null;
}

/** What a person said of a machine, with who and when (rules, design remark 1). */
export async function noteDeclaration(
  tx: Tx,
  row: InstanceRow,
  said: Pick<Columns, 'id' | 'kind' | 'of_id' | 'note' | 'author'>,
  now: number,
): Promise<void> {
  await tx.run(
    `INSERT INTO declarations (account, id, machine_id, kind, of_id, note, author, made_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    [row.account, said.id, row.id, said.kind, said.of_id, said.note, said.author, now],
  );
}

/** Takes back that a machine is gone. */
export async function withdrawGone(tx: Tx, { account, id }: InstanceRow, now: number): Promise<void> {
  await tx.run(
    `UPDATE declarations SET withdrawn_at = ?
       WHERE account = ? AND machine_id = ? AND kind IN ('disposed', 'dead') AND withdrawn_at IS NULL`,
    [now, account, id],
  );
}

/** A machine that was declared gone speaks: kept with the declaration and told once; from now on it counts as a second
 * machine (AIP-2.2). */
export async function noteContradiction(tx: Tx, row: InstanceRow, now: number): Promise<InstanceRow> {
  if (row.declared === null || row.contradicted_at !== null) return row;
  const { account, id } = row;
  await tx.run(
    `UPDATE declarations SET contradicted_at = ?
       WHERE account = ? AND machine_id = ? AND kind IN ('disposed', 'dead') AND withdrawn_at IS NULL`,
    [now, account, id],
  );
  const spoke = await updateInstance(tx, row, { contradicted_at: now });
  appendJournal(tx, account, {
    type: 'machine.contradicted',
    subject: { type: 'machine', id },
    actor: `instance:${id}`,
    companyId: row.company_id,
    details: { declared: row.declared, supersededBy: row.superseded_by },
    rows: [machineChanged(spoke, now)],
  });
  return spoke;
}

/** The last first. */
export async function declarationsOf(reader: Reader, account: string, machine: string): Promise<DeclarationRow[]> {
  const rows = await reader.all<Columns>(
    'SELECT * FROM declarations WHERE account = ? AND machine_id = ? ORDER BY made_at DESC, id LIMIT 200',
    [account, machine],
  );
  return rows.map((row) => ({
    id: row.id,
    machine: row.machine_id,
    kind: row.kind,
    of: row.of_id,
    note: row.note,
    author: row.author,
    at: iso(row.made_at),
    contradictedAt: row.contradicted_at === null ? null : iso(row.contradicted_at),
    withdrawnAt: row.withdrawn_at === null ? null : iso(row.withdrawn_at),
  }));
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
