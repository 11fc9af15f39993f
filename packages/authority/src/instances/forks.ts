import type { LeaseClaims, Message } from '@leasehold/protocol';
import { appendJournal, type Tx } from '../store/index.js';
import { heirOfBranch, leaveBranch, placeInChain, type Standing } from './chain.js';
import { noteCover } from './cover.js';
import { noteEvidence } from './evidence.js';
import { likeness, noteComponents } from './identity.js';
import {
  componentsOf,
  holdInstance,
  insertInstance,
  isCovered,
  updateInstance,
  type InstanceRow,
  type MachineReport,
} from './instance.js';
import { headColumns } from './lease.js';
import { originalOf } from './origin.js';
import { useLineage, type LineageNote } from './lineage.js';
import { machineChanged } from './rows.js';

interface Asked {
  /** The id that a copy gets. */
  readonly freshId: string;
  readonly request: Pick<Message<'CheckInRequest'>, 'chain' | 'machine'>;
  readonly held: LeaseClaims | undefined;
  readonly lineage: LineageNote | undefined;
}

/** Whose check-in it is, and where it stands in that one's chain. */
export interface Speaker {
  readonly row: InstanceRow;
  readonly where: Standing;
}

/** Copies and standbys of one machine that are looked at. */
const KIN = 64;

/** Whose check-in this is: usually the instance's that it names. A machine that was copied from it, or a standby that
 * booted with its state, still names it until it has heard who it is now; and the branch that speaks for the second time
 * is a copy, which becomes an instance of its own (design section 3, Lease chain). */
export async function whoSpeaks(tx: Tx, named: InstanceRow, asked: Asked, now: number): Promise<Speaker> {
  const { chain, machine } = asked.request;
  const isOther = likeness(named, machine).verdict === 'different';
  if (isOther || chain.parent !== named.lease_id) {
    const kin = await kinOf(tx, named, asked, isOther);
    if (kin !== undefined) return { row: kin, where: await placeInChain(tx, kin, chain, undefined) };
  }
  const where = await placeInChain(tx, named, chain, asked.held);
  const restored = await byNote(tx, named, asked, where, now);
  if (restored !== undefined) return restored;
  if (chain.parent === null || goesOn(named, where)) return { row: named, where };
  if (isOther || where === 'cloned') {
    const standby = await waitingStandby(tx, named);
    if (standby !== undefined) return { row: await boot(tx, named, standby, chain.parent, now), where: 'next' };
  }
  return where === 'cloned' ? fork(tx, named, chain.parent, asked, now) : { row: named, where };
}

function goesOn({ state }: InstanceRow, where: Standing): boolean {
  return where === 'repeated' || where === 'recovered' || state !== 'active';
}

/** A machine that was restored by a job that says so. As a standby it boots under its own name; as a transfer it goes on
 * under the name of its source, and the branch that this leaves is known again as the copy's if it speaks. */
async function byNote(
  tx: Tx,
  named: InstanceRow,
  { freshId, lineage, request: { chain, machine } }: Asked,
  where: Standing,
  now: number,
): Promise<Speaker | undefined> {
  const { parent } = chain;
  if (lineage === undefined || where === 'repeated' || parent === null || named.state !== 'active') return undefined;
  const restored = await useLineage(tx, named, lineage, { freshId, machine }, now);
  if (restored === undefined) return undefined;
  if (restored.as === 'standby') return { row: await boot(tx, named, restored.standby, parent, now), where: 'next' };
  if (where === 'next') await leaveBranch(tx, named, now);
  return { row: restored.row, where: where === 'cloned' ? 'original' : where };
}

/** The instance that this machine has become since it was copied: by its branch, by the request that was answered so, or by
 * its parts where they are not those of the machine it names. */
async function kinOf(
  tx: Tx,
  named: InstanceRow,
  { request: { chain, machine } }: Asked,
  isOther: boolean,
): Promise<InstanceRow | undefined> {
  const { account, id } = named;
  const heir = chain.parent === null ? undefined : await heirOfBranch(tx, named, chain.parent);
  if (heir !== undefined) return holdInstance(tx, account, heir);
  const all = await tx.all<InstanceRow>(
    'SELECT * FROM instances WHERE account = ? AND forked_from = ? ORDER BY id LIMIT ?',
    [account, id, KIN],
  );
  const found = all.find(
    (kin) =>
      (kin.lease_parent === chain.parent && kin.lease_nonce === chain.nonce) ||
      (kin.lease_id === chain.parent && named.lease_id !== chain.parent) ||
      (isOther && isAlike(kin, machine)),
  );
  return found === undefined ? undefined : holdInstance(tx, account, found.id);
}

function isAlike(kin: InstanceRow, machine: MachineReport): boolean {
  const { verdict } = likeness(kin, machine);
  return verdict === 'same' || verdict === 'drift';
}

/** A declared standby of this machine that never spoke yet (F-6). */
async function waitingStandby(tx: Tx, { account, id }: InstanceRow): Promise<InstanceRow | undefined> {
  return tx.get<InstanceRow>(
    "SELECT * FROM instances WHERE account = ? AND standby_of = ? AND state = 'standby' ORDER BY id LIMIT 1",
    [account, id],
  );
}

/** A standby boots with the state of its active machine: it goes on from there under its own name, and the chain of the
 * active machine stays as it was, should that come back. */
