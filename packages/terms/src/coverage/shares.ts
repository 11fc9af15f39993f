import type { Judges } from '../kinds.js';
import type { Machine } from '../model.js';
import { allow, refuse, type Question } from '../question.js';
import { coverOf } from './cover.js';
import { allowanceOf } from './hyper-agents.js';
import { ownLicenses } from './licenses.js';
import { machineOf, scopeOf } from './requests.js';

/** Backup of network shares: cover first, with whatever covers, then what may be done with it (rules 1.5, 1.8). */
export interface ShareParams {
  /** What the machine itself lacks; answers with the rule of its cover. */
  'share.cover': object;
  /** Editions that may not (AIP-1.4). */
  'share.edition': { readonly editions: readonly string[]; readonly code: string };
  /** Only these scopes (AIP-1.5). */
  'share.scope': { readonly scopes: readonly string[]; readonly code: string };
  /** Any number of shares (AIP-1.3). */
  'share.allowed': object;
}

function shareSource(question: Question): Machine | undefined {
  if (question.request['protects'] !== 'network_share') return undefined;
  return machineOf(question);
}

export const shareKinds: Judges<ShareParams> = {
  'share.cover': (question) => {
    const machine = shareSource(question);
    if (machine === undefined) return undefined;
    const cover = coverOf(question, machine);
    return cover.decision === 'allow' || allowanceOf(question, machine)?.free === true ? undefined : cover;
  },
  'share.edition': (question, row) => {
    const machine = shareSource(question);
    if (machine === undefined) return undefined;
    const held = ownLicenses(question, machine);
    // One license of an edition that may is enough, whatever lies beside it.
    const excluded = held.length > 0 && held.every((license) => row.editions.includes(license.edition));
    return excluded ? refuse(row, row.code) : undefined;
  },
  'share.scope': (question, row) => {
    if (shareSource(question) === undefined) return undefined;
    return row.scopes.includes(scopeOf(question)) ? undefined : refuse(row, row.code);
  },
  'share.allowed': (question, row) => {
    const machine = shareSource(question);
    if (machine === undefined) return undefined;
    const { carriers = [], doubts = {} } = coverOf(question, machine);
    return allow(row, { carriers, doubts });
  },
};
