import type { IconName } from '../../components/icon.js';
import type { Tone } from '../../components/status-chip.js';
import { isMarked, nameOf } from '../../model/machines.js';
import type { HostRow, MachineRow, Todo } from '../../model/rows.js';
import { d } from '../../texts/decide.js';
import { shortSpan } from '../../texts/format.js';
import { p } from '../../texts/pages.js';
import { n } from '../../texts/names.js';

export interface StatusWords {
  readonly tone: Tone;
  readonly word: string;
  readonly rest?: string | undefined;
  readonly icon?: IconName;
}

export const TONES: Readonly<Record<MachineRow['status'], Tone>> = {
  valid: 'ok',
  expires_soon: 'attention',
  grace: 'attention',
  stopped: 'stop',
  offline: 'attention',
  released: 'muted',
};

/** What the row says first; where something waits for a person, the grace by its own name and how long it lasts. */
export function machineStatus(machine: MachineRow, todo: Todo | undefined, now: number): StatusWords {
  const { status, leaseUntil } = machine;
  const { graces } = p.value.machines;
  const marked = markedStatus(machine, todo, now);
  if (marked !== undefined) return marked;
  if (todo !== undefined && todo.kind in graces) {
    return { tone: 'attention', word: graces[todo.kind as keyof typeof graces], rest: restUntil(todo.until, now) };
  }
  return (
    quietStatus(machine, now) ?? {
      tone: TONES[status],
      word: n.value.machineStatus[status],
      rest: status === 'offline' ? restUntil(leaseUntil, now) : undefined,
    }
  );
}

/** Marks that say more than the status. */
function markedStatus(machine: MachineRow, todo: Todo | undefined, now: number): StatusWords | undefined {
  const { marks } = d.value;
  if (isMarked(machine, 'fork')) {
    const rest = todo?.kind === 'fork' ? restUntil(todo.until, now) : undefined;
    return { tone: 'attention', word: marks.fork, rest, icon: 'fork' };
  }
  if (isMarked(machine, 'contradicted')) return { tone: 'attention', word: marks.contradicted };
  if (isMarked(machine, 'disputed')) return { tone: 'attention', word: marks.disputed };
  const isGone = isMarked(machine, 'disposed') && machine.status !== 'released';
  return isGone ? { tone: 'muted', word: marks.disposed } : undefined;
}

/** Silence: of a machine for longer than D-10 allows, of a standby that was never started (F-6). */
function quietStatus(machine: MachineRow, now: number): StatusWords | undefined {
  const { marks } = d.value;
  const { status, lastSeenAt } = machine;
  if (isMarked(machine, 'standby') && status === 'offline') return { tone: 'muted', word: marks.waiting };
  if (!isMarked(machine, 'stale') || status === 'released') return undefined;
  const tone = status === 'stopped' ? 'stop' : 'attention';
  return { tone, word: marks.silent, rest: shortSpan(now - Date.parse(lastSeenAt)) };
}

function restUntil(end: string, now: number): string | undefined {
  const left = Date.parse(end) - now;
  return left > 0 ? shortSpan(left) : undefined;
}

const HOST = 'host:';

/** Carried by a license of its own: neither by its host's nor by the allowance for a HyperAgent machine that comes with
 * a host license (AIP-7.2, AIP-7.3). */
export const isByLicense = ({ coveredBy, rule }: MachineRow): boolean =>
  coveredBy !== null && !coveredBy.startsWith(HOST) && rule?.startsWith('AIP-7.') !== true;

/** The license or host that carries a machine, in words. */
export function coverWords(machine: MachineRow, host: HostRow | undefined): string {
  const words = p.value.machines;
  const { coveredBy, rule } = machine;
  if (coveredBy === null) return words.notCovered;
  if (rule?.startsWith('AIP-7.') === true) return d.value.allowance;
  if (!coveredBy.startsWith(HOST)) return coveredBy;
  const id = coveredBy.slice(HOST.length);
  return words.byHost(host?.id === id ? nameOf(host) : id);
}
