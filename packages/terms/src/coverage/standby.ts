import type { Judges } from '../kinds.js';
import { allow, needs, type Finding, type Question } from '../question.js';
import { coverOf } from './cover.js';
import { hostNeeds } from './guests.js';
import { machineOf } from './requests.js';

/** `standby.create`: a virtual standby on a hypervisor host (vStandby, HyperStandby). */
export interface StandbyParams {
  /** What the source itself lacks; answers with the rule of its cover. */
  'standby.source': object;
  /** From agentless backups: no agent in the image (AIP-5.6). */
  'standby.agentless': object;
  /** The standby host has no license; `of` says from what the standby is made (AIP-5.1, AIP-2.5). */
  'standby.bare-host': StandbyOf;
  /** It has one (AIP-5.2, AIP-2.6). */
  'standby.licensed-host': StandbyOf;
  /** Both in one rule (AIP-3.4). */
  'standby.host': StandbyOf;
}

interface StandbyOf {
  readonly of: 'backup_files' | 'live_guest' | 'live_machine';
}

/** What the standby host lacks, when this row speaks of such a standby. */
function missing(question: Question, row: StandbyOf): ReturnType<typeof hostNeeds> | undefined {
  const live = machineOf(question, 'source').kind === 'guest' ? 'live_guest' : 'live_machine';
  const of = question.request['from'] === 'live' ? live : 'backup_files';
  return of === row.of ? hostNeeds(question, [question.text('targetHost')]) : undefined;
}

function allowed(question: Question, row: { readonly id: string }): Finding {
  return allow(row, { doubts: coverOf(question, machineOf(question, 'source')).doubts ?? {} });
}

export const standbyKinds: Judges<StandbyParams> = {
  'standby.source': (question) => {
    const cover = coverOf(question, machineOf(question, 'source'));
    return cover.decision === 'allow' ? undefined : cover;
  },
  'standby.agentless': (question, row) =>
    question.request['backupMethod'] === 'agentless' ? allowed(question, row) : undefined,
  'standby.bare-host': (question, row) => {
    const list = missing(question, row) ?? [];
    return list.length > 0 ? needs(row, list) : undefined;
  },
  'standby.licensed-host': (question, row) =>
    missing(question, row)?.length === 0 ? allowed(question, row) : undefined,
  'standby.host': (question, row) => {
    const list = missing(question, row);
    if (list === undefined) return undefined;
    return list.length > 0 ? needs(row, list) : allowed(question, row);
  },
};
