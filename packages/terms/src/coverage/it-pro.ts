import { addYears, instant } from '../dates.js';
import type { Judges } from '../kinds.js';
import type { ItProSession, License, Term } from '../model.js';
import { allow, need, needs, refuse, until, warn, type Finding, type Question } from '../question.js';
import { begun, carrier, serves } from './licenses.js';

/** The technician's license: a person, a year, one live session, any number of machines. */
export interface ItProParams {
  /** Only the holder (AIP-9.7). */
  'it-pro.holder': { readonly code: string };
  /** One session at a time: not two media, not one medium on two machines (AIP-9.6, A-14). */
  'it-pro.concurrent': { readonly code: string };
  /** Its year (AIP-9.4); a restore stays open after it (D-1). */
  'it-pro.year': {
    readonly years: number;
    readonly term: Term;
    readonly restores: readonly string[];
    readonly restoreRule: string;
    readonly warning: string;
  };
  /** Any number of machines (AIP-9.5). */
  'it-pro.allowed': { readonly years: number; readonly restores: readonly string[] };
  /** A spare medium is told (AIP-9.6). */
  'it-pro.spare-medium': { readonly warning: string };
  /** Reassigned by the authority only (AIP-9.7, A-15). */
  'it-pro.reassign': { readonly code: string; readonly obligation: string };
}

function licenseOf(question: Question): License {
  return question.ledger.get('licenses', question.text('license'), 'license') as License;
}

/** First instant after the license: its own end, but never later than its years from the start. */
function endOf(question: Question, license: License, years: number): number {
  const { ends } = carrier(question, license);
  return license.startsAt === undefined ? ends : Math.min(ends, addYears(instant(license.startsAt), years));
}

function isLive(question: Question, session: ItProSession): boolean {
  const { clock } = question;
  const { endedAt } = session;
  const ended = typeof endedAt === 'string' && clock.reached(instant(endedAt));
  return !ended && !clock.reached(instant(session.leaseExpiresAt));
}

/** What the technician lacks once his license is over; never one that has just to begin. */
function shortage(question: Question, row: { readonly id: string }, license: License, term: Term): Finding {
  const { technician } = question.request;
  return needs(row, [need(license.edition, `technician:${String(technician)}`, term)]);
}

export const itProKinds: Judges<ItProParams> = {
  'it-pro.holder': (question, row) => {
    const { boundTo, edition } = licenseOf(question);
    const holds = boundTo?.type === 'technician' && boundTo.id === question.request['technician'];
    const fits = serves(question, edition, question.catalog.editions?.technician ?? '');
    return holds && fits ? undefined : refuse(row, row.code);
  },
  'it-pro.concurrent': (question, row) => {
    const { license, media, machine } = question.request;
    const others = (question.facts.sessions ?? []).filter(
      (session) => session.license === license && (session.media !== media || session.machine !== machine),
    );
    const ends = others
      .filter((session) => isLive(question, session))
      .map((session) => instant(session.leaseExpiresAt));
    return ends.length > 0 ? refuse(row, row.code, until(Math.max(...ends))) : undefined;
  },
  'it-pro.year': (question, row) => {
    const license = licenseOf(question);
    const early = !begun(question, license);
    const over = license.state === 'revoked' || question.clock.reached(endOf(question, license, row.years));
    if (!early && !over) return undefined;
    const isRestore = row.restores.includes(String(question.request['operation']));
    if (isRestore && !early) return warn(row.restoreRule, [row.warning]);
    return shortage(question, row, license, row.term);
  },
  'it-pro.allowed': (question, row) => {
    if (row.restores.includes(String(question.request['operation']))) return allow(row);
    const license = licenseOf(question);
    const { lastDay } = carrier(question, license);
    const ends = endOf(question, license, row.years);
    return allow(row, { carriers: [{ ends, graceDays: 0, ...(lastDay !== undefined && { lastDay }) }] });
  },
  'it-pro.spare-medium': (question, row) =>
    Number(question.request['existingMedia']) > 0 ? warn(row, [row.warning]) : undefined,
  'it-pro.reassign': (question, row) =>
    question.request['by'] === 'authority' ? allow(row, { obligations: [row.obligation] }) : refuse(row, row.code),
};
