import { decide, isAllowed, type Decision, type License, type MspLicense } from '@leasehold/terms';
import { at, coverRequest, factsFor, type KnownFacts } from '../facts.js';
import { licenseIdOf } from '../licenses/machine-license.js';
import type { Tx } from '../store/index.js';
import { updateInstance, type InstanceRow } from './instance.js';

export interface Covered {
  readonly decision: Decision;
  /** Did the answer change since it was last written down? */
  readonly changed: boolean;
  readonly row: InstanceRow;
  /** What it was decided by, where nothing of that changed since. */
  readonly known: KnownFacts | undefined;
}

/** Asks the rules whether an instance may back up, and writes the answer down, so that lists and counts read a column.
 * `shortage`: something else than the machine's own license changed (an inventory, a host, a group); if that takes the
 * cover of a machine that had it, the grace of F-4 begins. */
export async function noteCover(tx: Tx, row: InstanceRow, now: number, shortage = false): Promise<Covered> {
  const known = await factsFor(tx, row);
  const decision = decide(at(known.facts, now), coverRequest(known), known.catalog);
  if (shortage && decision.decision === 'needs' && row.was_covered === 1 && row.short_since === null) {
    return noteCover(tx, await updateInstance(tx, row, { short_since: now }), now);
  }
  const columns = coverColumns(row, known, decision);
  const changed = SHOWN.some((name) => row[name] !== columns[name]);
  const sameFacts = columns.short_since === row.short_since;
  if (!changed && sameFacts) return { decision, changed, row, known };
  const moved = await updateInstance(tx, row, columns);
  return { decision, changed, row: moved, known: sameFacts ? known : undefined };
}

/** What of the answer a page shows. */
const SHOWN = ['cover_decision', 'cover_code', 'covered_by'] as const;

function coverColumns(row: InstanceRow, known: KnownFacts, decision: Decision): Pick<InstanceRow, CoverColumn> {
  const allowed = isAllowed(decision);
  const code = decision.code ?? decision.warnings?.[0] ?? null;
  return {
    cover_decision: decision.decision,
    cover_code: code,
    cover_rule: decision.reason_rule,
    covered_by: allowed ? carrier(known) : null,
    was_covered: allowed ? 1 : row.was_covered,
    short_since: allowed && code !== 'SHORTAGE_GRACE' ? null : row.short_since,
  };
}
type CoverColumn = (typeof SHOWN)[number] | 'cover_rule' | 'was_covered' | 'short_since';

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

function hostsBelow(id: string, { machines = [], hosts = [] }: KnownFacts['facts']): string[] {
  const machine = machines.find((one) => one.id === id);
  const named = [machine?.hostId, machine?.declaredHostId].filter((host) => host !== undefined);
  return [...named, ...hosts.filter((host) => host.onMachine === id).map((host) => host.id)];
}
