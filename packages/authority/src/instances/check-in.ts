import { LeaseholdError, type EventType, type LeaseClaims, type Message } from '@leasehold/protocol';
import { judgeAgain, nodesBeside } from '../hosts/report.js';
import { reportedHost } from '../hosts/under.js';
import { notePoolCheck } from '../pools/check.js';
import { appendJournal, type ChangedRow, type Tx } from '../store/index.js';
import { countUsage, MOST_RUNS } from '../usage/count.js';
import { recordRefusals } from '../usage/refusals.js';
import { assertProduct } from './activate.js';
import { leaveBranch, reviveBranch, type Standing } from './chain.js';
import { noteCover, type Covered } from './cover.js';
import { noteContradiction } from './declarations.js';
import { noteEvidence } from './evidence.js';
import { whoSpeaks } from './forks.js';
import { noteComponents, searchedAs } from './identity.js';
import {
  factsOf,
  holdInstance,
  isCovered,
  reported,
  updateInstance,
  type InstanceRow,
  type Verdict,
} from './instance.js';
import { headColumns, headLease, type Issued } from './lease.js';
import type { LineageNote } from './lineage.js';
import { originAfter } from './origin.js';
import { recoverInstance } from './recover.js';
import { followName } from './renamed.js';
import { machineChanged } from './rows.js';
import { verdictOf } from './verdicts.js';

export interface CheckIn {
  readonly account: string;
  readonly jkt: string;
  /** The id that it gets, if it turns out to be a copy. */
  readonly freshId: string;
  readonly request: Omit<Message<'CheckInRequest'>, 'lease' | 'lineage'>;
  /** The lease that came with the request, where its seal held. */
  readonly held: LeaseClaims | undefined;
  /** The note of the job that restored it, where its seal held. */
  readonly lineage: LineageNote | undefined;
}

export interface CheckedIn {
  readonly issued: Issued;
  readonly verdict: Verdict;
  readonly usageSeen: { readonly epoch: string; readonly n: number } | null;
}

/** One round trip: usage and refusals are taken in, the lease is renewed along its chain. A routine check-in moves
 * columns and is not journaled; what changes rights or needs a person is. */
export async function checkIn(tx: Tx, input: CheckIn, now: number): Promise<CheckedIn> {
  const { account, request } = input;
  const named = await heldBy(tx, input, now);
  await assertProduct(tx, account, request.product);
  const { row: before, where } = await whoSpeaks(tx, named, input, now);
  assertActive(before, input.jkt);
  const usage = request.usage === undefined ? null : await countUsage(tx, account, before.id, request.usage, now);
  const counts = countsAfter(before, usage ?? { runs: 0, bytes: 0 }, now);
  await takeRefusals(tx, account, before, request.refusals ?? [], now);
  const { row, known } =
    where === 'repeated'
      ? { row: await updateInstance(tx, before, counts), known: undefined }
      : await renew(tx, input, { ...before, ...counts }, where, now);
  const usageSeen = usage === null ? null : usage.seen;
  return { issued: await headLease(tx, row, known), verdict: row.verdict, usageSeen };
}

type Counts = Pick<InstanceRow, 'jobs' | 'bytes' | 'first_backup_at'>;

/** Its first run ends the time in which a license can move back (F-8). */
function countsAfter(before: Counts, { runs, bytes }: { runs: number; bytes: number }, now: number): Counts {
  const first = runs > 0 ? now : null;
  return {
    jobs: Math.min(before.jobs + runs, MOST_RUNS),
    bytes: Math.min(before.bytes + bytes, Number.MAX_SAFE_INTEGER),
    first_backup_at: before.first_backup_at ?? first,
  };
}

/** The instance that the request names, held by its device key; as its lease shows it where the database is older than
 * that. Whether it is active is asked once it is known who really speaks. */
async function heldBy(tx: Tx, input: CheckIn, now: number): Promise<InstanceRow> {
  const row = await holdInstance(tx, input.account, input.request.instance);
  const { held } = input;
  const own = row?.jkt === input.jkt ? row : undefined;
  if (own?.state === 'active' && !showsMore(own, held)) return own;
  const recovered = (await recoverInstance(tx, input, row, now)) ?? own;
  if (recovered !== undefined) return recovered;
  throw notHeld(row, input.jkt);
}

