import { LeaseholdError, type LeaseClaims, type Message } from '@leasehold/protocol';
import { reportedHost } from '../hosts/under.js';
import { notePoolCheck } from '../pools/check.js';
import { appendJournal, type Tx } from '../store/index.js';
import { countUsage } from '../usage/count.js';
import { recordRefusals } from '../usage/refusals.js';
import { assertProduct } from './activate.js';
import { leaveBranch, placeInChain, reviveBranch, type Standing } from './chain.js';
import { noteCover, type Covered } from './cover.js';
import { noteComponents } from './identity.js';
import { holdInstance, reported, updateInstance, type InstanceRow, type Verdict } from './instance.js';
import { headColumns, headLease, type Issued } from './lease.js';
import { recoverInstance } from './recover.js';
import { machineChanged } from './rows.js';
import { verdictOf } from './verdicts.js';

export interface CheckIn {
  readonly account: string;
  readonly jkt: string;
  readonly request: Omit<Message<'CheckInRequest'>, 'lease'>;
  /** The lease that came with the request, where its seal held. */
  readonly held: LeaseClaims | undefined;
}

export interface CheckedIn {
  readonly issued: Issued;
  readonly verdict: Verdict;
  readonly usageSeen: { readonly epoch: string; readonly n: number } | null;
  /** Minutes that the machine's clock is ahead of UTC, for when to come back; null: unknown. */
  readonly utcOffsetMinutes: number | null;
}

/** One round trip: usage and refusals are taken in, the lease is renewed along its chain. A routine check-in moves
 * columns and is not journaled; what changes rights or needs a person is. */
export async function checkIn(tx: Tx, input: CheckIn, now: number): Promise<CheckedIn> {
  const { account, request } = input;
  const before = await heldBy(tx, input, now);
  await assertProduct(tx, account, request.product);
  const usage = request.usage === undefined ? null : await countUsage(tx, account, before.id, request.usage, now);
  const counts = { jobs: before.jobs + (usage?.runs ?? 0), bytes: before.bytes + (usage?.bytes ?? 0) };
  await takeRefusals(tx, account, before, request.refusals ?? [], now);
  const where = await placeInChain(tx, before, request.chain, input.held);
  const { row, known } =
    where === 'repeated'
      ? { row: await updateInstance(tx, before, counts), known: undefined }
      : await renew(tx, input, { ...before, ...counts }, where, now);
  const utcOffsetMinutes = request.server?.utcOffsetMinutes ?? null;
  const usageSeen = usage === null ? null : usage.seen;
  return { issued: await headLease(tx, row, known), verdict: row.verdict, usageSeen, utcOffsetMinutes };
}

/** The active instance that asks, held by its device key; as its lease shows it where the database is older than that. */
async function heldBy(tx: Tx, input: CheckIn, now: number): Promise<InstanceRow> {
  const row = await holdInstance(tx, input.account, input.request.instance);
  const { held } = input;
  const asKnown = row?.jkt === input.jkt && row.state === 'active';
  const moved = held !== undefined && held.seq > (row?.lease_seq ?? 0) && held.license !== row?.entitlement_id;
  if (asKnown && !moved) return row;
  const recovered = await recoverInstance(tx, input, row, now);
  if (recovered !== undefined) return recovered;
  if (asKnown) return row;
  throw notHeld(row, input.jkt);
}

function notHeld(row: InstanceRow | undefined, jkt: string): LeaseholdError {
  if (row === undefined) {
    return new LeaseholdError('INSTANCE_UNKNOWN', 'This authority does not know the instance.', {
      path: 'instance',
      remedy: 'Activate again with the license key; the same machine gets its seat back.',
    });
  }
  if (row.jkt !== jkt) {
    return new LeaseholdError('FORBIDDEN', 'The instance belongs to another device key.', {
      remedy: 'Activate again with the license key: this machine was activated anew, or its state was copied.',
    });
  }
  return new LeaseholdError('NOT_ACTIVATED', 'The seat of this instance was given back.', {
    remedy: 'Activate again with the license key.',
  });
}

async function takeRefusals(
  tx: Tx,
  account: string,
  row: InstanceRow,
  reports: readonly Message<'RefusalReport'>[],
  now: number,
): Promise<void> {
  const refusals = reports.map(({ id, at, action, decision }) => {
    return { id, at: Math.min(Date.parse(at), now), machine: row.id, action, decision };
  });
  await recordRefusals(tx, account, `instance:${row.id}`, refusals, now);
}

async function renew(tx: Tx, input: CheckIn, before: InstanceRow, where: Standing, now: number): Promise<Covered> {
  const { account, request, held } = input;
  const { machine, server } = request;
  const verdict = verdictOf(before, machine, where);
  await turnBranches(tx, before, where, request.chain.parent, now);
  const hardwareUuid = machine.components['hardware_uuid'];
  const columns = reported(machine, server?.version ?? request.version, server?.utcOffsetMinutes);
  const seq = (where === 'recovered' ? held!.seq : before.lease_seq) + 1;
  if (server !== undefined) await notePoolCheck(tx, before, server, now);
  const row = await updateInstance(tx, before, {
    ...columns,
    jobs: before.jobs,
    bytes: before.bytes,
    ...(await headColumns(tx, before, request.chain, seq, now)),
    verdict,
    host_id: (await reportedHost(tx, account, { id: before.id, hardwareUuid })) ?? before.host_id,
    last_seen_at: now,
    forked_at: verdict === 'cloned' ? (before.forked_at ?? now) : before.forked_at,
  });
  if (columns.components !== before.components) await noteComponents(tx, account, before.id, machine);
  const covered = await noteCover(tx, row, now);
  journalTurn(tx, before, covered.row, where, covered.changed, now);
  return covered;
}

/** A chain that goes on from elsewhere than its head leaves a branch behind. */
async function turnBranches(
  tx: Tx,
  before: InstanceRow,
  where: Standing,
  parent: string | null,
  now: number,
): Promise<void> {
  if (where === 'next' || where === 'recovered') return;
  await leaveBranch(tx, before, now);
  if (where === 'cloned') await reviveBranch(tx, before, parent!);
}

/** What of a check-in needs a person, or changes what the machine may do. A fork is told once. */
function journalTurn(
  tx: Tx,
  before: InstanceRow,
  row: InstanceRow,
  where: Standing,
  coverChanged: boolean,
  now: number,
): void {
  const type = turnOf(before, row, where, coverChanged);
  if (type === undefined) return;
  appendJournal(tx, row.account, {
    type,
    subject: { type: 'machine', id: row.id },
    actor: `instance:${row.id}`,
    companyId: row.company_id,
    details: { verdict: row.verdict, decision: row.cover_decision, rule: row.cover_rule },
    rows: [machineChanged(row, now)],
  });
}

function turnOf(before: InstanceRow, row: InstanceRow, where: Standing, coverChanged: boolean): string | undefined {
  if (where === 'recovered') return 'instance.recovered';
  if (row.verdict === 'cloned' && before.forked_at === null) return 'instance.forked';
  if (row.verdict === 'restored' && before.forked_at === null) return 'instance.restored';
  if (row.verdict === 'moved' && before.verdict !== 'moved') return 'instance.moved';
  return coverChanged ? 'instance.cover_changed' : undefined;
}
