import { LeaseholdError, type Message } from '@leasehold/protocol';
import { assertReach } from '../companies/reach.js';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { refusal } from '../serving/refusal.js';
import { appendJournal, type ChangedRow, type Reader, type Tx } from '../store/index.js';
import { noteCover } from './cover.js';
import { noteDeclaration } from './declarations.js';
import { entitle, type Entry } from './entitle.js';
import { assertInstance, findInstance, updateInstance, type InstanceRow } from './instance.js';
import { machineChanged } from './rows.js';
import { judgeSuccession, succeed } from './succession.js';

export interface ForkDecided extends Pick<Message<'ForkDecide'>, 'decision' | 'license'> {
  readonly machine: string;
  readonly declaration: string;
}

interface Plan {
  readonly copy: InstanceRow;
  readonly original: InstanceRow;
}

/** An admin says what becomes of a copy: `replace`: it takes the place of its original, which is gone (AIP-2.1, F-7);
 * `license`: it is a second machine and takes a seat of its own; `retire`: it goes out of service. */
export const forkDecide: Change<ForkDecided, Plan, { readonly id: string }> = {
  async judge(reader, { account, scope }, { machine, decision, license: wanted }, now) {
    const copy = await assertInstance(reader, account, machine);
    const original = copy.forked_from === null ? undefined : await findInstance(reader, account, copy.forked_from);
    if (original === undefined || copy.forked_at === null) {
      throw new LeaseholdError('CONFLICT', 'Nothing is to be decided about this machine: it is no copy that waits.', {
        path: 'machine',
        remedy: 'Machines that wait are listed with the mark `fork`.',
      });
    }
    // That of the original may be the provider's: who acts for a company gives none of his seats away.
    const place = { id: original.entitlement_id, kind: 'license', place: 'body.license' } as const;
    if (decision === 'license' && wanted === undefined) await assertReach(reader, { account, scope, named: [place] });
    const found = decision === 'replace' ? await judgeSuccession(reader, original, copy, now) : BY_ROLE;
    return { decision: found, plan: { copy, original } };
  },
  async apply(tx, { account, actor }, input, plan, now) {
    const ways = { replace, license, retire };
    const { machines, rows } = await ways[input.decision](tx, input, plan, actor, now);
    const shown: ChangedRow[] = [];
    for (const row of machines) shown.push(machineChanged((await noteCover(tx, row, now)).row, now));
    appendJournal(tx, account, {
      type: 'fork.decided',
      subject: { type: 'machine', id: plan.copy.id },
      actor,
      companyId: plan.copy.company_id,
      details: { decision: input.decision, of: plan.original.id },
      rows: [...shown, ...rows],
    });
    return { id: plan.copy.id };
  },
};

interface Done {
  readonly machines: readonly InstanceRow[];
  readonly rows: readonly ChangedRow[];
}

/** Either of the two may have been the original while nothing told them apart; that is settled now. */
const SETTLED = { forked_at: null } as const;

async function replace(
  tx: Tx,
  { declaration }: ForkDecided,
  { copy, original }: Plan,
  actor: string,
  now: number,
): Promise<Done> {
  const said = { id: declaration, kind: 'disposed', of_id: copy.id, note: null, author: actor } as const;
  await noteDeclaration(tx, original, said, now);
  const { from, to, rows } = await succeed(tx, original, copy, now);
  const moved = await updateInstance(tx, to, { ...SETTLED, fork_decision: 'replace' });
  return { machines: [moved, await updateInstance(tx, from, SETTLED)], rows };
}

async function license(
  tx: Tx,
  { license: wanted }: ForkDecided,
  { copy, original }: Plan,
  _actor: string,
  now: number,
): Promise<Done> {
  const entry = await entryFor(tx, copy.account, wanted ?? original.entitlement_id);
  const entitled = await entitle(tx, entry, copy, now);
  if (!entitled.ok) throw refusal(entitled.decision, entitled.code);
  const columns = { ...entitled.columns, ...SETTLED, fork_decision: 'license' } as const;
  const machines = [await updateInstance(tx, copy, columns), await updateInstance(tx, original, SETTLED)];
  return { machines, rows: await entitled.rows() };
}

/** What kind of license it is; both kinds share one space of ids. */
async function entryFor(reader: Reader, account: string, id: string | null): Promise<Entry> {
  if (id !== null) {
    const tables = ['machine_license', 'instance_license', 'pool_key', 'pool_license'] as const;
    for (const kind of tables) {
      const found = await reader.get(`SELECT id FROM ${kind}s WHERE account = ? AND id = ?`, [account, id]);
      if (found !== undefined) return { kind, target: id };
    }
  }
  throw new LeaseholdError('NOT_FOUND', 'There is no such license to give it.', {
    path: 'license',
    remedy: 'Name a license with a free seat.',
  });
}

async function retire(
  tx: Tx,
  { declaration }: ForkDecided,
  { copy, original }: Plan,
  actor: string,
  now: number,
): Promise<Done> {
  const said = { id: declaration, kind: 'disposed', of_id: null, note: null, author: actor } as const;
  await noteDeclaration(tx, copy, said, now);
  const gone = { ...SETTLED, fork_decision: 'retire', state: 'retired', declared: 'disposed' } as const;
  return { machines: [await updateInstance(tx, copy, gone), await updateInstance(tx, original, SETTLED)], rows: [] };
}
