import type { Judges } from '../kinds.js';
import type { Instance, MspLicense } from '../model.js';
import { compare } from '../order.js';
import { allow, need, needs, refuse, type Question } from '../question.js';
import { askedInstance, askedLicense, instanceLicenses, neededType, serves, standsFor, typesOf } from './holdings.js';
import { isPast } from './list.js';

interface Code {
  readonly code: string;
}
/** Whose license: bought for the company, or in bulk for the global pool. */
interface Source {
  readonly from: 'company' | 'global';
}

/** Giving a license to an instance, or finding one for it. */
export interface AssignParams {
  /** Another instance has it (MSP-2); assigning again to the same one changes nothing. */
  'assign.taken': Code;
  /** Its last day is over (MSP-1). */
  'assign.past': Code;
  /** Its type is not for this system (MSP-12). */
  'assign.misfit': Code;
  /** It was bought for another company (MSP-4). */
  'assign.other-company': Code;
  /** Nothing stands against it (MSP-4, MSP-3). */
  'assign.given': Source;
  /** The free license that is given (MSP-4, MSP-3; A-16: the global pool as far as the account allows it). */
  'pick.free': Source;
  /** No license of the asked type could ever serve this system (MSP-12). */
  'pick.misfit': object;
  /** Nothing is free: the company buys that owns licenses, else whoever owns the instance (rules 1.8). */
  'pick.short': { readonly buyer: 'company' | 'instance' };
}

export const assignKinds: Judges<AssignParams> = {
  'assign.taken': (question, row) => {
    const { assignedTo } = askedLicense(question);
    const taken = assignedTo !== null && assignedTo !== askedInstance(question).id;
    return taken ? refuse(row, row.code) : undefined;
  },
  'assign.past': (question, row) =>
    isPast(askedLicense(question), question.clock.today(question.timeZone)) ? refuse(row, row.code) : undefined,
  'assign.misfit': (question, row) => {
    const fits = serves(typesOf(question), askedLicense(question).type, askedInstance(question));
    return fits ? undefined : refuse(row, row.code);
  },
  'assign.other-company': (question, row) => {
    const { companyId } = askedLicense(question);
    const other = companyId !== null && companyId !== askedInstance(question).companyId;
    return other ? refuse(row, row.code) : undefined;
  },
  'assign.given': (question, row) =>
    (askedLicense(question).companyId === null) === (row.from === 'global') ? allow(row) : undefined,
  'pick.free': (question, row) => {
    if (row.from === 'global' && !question.policy.allowGlobalFallback) return undefined;
    const instance = askedInstance(question);
    const owner = row.from === 'global' ? null : instance.companyId;
    const wanted = typeFor(question, instance).split('|');
    const [picked] = candidates(question, instance, owner, wanted).sort(byPreference(instance, wanted));
    return picked === undefined ? undefined : allow(row, { value: { license: picked.id } });
  },
  'pick.misfit': (question, row) => {
    const instance = askedInstance(question);
    const asked = askedType(question);
    if (asked === undefined || serves(typesOf(question), asked, instance)) return undefined;
    return needs(row, [need(typeFor(question, instance), `instance:${instance.id}`)]);
  },
  'pick.short': (question, row) => {
    const instance = askedInstance(question);
    const owns = instanceLicenses(question).some((license) => license.companyId === instance.companyId);
    if (owns !== (row.buyer === 'company')) return undefined;
    const bindTo = row.buyer === 'company' ? `company:${instance.companyId}` : `instance:${instance.id}`;
    return needs(row, [need(typeFor(question, instance), bindTo)]);
  },
};

function askedType(question: Question): string | undefined {
  return question.request['type'] as string | undefined;
}

function typeFor(question: Question, instance: Instance): string {
  return neededType(typesOf(question), instance, askedType(question) ?? instance.wantsType);
}

/** Valid licenses that serve the wanted type and are free, or already held by the instance: asking twice gives the same. */
function candidates(
  question: Question,
  instance: Instance,
  owner: string | null,
  wanted: readonly string[],
): MspLicense[] {
  const today = question.clock.today(question.timeZone);
  const types = typesOf(question);
  return instanceLicenses(question).filter(
    (license) =>
      license.companyId === owner &&
      serves(types, license.type, instance) &&
      wanted.some((type) => standsFor(types, license.type, type)) &&
      (license.assignedTo === null || license.assignedTo === instance.id) &&
      !isPast(license, today),
  );
}

/** What it holds already; no larger one than needed; commercial before trial; what renews itself, then the longest, so that
 * the next stop is far. */
function byPreference(instance: Instance, wanted: readonly string[]): (one: MspLicense, other: MspLicense) => number {
  const rank = (license: MspLicense): string =>
    [
      license.assignedTo !== instance.id,
      !wanted.includes(license.type),
      license.kind !== 'commercial',
      !license.autoRenew,
    ]
      .map(Number)
      .join('');
  return (one, other) =>
    compare(rank(one), rank(other)) || compare(other.validUntil, one.validUntil) || compare(one.id, other.id);
}
