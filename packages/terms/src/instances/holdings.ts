import { own, type InstanceTypes } from '../catalog.js';
import { endOfDay } from '../dates.js';
import type { Instance, MspLicense } from '../model.js';
import type { Carrier, Question } from '../question.js';
import { isOfDomain } from './list.js';

/** Every per-instance license of the facts. */
export function instanceLicenses(question: Question): readonly MspLicense[] {
  return (question.facts.licenses ?? []) as readonly MspLicense[];
}

/** The instance a request names. @throws TermsError UNKNOWN_ID */
export function askedInstance(question: Question): Instance {
  return question.ledger.get('instances', question.text('instance'), 'instance');
}

/** The license a request names. @throws TermsError UNKNOWN_ID */
export function askedLicense(question: Question): MspLicense {
  return question.ledger.get('licenses', question.text('license'), 'license') as MspLicense;
}

/** The names of license types, from the catalog of a per-instance product. */
export function typesOf(question: Question): InstanceTypes {
  const { instanceTypes } = question.catalog;
  if (instanceTypes === undefined) throw new TypeError(`catalog ${question.catalog.id} has no instanceTypes`);
  return instanceTypes;
}

/** Does a type serve an operating system (MSP-12)? */
export function serves(types: InstanceTypes, type: string, instance: Instance): boolean {
  return types.only[instance.os]?.includes(type) ?? true;
}

/** Does a type stand for the one that is wanted, itself or as a larger one? */
export function standsFor(types: InstanceTypes, type: string, wanted: string): boolean {
  return type === wanted || own(types.serves, wanted)?.includes(type) === true;
}

/** The type an instance needs: the one it wants, else the usual one of its system; never one its system does not take. */
export function neededType(
  types: InstanceTypes,
  instance: Instance,
  wanted: string | undefined = instance.wantsType,
): string {
  const type = wanted ?? types.byOs[instance.os] ?? types.otherwise;
  return serves(types, type, instance) ? type : (types.only[instance.os] ?? []).join('|');
}

/** Valid licenses that an instance holds: assigned to it, or to the domain that it stands for, of the type it wants. */
export function held(question: Question, instance: Instance): MspLicense[] {
  const assigned = assignedTo(question, instance.id);
  const domain = instance.domain === undefined ? [] : domainLicenses(question, instance);
  return [...assigned, ...domain].filter(({ validUntil }) => {
    return !question.clock.reached(endOfDay(validUntil, question.timeZone));
  });
}

/** What the expiry grades look at: the last valid day of a license that does not renew itself (MSP-P1, D-2). */
export function carrierOf(question: Question, license: MspLicense): Carrier {
  if (license.autoRenew) return { ends: Number.POSITIVE_INFINITY, graceDays: 0 };
  const ends = endOfDay(license.validUntil, question.timeZone);
  return { ends, lastDay: license.validUntil, graceDays: 0 };
}

function assignedTo(question: Question, id: string): readonly MspLicense[] {
  return question.ledger.holders.of('assigned', id) as readonly MspLicense[];
}

function domainLicenses(question: Question, instance: Instance): MspLicense[] {
  const { domain = '' } = instance;
  const assigned = [...assignedTo(question, `domain:${domain}`), ...assignedTo(question, domain)];
  const wanted = instance.wantsType;
  return assigned.filter(
    (license) =>
      isOfDomain(license, instance) && (wanted === undefined || standsFor(typesOf(question), license.type, wanted)),
  );
}
