import { decide, isAllowed, type Decision } from '@leasehold/terms';
import { at, coverRequest, factsFor, type KnownFacts } from '../facts.js';
import type { Tx } from '../store/index.js';
import { findInstance, updateInstance, type InstanceRow } from './instance.js';

export interface Covered {
  readonly decision: Decision;
  /** Did the answer change since it was last written down? */
  readonly changed: boolean;
  readonly row: InstanceRow;
}

/** Asks the rules whether an instance may back up, and writes the answer down, so that lists and counts read a column.
 * `shortage`: something else than the machine's own license changed (an inventory, a host, a group); if that takes the
 * cover of a machine that had it, the grace of F-4 begins. */
export async function noteCover(tx: Tx, row: InstanceRow, now: number, shortage = false): Promise<Covered> {
  const known = await factsFor(tx, row);
  const decision = decide(at(known.facts, now), coverRequest(known));
  if (shortage && decision.decision === 'needs' && row.was_covered === 1 && row.short_since === null) {
    await updateInstance(tx, row.account, row.id, { short_since: now });
    return noteCover(tx, { ...row, short_since: now }, now);
  }
  const code = decision.code ?? decision.warnings?.[0] ?? null;
  const carriedBy = isAllowed(decision) ? carrier(known) : null;
  const changed = row.cover_decision !== decision.decision || row.cover_code !== code || row.covered_by !== carriedBy;
  const short = isAllowed(decision) && code !== 'SHORTAGE_GRACE' ? null : row.short_since;
  if (!changed && short === row.short_since) return { decision, changed, row };
  await updateInstance(tx, row.account, row.id, {
    cover_decision: decision.decision,
    cover_code: code,
    cover_rule: decision.reason_rule,
    covered_by: carriedBy,
    was_covered: isAllowed(decision) ? 1 : row.was_covered,
    short_since: short,
  });
  return { decision, changed, row: (await findInstance(tx, row.account, row.id))! };
}

/** What carries the cover: the license on the machine itself, else the licensed host below it, else its pool key. */
function carrier({ self, facts }: KnownFacts): string | null {
  const licenses = (facts.licenses ?? []) as readonly {
    readonly id: string;
    readonly boundTo?: { readonly type: string; readonly id: string } | null;
    readonly assignedTo?: string | null;
  }[];
  if (self.kind === 'server') return facts.keys?.[0]?.id ?? null;
  if (self.kind === 'instance') return licenses.find((one) => one.assignedTo === self.id)?.id ?? null;
  const own = licenses.find((one) => one.boundTo?.type === 'machine' && one.boundTo.id === self.id);
  if (own !== undefined) return own.id;
  const machine = facts.machines?.find((one) => one.id === self.id);
  const hosts = [
    machine?.hostId,
    machine?.declaredHostId,
    ...(facts.hosts ?? []).filter((host) => host.onMachine === self.id).map((host) => host.id),
  ];
  const carried = licenses.find((one) => one.boundTo?.type === 'host' && hosts.includes(one.boundTo.id));
  return carried?.boundTo ? `host:${carried.boundTo.id}` : (licenses[0]?.id ?? null);
}
