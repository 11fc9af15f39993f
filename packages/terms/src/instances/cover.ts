import { openRestore } from '../defaults/restore.js';
import type { Judges } from '../kinds.js';
import type { Instance, MspLicense } from '../model.js';
import { compare } from '../order.js';
import { allow, need, needs, type Carrier, type Question } from '../question.js';
import { askedInstance, carrierOf, held, neededType, serves, typesOf } from './holdings.js';

/** May an instance back up? */
export interface CoverParams {
  /** It holds a valid license of a type that its system takes (MSP-1). */
  'instance.covered': object;
  /** It holds a valid license, only none for its system (MSP-12). */
  'instance.misfit': object;
  /** It holds nothing valid (MSP-1). */
  'instance.short': object;
  /** D-1 for an instance. */
  'restore.instance': { readonly warning: string };
}

export const coverKinds: Judges<CoverParams> = {
  'instance.covered': (question, row) => {
    const instance = askedInstance(question);
    const carriers = fitting(question, instance).map((license) => carrierOf(question, license));
    return carriers.length === 0 ? undefined : allow(row, { carriers: carriers.sort(longestFirst).slice(0, 1) });
  },
  'instance.misfit': (question, row) => {
    const instance = askedInstance(question);
    const only = typesOf(question).only[instance.os];
    if (only === undefined || held(question, instance).length === 0) return undefined;
    return needs(row, [need(only.join('|'), `instance:${instance.id}`)]);
  },
  'instance.short': (question, row) => {
    const instance = askedInstance(question);
    return needs(row, [need(neededType(typesOf(question), instance), `instance:${instance.id}`)]);
  },
  'restore.instance': (question, row) => {
    const instance = question.ledger.find('instances', question.request['instance'] as string | undefined);
    return openRestore(question, row, instance !== undefined && fitting(question, instance).length > 0);
  },
};

function fitting(question: Question, instance: Instance): MspLicense[] {
  return held(question, instance).filter((license) => serves(typesOf(question), license.type, instance));
}

/** Of several licenses, each of which would do, the one that lasts longest carries. */
function longestFirst(one: Carrier, other: Carrier): number {
  return compare(other.ends, one.ends);
}
