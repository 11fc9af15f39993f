import { instant } from '../dates.js';
import type { Judges } from '../kinds.js';
import type { Term } from '../model.js';
import { allow, need, needs, warn, type Question } from '../question.js';

/** Instances against a count, a fingerprint, a silence. */
export interface AdmissionParams {
  /** One more instance: over-use where a policy grants it to this term (D-4). */
  'instance.admit': { readonly overuseTerms: readonly Term[]; readonly warning: string };
  /** The same machine as before (D-9)? */
  'instance.same': object;
  /** A declared standby is never stale (F-6). */
  'instance.standby': object;
  /** Silent for longer than the policy's days (D-10). */
  'instance.stale': { readonly warning: string };
}

/** Most instances that may run: the licensed ones and what over-use adds, the larger of count and floored percentage. */
function most(question: Question, overuseTerms: readonly Term[]): { licensed: number; max: number } {
  const { term, licensed } = question.facts.entitlement ?? { term: 'perpetual', licensed: 0 };
  const { overuse } = question.policy;
  if (overuse === undefined || overuse === null || !overuseTerms.includes(term)) return { licensed, max: licensed };
  return { licensed, max: licensed + Math.max(overuse.count, Math.floor((licensed * overuse.percent) / 100)) };
}

function silentDays(question: Question): number {
  return question.clock.daysSince(instant(question.text('lastSeenAt')));
}

/** Declared in the request, or with the machine that it names. */
function isStandby(question: Question): boolean {
  const { standby, machine } = question.request;
  return standby === true || question.ledger.machine(machine as string | undefined)?.standby === true;
}

export const admissionKinds: Judges<AdmissionParams> = {
  'instance.admit': (question, row) => {
    const ordinal = Number(question.request['ordinal']);
    const { licensed, max } = most(question, row.overuseTerms);
    if (ordinal > max) return needs(row, [need('any', 'pool:default')], { value: { max } });
    return ordinal > licensed ? warn(row, [row.warning], { value: { max } }) : allow(row, { value: { max } });
  },
  'instance.same': (question, row) => {
    const same = Number(question.request['similarity']) >= question.policy.fingerprintThreshold;
    return same ? allow(row, { value: { same } }) : needs(row, [need('any', 'instance:new')], { value: { same } });
  },
  'instance.standby': (question, row) =>
    isStandby(question) ? allow(row, { value: { silentDays: silentDays(question) } }) : undefined,
  'instance.stale': (question, row) => {
    const value = { silentDays: silentDays(question) };
    return value.silentDays > question.policy.staleDays ? warn(row, [row.warning], { value }) : allow(row, { value });
  },
};
