import type { IconName } from '../../components/icon.js';
import type { Tone } from '../../components/status-chip.js';
import type { MachineRow, Todo } from '../../model/rows.js';
import { shortSpan } from '../../texts/format.js';
import { p } from '../../texts/pages.js';
import { n } from '../../texts/names.js';

export interface StatusWords {
  readonly tone: Tone;
  readonly word: string;
  readonly rest?: string | undefined;
  readonly icon?: IconName;
}

const TONES: Readonly<Record<MachineRow['status'], Tone>> = {
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
  const words = p.value;
  const tone = TONES[status];
  if (todo?.kind === 'fork') {
    return { tone: 'attention', word: words.machines.fork, rest: restUntil(todo.until, now), icon: 'fork' };
  }
  if (todo !== undefined && todo.kind in words.machines.graces) {
    const grace = words.machines.graces[todo.kind as keyof typeof words.machines.graces];
    return { tone: 'attention', word: grace, rest: restUntil(todo.until, now) };
  }
  const rest = status === 'offline' ? restUntil(leaseUntil, now) : undefined;
  return { tone, word: n.value.machineStatus[status], rest };
}

function restUntil(end: string, now: number): string | undefined {
  const left = Date.parse(end) - now;
  return left > 0 ? shortSpan(left) : undefined;
}
