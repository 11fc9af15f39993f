import type { Message } from '@leasehold/protocol';
import type { Decision } from '@leasehold/terms';
import { machineWithin, type Scope } from '../companies/reach.js';
import { appendJournal, type ChangedRow, type Reader, type Tx } from '../store/index.js';

export type RefusalRow = Message<'RefusalRow'>;

interface Columns {
  readonly id: string;
  readonly at: number;
  readonly instance_id: string | null;
  readonly action: string;
  readonly decision: string;
}

/** A refusal on its way into the books: one that an agent decided, or this authority. */
export interface Refused {
  /** Known again by this: an agent sends it until it is acknowledged. */
  readonly id: string;
  readonly at: number;
  readonly machine: string | null;
  readonly action: string;
  readonly decision: Decision | RefusalRow['decision'];
}

/** Characters of a decision that is kept whole: those of the rules have some hundred. The last refusals stand on the first
 * page of everyone who looks after the machine. */
const WHOLE = 8000;

/** Keeps refusals once each, and journals those that are new. */
export async function recordRefusals(
  tx: Tx,
  account: string,
  actor: string,
  refusals: readonly Refused[],
  now: number,
): Promise<void> {
  const rows: ChangedRow[] = [];
  for (const { id, at, machine, action, decision: told } of refusals) {
    const decision = JSON.stringify(told).length > WHOLE ? bare(told) : told;
    const added = await tx.run(
      `INSERT INTO refusals (account, id, at, instance_id, action, decision, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (account, id) DO NOTHING`,
      [account, id, at, machine, action, JSON.stringify(decision), now],
    );
    const row = { id, at, instance_id: machine, action, decision: JSON.stringify(decision) };
    if (added > 0) rows.push({ table: 'refusal', id, row: refusalRow(row) });
  }
  const first = rows[0];
  if (first === undefined) return;
  appendJournal(tx, account, {
    type: 'refusal.reported',
    subject: { type: 'refusal', id: first.id },
    actor,
    details: { count: rows.length },
    rows,
  });
}

function bare({ decision, reason_rule, code }: Refused['decision']): Refused['decision'] {
  return { decision, reason_rule, ...(code === undefined ? {} : { code }) };
}

function refusalRow(row: Columns): RefusalRow {
  return {
    id: row.id,
    at: new Date(row.at).toISOString(),
    machine: row.instance_id,
    action: row.action,
    decision: JSON.parse(row.decision) as RefusalRow['decision'],
  };
}

/** The last refusals, newest first; `after` is the last row of the page before. */
export async function listRefusals(
  reader: Reader,
  ask: {
    readonly account: string;
    readonly scope: Scope;
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<Message<'RefusalPage'>> {
  const { account, after, limit } = ask;
  const own = machineWithin('instance_id', ask);
  const from =
    after === null
      ? undefined
      : await reader.get<{ recorded_at: number }>('SELECT recorded_at FROM refusals WHERE account = ? AND id = ?', [
          account,
          after,
        ]);
  const rows = await reader.all<Columns>(
    from === undefined
      ? `SELECT * FROM refusals WHERE account = ? AND ${own.sql} ORDER BY recorded_at DESC, id DESC LIMIT ?`
      : `SELECT * FROM refusals WHERE account = ? AND ${own.sql} AND (recorded_at < ? OR (recorded_at = ? AND id < ?))
           ORDER BY recorded_at DESC, id DESC LIMIT ?`,
    from === undefined
      ? [account, ...own.params, limit]
      : [account, ...own.params, from.recorded_at, from.recorded_at, after, limit],
  );
  const total = await reader.get<{ n: number }>(`SELECT count(*) AS n FROM refusals WHERE account = ? AND ${own.sql}`, [
    account,
    ...own.params,
  ]);
  return {
    rows: rows.map((row) => refusalRow(row)),
    next: rows.length < limit ? null : rows.at(-1)!.id,
    total: total?.n ?? 0,
  };
}
