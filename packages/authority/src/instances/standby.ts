import { BY_ROLE, type Change } from '../serving/changes.js';
import { appendJournal, type Tx } from '../store/index.js';
import { noteDeclaration } from './declarations.js';
import { assertInstance, insertInstance, newInstance, type InstanceRow } from './instance.js';
import { machineChanged } from './rows.js';

export interface Standby {
  /** The machine that it stands by for. */
  readonly machine: string;
  readonly id: string;
  readonly name: string;
}

/** Declares a standby that was never started: a machine of its own, to be licensed as one (AIP-1.1), whose lease begins at
 * its first boot, with the state of the machine that it stands by for (F-6). */
export const standbyCreate: Change<Standby, InstanceRow, { readonly id: string }> = {
  async judge(reader, { account }, { machine }) {
    return { decision: BY_ROLE, plan: await assertInstance(reader, account, machine) };
  },
  async apply(tx, { account, actor }, { id, name }, active, now) {
    const row = await declareStandby(tx, active, { id, name, author: actor }, now);
    appendJournal(tx, account, {
      type: 'standby.declared',
      subject: { type: 'machine', id },
      actor,
      companyId: row.company_id,
      details: { of: active.id, name },
      rows: [machineChanged(row, now)],
    });
    return { id };
  },
};

/** A machine of its own that waits for the state of the active one to boot. */
export async function declareStandby(
  tx: Tx,
  active: InstanceRow,
  { id, name, author }: { readonly id: string; readonly name: string; readonly author: string },
  now: number,
): Promise<InstanceRow> {
  const { account, product } = active;
  const row = await insertInstance(tx, {
    ...newInstance({ account, id, product, jkt: '', registered_at: now, last_seen_at: now }),
    label: name,
    state: 'standby',
    standby_of: active.id,
    company_id: active.company_id,
    kind: active.kind,
    os: active.os,
    host_id: active.host_id,
    declared_host_id: active.declared_host_id,
    entitlement_kind: active.entitlement_kind,
  });
  const said = { id: `${id}.standby`, kind: 'standby_of', of_id: active.id, note: null, author } as const;
  await noteDeclaration(tx, row, said, now);
  return row;
}