async function boot(
  tx: Tx,
  active: InstanceRow,
  standby: InstanceRow,
  parent: string,
  now: number,
): Promise<InstanceRow> {
  const row = await updateInstance(tx, standby, {
    ...inherited(active, parent),
    state: 'active',
    fork_decision: 'standby',
    was_covered: Math.max(active.was_covered, standby.was_covered),
    entitlement_kind: standby.entitlement_kind ?? active.entitlement_kind,
  });
  appendJournal(tx, row.account, {
    type: 'standby.booted',
    subject: { type: 'machine', id: row.id },
    actor: `instance:${row.id}`,
    companyId: row.company_id,
    details: { of: active.id },
    rows: [machineChanged(row, now)],
  });
  return row;
}

/** Both branches have spoken. The copy becomes an instance of its own under the shortage grace (F-4); the original keeps
 * everything. Where nothing tells them apart, both are shown, and who holds the head keeps the name. */
async function fork(tx: Tx, named: InstanceRow, parent: string, asked: Asked, now: number): Promise<Speaker> {
  const original = originalOf(named, asked.request.machine);
  const speakerIsOriginal = original === 'speaker';
  const branch = speakerIsOriginal ? named.lease_id! : parent;
  const copy = await branchOff(tx, named, branch, asked, speakerIsOriginal, now);
  await leaveBranch(tx, { ...named, lease_id: branch }, now, copy.id);
  const kept = await tellFork(tx, named, copy, original === undefined, now);
  return speakerIsOriginal ? { row: kept, where: 'original' } : { row: copy, where: 'cloned' };
}

/** A machine that nothing tells from this instance but its device key (twins.ts) becomes one of its own, under the same
 * grace. `drawn`: the instance as that machine tells it. */
export async function forkTwin(
  tx: Tx,
  named: InstanceRow,
  drawn: InstanceRow,
  asked: Pick<Asked, 'freshId' | 'request'>,
  now: number,
): Promise<InstanceRow> {
  const copy = await branchOff(tx, drawn, named.lease_id!, asked, false, now);
  const { chain, machine } = asked.request;
  const row = await updateInstance(tx, copy, await headColumns(tx, copy, chain, copy.lease_seq + 1, now));
  await noteEvidence(tx, named, row, { where: 'cloned', machine }, now);
  await tellFork(tx, named, row, true, now);
  return row;
}

/** A copy that the database does not know, because it was made since the backup from which that was restored: it is one
 * again, and a person is asked once more. `drawn`: the original as the copy tells it; `head`: the columns of the lease that
 * the copy holds. */
export async function recoverCopy(
  tx: Tx,
  original: InstanceRow,
  drawn: InstanceRow,
  { head, ...asked }: Pick<Asked, 'freshId' | 'request'> & { readonly head: Partial<InstanceRow> },
  now: number,
): Promise<InstanceRow> {
  const copy = await branchOff(tx, drawn, asked.request.chain.parent!, asked, false, now);
  const row = await updateInstance(tx, copy, head);
  await tellFork(tx, original, row, false, now);
  return row;
}

/** Answers the one that keeps the name: marked too, where it may be the copy. */
async function tellFork(
  tx: Tx,
  named: InstanceRow,
  copy: InstanceRow,
  undecided: boolean,
  now: number,
): Promise<InstanceRow> {
  const kept = undecided ? await updateInstance(tx, named, { forked_at: named.forked_at ?? now }) : named;
  appendJournal(tx, named.account, {
    type: 'instance.forked',
    subject: { type: 'machine', id: copy.id },
    actor: `instance:${named.id}`,
    companyId: named.company_id,
    details: { of: named.id, undecided },
    rows: [machineChanged(copy, now), machineChanged(kept, now)],
  });
  return kept;
}

async function branchOff(
  tx: Tx,
  named: InstanceRow,
  branch: string,
  { freshId, request }: Pick<Asked, 'freshId' | 'request'>,
  asItWas: boolean,
  now: number,
): Promise<InstanceRow> {
  const copy = await insertInstance(tx, {
    ...named,
    ...inherited(named, branch),
    ...(asItWas ? { lease_parent: named.lease_parent, lease_nonce: named.lease_nonce } : {}),
    id: freshId,
    state: 'active',
    verdict: 'cloned',
    registered_at: now,
    forked_at: now,
    fork_decision: null,
    entitlement_id: null,
    standby_of: null,
    declared: null,
    contradicted_at: null,
    superseded_by: null,
    superseded_at: null,
    bytes: 0,
    jobs: 0,
  });
  const machine = asItWas ? undefined : request.machine;
  await noteComponents(tx, copy.account, copy.id, machine ?? { components: componentsOf(named) });
  // Reports that were written before the copy was made, and counted for its original, are not counted again.
  await tx.run(
    `INSERT INTO usage_seen (account, instance_id, outbox_epoch, n, seen_at)
       SELECT account, ?, outbox_epoch, n, seen_at FROM usage_seen WHERE account = ? AND instance_id = ?`,
    [copy.id, copy.account, named.id],
  );
  // What had ended before gets no days by being copied (F-4). Where the copy spoke last, the row may tell of its own host
  // already, and says nothing of the cover before.
  return (await noteCover(tx, copy, now, asItWas || isCovered(named))).row;
}

/** What goes along with a copied state: the device key, and the place in the chain from which it goes on. */
function inherited(from: InstanceRow, branch: string): Partial<InstanceRow> {
  return {
    jkt: from.jkt,
    product: from.product,
    company_id: from.company_id,
    forked_from: from.id,
    lease_id: branch,
    lease_seq: Number(branch.split('.')[0]),
    lease_parent: null,
    lease_nonce: null,
    lease_epoch: from.lease_epoch,
    lease_issued_at: from.lease_issued_at,
    lease_expires_at: from.lease_expires_at,
    origin: null,
  };
}
