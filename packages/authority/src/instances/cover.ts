import { foresee, isAllowed, type Decision, type Foreseen, type License, type MspLicense } from '@leasehold/terms';
import { at, coverRequest, factsFor, type KnownFacts } from '../facts.js';
import { licenseIdOf } from '../licenses/machine-license.js';
import type { Reader, Tx } from '../store/index.js';
import { updateInstance, type InstanceRow } from './instance.js';

export interface Covered {
  readonly decision: Decision;
  /** Did the answer change since it was last written down? */
  readonly changed: boolean;
  readonly row: InstanceRow;
  /** What it was decided by, where nothing of that changed since. */
  readonly known: KnownFacts | undefined;
}

/** Asks the rules whether an instance may back up, and writes the answer down, so that lists and counts read a column. */
export async function noteCover(tx: Tx, row: InstanceRow, now: number, shortage = false): Promise<Covered> {
  const covered = await judgeCover(tx, row, now, shortage);
  const columns = coverOf(covered.row);
  if (WRITTEN.some((name) => row[name] !== columns[name])) await updateInstance(tx, row, columns);
  return covered;
}

/** Asks the rules whether an instance may back up: `row` has the answer in it and is still to be stored. `shortage`:
 * something else than the machine's own license changed (an inventory, a host, a group); if that takes the cover of a
 * machine that had it, the grace of F-4 begins. */
export async function judgeCover(reader: Reader, row: InstanceRow, now: number, shortage = false): Promise<Covered> {
  const known = await factsFor(reader, row);
  const foreseen = foresee(at(known.facts, now), coverRequest(known), known.catalog);
  const { decision } = foreseen;
  if (shortage && decision.decision === 'needs' && row.was_covered === 1 && row.short_since === null) {
    return judgeCover(reader, { ...row, short_since: now }, now);
  }
  const columns = coverColumns(row, known, foreseen, now);
  const changed = SHOWN.some((name) => row[name] !== columns[name]);
  const sameFacts = columns.short_since === row.short_since;
  return { decision, changed, row: { ...row, ...columns }, known: sameFacts ? known : undefined };
}

/** What of the answer a page shows. */
const SHOWN = ['cover_decision', 'cover_code', 'covered_by'] as const;
const WRITTEN = [...SHOWN, 'cover_rule', 'cover_until', 'was_covered', 'short_since'] as const;
type CoverColumns = Pick<InstanceRow, (typeof WRITTEN)[number]>;

/** The columns of an instance that hold the answer. */
export function coverOf(row: InstanceRow): CoverColumns {
  const { cover_decision, cover_code, cover_rule, cover_until, covered_by, was_covered, short_since } = row;
  return { cover_decision, cover_code, cover_rule, cover_until, covered_by, was_covered, short_since };
}

function coverColumns(row: InstanceRow, known: KnownFacts, { decision, turn }: Foreseen, now: number): CoverColumns {
  const allowed = isAllowed(decision);
  const code = decision.code ?? decision.warnings?.[0] ?? null;
  return {
    cover_decision: decision.decision,
    cover_code: code,
    cover_rule: decision.reason_rule,
    cover_until: askedAgainAt(row, turn, now),
    covered_by: allowed ? carrier(known) : null,
    was_covered: allowed ? 1 : row.was_covered,
    short_since: allowed && code !== 'SHORTAGE_GRACE' ? null : row.short_since,
  };
}

/** The instant at which the answer is asked for again (cover-turns.ts), no later than it changes. One that is still to come
 * and early enough stands, so that a routine check-in need not write another. */
function askedAgainAt({ cover_until: set }: InstanceRow, turn: number, now: number): number | null {
  if (set !== null && set > now && set <= turn) return set;
  return Number.isFinite(turn) ? turn : null;
}

/** What carries the cover: the license on the machine itself, else the licensed host below it, else its pool key. */
function carrier({ self, facts }: KnownFacts): string | null {
  if (self.kind === 'server') return facts.keys?.[0]?.id ?? facts.licenses?.[0]?.id ?? null;
  const licenses = facts.licenses ?? [];
  if (self.kind === 'instance') {
    return (licenses as readonly MspLicense[]).find((one) => one.assignedTo === self.id)?.id ?? null;
  }
  return machineCarrier(self.id, facts, licenses as readonly License[]);
}

function machineCarrier(id: string, facts: KnownFacts['facts'], licenses: readonly License[]): string | null {
  const on = (type: string, ids: readonly string[]): License | undefined =>
    licenses.find(({ boundTo }) => boundTo?.type === type && ids.includes(boundTo.id));
  const own = on('machine', [id]);
  if (own !== undefined) return licenseIdOf(own);
  const host = on('host', hostsBelow(id, facts));
  if (host !== undefined) return `host:${host.boundTo!.id}`;
  return licenses[0] === undefined ? null : licenseIdOf(licenses[0]);
}

/** Where it was reported, and what it says itself only where it was not (F-1); and the host that it is. */
function hostsBelow(id: string, { machines = [], hosts = [] }: KnownFacts['facts']): string[] {
  const machine = machines.find((one) => one.id === id);
  const named = machine?.hostId ?? machine?.declaredHostId;
  const own = hosts.filter((host) => host.onMachine === id).map((host) => host.id);
  return named === undefined ? own : [named, ...own];
}
