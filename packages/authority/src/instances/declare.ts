import { LeaseholdError, type Message } from '@leasehold/protocol';
import { BY_ROLE, type By, type Change } from '../serving/changes.js';
import { appendJournal, type ChangedRow, type Tx } from '../store/index.js';
import { noteCover } from './cover.js';
import { noteDeclaration, withdrawGone } from './declarations.js';
import { assertInstance, updateInstance, type InstanceRow } from './instance.js';
import { machineChanged } from './rows.js';
import { judgeSuccession, succeed } from './succession.js';

export interface Declared extends Pick<Message<'MachineDeclare'>, 'kind' | 'of' | 'note'> {
  readonly machine: string;
  /** The id that the declaration gets. */
  readonly id: string;
}

interface Plan {
  readonly row: InstanceRow;
  readonly other: InstanceRow | undefined;
}

/** Takes down what only a person knows of a machine. `replaces` is judged by the rules, because it moves a license. */
export const machineDeclare: Change<Declared, Plan, { readonly id: string }> = {
  async judge(reader, { account }, { machine, kind, of }, now) {
    const row = await assertInstance(reader, account, machine);
    const named = kind === 'standby_of' || kind === 'replaces';
    if (named !== (of !== undefined) || of === machine) {
      throw new LeaseholdError('INPUT_INVALID', named ? `${kind} names another machine.` : `${kind} names no other.`, {
        path: 'of',
      });
    }
    const other = of === undefined ? undefined : await assertInstance(reader, account, of, 'of');
    const decision = kind === 'replaces' ? await judgeSuccession(reader, other!, row, now) : BY_ROLE;
    return { decision, plan: { row, other } };
  },
  async apply(tx, by, input, { row, other }, now) {
    const changed = await take(tx, by, input, row, other, now);
    const rows: ChangedRow[] = [];
    for (const one of changed.machines) rows.push(machineChanged((await noteCover(tx, one, now)).row, now));
    const { kind, of = null } = input;
    appendJournal(tx, by.account, {
      type: 'machine.declared',
      subject: { type: 'machine', id: row.id },
      actor: by.actor,
      companyId: row.company_id,
      details: { kind, of },
      rows: [...rows, ...changed.rows],
    });
    return { id: input.id };
  },
};

interface Taken {
  readonly machines: readonly InstanceRow[];
  readonly rows: readonly ChangedRow[];
}

async function take(
  tx: Tx,
  { actor }: By,
  { id, kind, of, note }: Declared,
  row: InstanceRow,
  other: InstanceRow | undefined,
  now: number,
): Promise<Taken> {
  if (kind === 'in_service') {
    await withdrawGone(tx, row, now);
    return { machines: [await updateInstance(tx, row, { declared: null, contradicted_at: null })], rows: [] };
  }
  await noteDeclaration(tx, row, { id, kind, of_id: of ?? null, note: note ?? null, author: actor }, now);
  if (kind === 'standby_of') return { machines: [await updateInstance(tx, row, { standby_of: of! })], rows: [] };
  if (kind === 'replaces') {
    await noteDeclaration(
      tx,
      other!,
      { id: `${id}.of`, kind: 'disposed', of_id: row.id, note: note ?? null, author: actor },
      now,
    );
    const { from, to, rows } = await succeed(tx, other!, row, now);
    return { machines: [to, from], rows };
  }
  return { machines: [await updateInstance(tx, row, { declared: kind, contradicted_at: null })], rows: [] };
}