/** A lease that is newer than what the database knows, and of another license. */
function showsMore(row: InstanceRow, held: LeaseClaims | undefined): boolean {
  return held !== undefined && held.seq > row.lease_seq && held.license !== row.entitlement_id;
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

/** A seat that was given back stays so, whichever branch of the chain asks for it. */
function assertActive(row: InstanceRow, jkt: string): void {
  if (row.state !== 'active' || row.jkt !== jkt) throw notHeld(row, jkt);
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
    jobs: before.jobs,
    bytes: before.bytes,
    first_backup_at: before.first_backup_at,
    verdict,
    host_id:
      (await reportedHost(tx, account, { id: before.id, hardwareUuid, owner: () => before.company_id }, now)) ??
      before.host_id,
    last_seen_at: now,
    ...columns,
    ...(await headColumns(tx, before, request.chain, seq, now)),
    ...(where === 'next' ? { origin: originAfter(before, machine, verdict === 'moved', now) } : {}),
  });
  await noteComponents(tx, account, before.id, machine, searchedAs(before));
  // A copy, and a machine that is elsewhere than before, or something else: nobody bought or sold anything (F-4).
  const isShort = (where === 'cloned' || isElsewhere(before, row)) && isCovered(before);
  const covered = await noteCover(tx, await noteContradiction(tx, row, now), now, isShort);
  await noteEvidence(tx, before, covered.row, { where, machine }, now);
  const type = turnOf(before, covered.row, where, covered.changed);
  const beside = (await nodesBeside(tx, before, covered)).filter((id) => id !== row.id);
  const nodes = await judgeAgain(tx, account, beside, now);
  if (type !== undefined) await journalTurn(tx, type, before, covered.row, nodes, now);
  return covered;
}

/** Is it on another host, by its inventory or its own word (F-1), or of another kind or system? Any of these may ask for
 * another license. */
function isElsewhere(before: InstanceRow, row: InstanceRow): boolean {
  return PLACE.some((column) => before[column] !== row[column]);
}

const PLACE = ['host_id', 'declared_host_id', 'kind', 'os'] as const;

/** A chain that goes on from elsewhere than its head leaves a branch behind. */
async function turnBranches(
  tx: Tx,
  before: InstanceRow,
  where: Standing,
  parent: string | null,
  now: number,
): Promise<void> {
  if (where === 'next' || where === 'recovered' || where === 'cloned') return;
  await leaveBranch(tx, before, now);
  if (where === 'original') await reviveBranch(tx, before, parent!);
}

/** What of a check-in needs a person, or changes what the machine may do. Forks are told where they are made. */
async function journalTurn(
  tx: Tx,
  type: EventType,
  before: InstanceRow,
  row: InstanceRow,
  nodes: readonly ChangedRow[],
  now: number,
): Promise<void> {
  const renamed = await followName(tx, before, row, now);
  appendJournal(tx, row.account, {
    type,
    subject: { type: 'machine', id: row.id },
    actor: `instance:${row.id}`,
    companyId: row.company_id,
    details: { verdict: row.verdict, decision: row.cover_decision, rule: row.cover_rule },
    rows: [machineChanged(row, now), ...nodes, ...renamed],
  });
}

function turnOf(before: InstanceRow, row: InstanceRow, where: Standing, coverChanged: boolean): EventType | undefined {
  if (where === 'recovered') return 'instance.recovered';
  if (row.verdict === 'restored') return 'instance.restored';
  if (row.verdict === 'moved' && before.verdict !== 'moved') return 'instance.moved';
  if (coverChanged) return 'instance.cover_changed';
  return looksOther(before, row) ? 'instance.changed' : undefined;
}

/** Does a page show the machine differently: another name, system, host or verdict? */
function looksOther(before: InstanceRow, row: InstanceRow): boolean {
  if (LOOK.some((column) => before[column] !== row[column])) return true;
  return before.facts !== row.facts && factsOf(before).hypervisor !== factsOf(row).hypervisor;
}

const LOOK = ['label', 'kind', 'os', 'host_id', 'declared_host_id', 'verdict'] as const;
