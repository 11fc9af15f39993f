import { own } from '../catalog.js';
import { endOfDay, instant, isDay, DAY } from '../dates.js';
import type { License, Machine, MachineKind, OsClass } from '../model.js';
import { compare } from '../order.js';
import type { Carrier, Question } from '../question.js';

const LONG_OVER = '1970-01-01';

/** Does an edition stand for what is needed, itself or as a larger one? For `any` those of machines do, and no other. */
export function serves(question: Question, edition: string, needed: string): boolean {
  const { editions } = question.catalog;
  const wanted = needed === 'any' ? Object.values(editions?.byOs ?? {}) : [needed];
  return wanted.some((one) => edition === one || own(editions?.serves, one)?.includes(edition) === true);
}

/** The edition that a machine of this kind and system needs of its own; undefined: there is none (AIP-0.2, macOS).
 * A system not yet known takes that of any system: `any`. */
export function ownEdition(question: Question, kind: MachineKind, os: OsClass): string | undefined {
  const editions = question.catalog.editions;
  if (kind === 'cloud') return editions?.cloud;
  return os === 'unknown' ? 'any' : editions?.byOs[os];
}

/** The license as the grades see it. A perpetual one never ends, only its maintenance does (D-3). */
export function carrier(question: Question, license: License): Carrier {
  const { term, validUntil } = license;
  const graceDays = question.policy.graceDays[term];
  if (term === 'perpetual') return { ends: Number.POSITIVE_INFINITY, graceDays };
  // Reading refuses a term without an end. Where nobody has read it, it has long been over.
  const end = validUntil ?? LONG_OVER;
  if (!isDay(end)) return { ends: instant(end), graceDays };
  return { ends: endOfDay(end, question.timeZone), lastDay: end, graceDays };
}

/** Usable: begun, not revoked, not ended or still in its grace (D-3). What it is bound to is the caller's question. */
export function usable(question: Question, license: License): boolean {
  const { clock } = question;
  if (license.state === 'revoked' || !begun(question, license)) return false;
  const { ends, graceDays } = carrier(question, license);
  return !clock.reached(ends + graceDays * DAY);
}

export function begun(question: Question, license: License): boolean {
  return license.startsAt === undefined || question.clock.reached(instant(license.startsAt));
}

/** Of several licenses the usable one of a serving edition that lasts longest. */
export function best(question: Question, licenses: readonly License[], needed: string): License | undefined {
  return usableOnes(question, licenses, needed)[0];
}

/** All usable licenses of a serving edition, the longest first; ties by id, so that the order of facts says nothing. */
export function usableOnes(question: Question, licenses: readonly License[], needed: string): readonly License[] {
  const fitting = licenses.filter((license) => serves(question, license.edition, needed) && usable(question, license));
  const ends = (license: License): number => carrier(question, license).ends;
  return fitting.sort((one, other) => compare(ends(other), ends(one)) || compare(one.id, other.id));
}

/** The licenses of a machine's own, the one that lasts longest first. A guest has none: its host is the unit. */
export function ownLicenses(question: Question, machine: Machine): readonly License[] {
  const edition = machine.kind === 'guest' ? undefined : ownEdition(question, machine.kind, machine.os);
  return edition === undefined ? [] : usableOnes(question, question.ledger.bound('machine', machine.id), edition);
}

export function ownLicense(question: Question, machine: Machine): License | undefined {
  return ownLicenses(question, machine)[0];
}
