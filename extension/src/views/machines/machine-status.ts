import type { IconName } from '../../components/icon.js';
import type { Tone } from '../../components/status-chip.js';
import type { MachineRow } from '../../model/rows.js';
import { shortSpan } from '../../texts/format.js';
import { p } from '../../texts/pages.js';

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

/** What the row says first. A fork stands before all: only a person can tell which machine is the original. */
export function machineStatus({ status, verdict, leaseUntil }: MachineRow, now: number): StatusWords {
  if (verdict === 'cloned' && status !== 'released') {
    return { tone: 'attention', word: p.value.machines.fork, icon: 'fork' };
  }
  const left = Date.parse(leaseUntil) - now;
  const rest = status === 'offline' && left > 0 ? shortSpan(left) : undefined;
  return { tone: TONES[status], word: p.value.machineStatus[status], rest };
}
