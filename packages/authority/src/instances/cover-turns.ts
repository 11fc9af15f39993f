import { judgeAgain, nodesBeside } from '../hosts/report.js';
import { appendJournal, type Tx } from '../store/index.js';
import { noteCover } from './cover.js';
import { holdInstance, type InstanceRow } from './instance.js';
import { machineChanged } from './rows.js';

/** Judges the machines again whose answer time alone has changed: a license has ended or begun, or a grace is over (D-2, D-3,
 * F-4). One that is silent is shown as it is, and no boot medium is stamped that calls it covered (AIP-9.1). Answers how many
 * it judged. */
export async function judgeTurned(tx: Tx, account: string, limit: number, now: number): Promise<number> {
  const due = await tx.all<{ id: string }>(
    `SELECT id FROM instances WHERE account = ? AND state = 'active' AND cover_until <= ? ORDER BY cover_until, id LIMIT ?`,
    [account, now, limit],
  );
  for (const id of due.map((row) => row.id).sort()) {
    const row = await holdInstance(tx, account, id);
    if (row !== undefined && isDue(row, now)) await judgeMachine(tx, row, now);
  }
  return due.length;
}

/** It may have checked in since it was looked for. */
function isDue({ state, cover_until: at }: InstanceRow, now: number): boolean {
  return state === 'active' && at !== null && at <= now;
}

async function judgeMachine(tx: Tx, before: InstanceRow, now: number): Promise<void> {
  const covered = await noteCover(tx, before, now);
  const { row } = covered;
  const beside = (await nodesBeside(tx, before, covered)).filter((id) => id !== row.id);
  const nodes = await judgeAgain(tx, row.account, beside, now);
  if (!covered.changed && nodes.length === 0) return;
  appendJournal(tx, row.account, {
    type: 'instance.cover_changed',
    subject: { type: 'machine', id: row.id },
    actor: 'system',
    companyId: row.company_id,
    details: { verdict: row.verdict, decision: row.cover_decision, rule: row.cover_rule },
    rows: [machineChanged(row, now), ...nodes],
  });
}
