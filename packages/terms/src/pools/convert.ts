import { isNear, warnsWithin } from '../defaults/grades.js';
import type { Judges } from '../kinds.js';
import type { Day, PoolLicense, PoolType } from '../model.js';
import { allow, refuse, warn, type Question } from '../question.js';
import { typeTotal } from './cals.js';
import { askedLicense, askedPool, earliestFreeUpgrade, isOver, poolLicenses } from './stock.js';

interface Code {
  readonly code: string;
}
/** What is told about the date that all keys of the type will inherit. */
interface DateWarnings {
  readonly lowers: string;
  readonly soon: string;
}

/** From a poolable license to the CALs of a type. */
export interface ConvertParams {
  /** It was converted before (LMP-4.6). */
  'convert.again': Code;
  /** There is no way back (LMP-4.6). */
  'convert.undo': Code;
  /** Metered, not purchased (LMP-4.2). */
  'convert.metered': Code;
  /** Its date would end all keys of the type, for good (LMP-1.5, A-19). */
  'convert.too-late': Code;
  /** Without its own confirmation (LMP-3.1). */
  'convert.unconfirmed': Code;
  /** A server runs on it and loses it (LMP-3.2); what else there is to tell stands beside it (rules 1.8). */
  'convert.in-use': DateWarnings & { readonly warning: string };
  /** Every key of the type inherits the earliest date (LMP-1.5b, D-2). */
  'convert.dated': DateWarnings;
  /** CALs of one type for a pool of the other (LMP-4.11). */
  'pool.mixed': Code;
  /** LMP-1.2; `kinds` are named even where there is none. */
  'pool.totals': { readonly kinds: readonly string[] };
}

export const convertKinds: Judges<ConvertParams> = {
  'convert.again': (question, row) => (askedLicense(question).state === 'pooled' ? refuse(row, row.code) : undefined),
  'convert.undo': (question, row) => {
    askedLicense(question);
    return refuse(row, row.code);
  },
  'convert.metered': (question, row) =>
    askedLicense(question).purchase === 'metered' ? refuse(row, row.code) : undefined,
  'convert.too-late': (question, row) =>
    isOver(question, askedLicense(question).freeUpgradeUntil) ? refuse(row, row.code) : undefined,
  'convert.unconfirmed': (question, row) => (question.request['confirm'] === true ? undefined : refuse(row, row.code)),
  'convert.in-use': (question, row) => {
    const license = askedLicense(question);
    return isUsed(question, license) ? warn(row, [row.warning, ...dateWarnings(question, row, license)]) : undefined;
  },
  'convert.dated': (question, row) => {
    const warnings = dateWarnings(question, row, askedLicense(question));
    return warnings.length === 0 ? undefined : warn(row, warnings);
  },
  'pool.mixed': (question, row) =>
    askedLicense(question, 'fromLicense').type === askedPool(question).type ? undefined : refuse(row, row.code),
  'pool.totals': (question, row) => {
    const type = question.text('type') as PoolType;
    return allow(row, { value: { cals: typeTotal(poolLicenses(question), type, row.kinds) } });
  },
};

/** In use by its own record, or by what a server reports. */
function isUsed(question: Question, license: PoolLicense): boolean {
  if (license.appliedTo !== null && license.appliedTo !== undefined) return true;
  return (question.facts.servers ?? []).some(
    ({ applied }) => applied?.id === license.id && applied.kind !== 'pool_key',
  );
}

function dateWarnings(question: Question, row: DateWarnings, license: PoolLicense): string[] {
  const present = earliestFreeUpgrade(poolLicenses(question), license.type);
  const lowers = present !== null && license.freeUpgradeUntil < present;
  const earliest = present === null || lowers ? license.freeUpgradeUntil : present;
  return [...(lowers ? [row.lowers] : []), ...(endsSoon(question, earliest) ? [row.soon] : [])];
}

/** D-2's window, in calendar days. */
function endsSoon(question: Question, day: Day): boolean {
  return isNear(question, day, warnsWithin(question));
}
