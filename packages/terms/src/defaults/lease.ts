import { HOUR, instant } from '../dates.js';
import type { Judges } from '../kinds.js';
import type { LeaseFacts } from '../model.js';
import { allow, refuse, until, type Question } from '../question.js';

/** The signed lease in the agent's cache, and what is always open beside it. */
export interface LeaseParams {
  /** A lapsed or forged lease stops new backups (D-5); a clock far behind is named with it (D-6). */
  'lease.lapsed': {
    readonly code: string;
    readonly forged: string;
    readonly clockRule: string;
    readonly toleranceHours: number;
  };
  /** Where nothing but the lease decides: inside it (D-5). */
  'lease.live': object;
  /** The way out: a license may always be installed or renewed, unless its seal is broken (D-7). */
  'lease.install': { readonly code: string };
  /** A running job finishes (D-8). */
  'lease.running-job': object;
}

/** Does the lease hold at this moment? Its last instant is the one before `expiresAt`. */
export function leaseHolds(question: Question, lease: LeaseFacts): boolean {
  return lease.signature === 'valid' && !question.clock.reached(instant(lease.expiresAt));
}

export const leaseKinds: Judges<LeaseParams> = {
  'lease.lapsed': (question, row) => {
    const { lease } = question.facts;
    if (lease === undefined || leaseHolds(question, lease)) return undefined;
    if (lease.signature === 'invalid') return refuse(row, row.forged);
    const behind = question.clock.isBehind(row.toleranceHours * HOUR);
    return refuse(row, row.code, behind ? { also: [row.clockRule] } : {});
  },
  'lease.live': (question, row) => {
    const { lease } = question.facts;
    return allow(row, lease === undefined ? {} : until(instant(lease.expiresAt)));
  },
  'lease.install': (question, row) =>
    question.request['licenseSignature'] === 'invalid' ? refuse(row, row.code) : allow(row),
  'lease.running-job': (_question, row) => allow(row),
};
