import { addDays, DAY, startOfDay } from '../dates.js';
import type { Tempers } from '../kinds.js';
import type { Day } from '../model.js';
import { until, warn, type Carrier, type Finding, type Question } from '../question.js';

/** Expiry grades of an allow: of the licenses that carry it the one that ends first (rules 1.8). A grade comes before any
 * other warning, and then it alone is named. */
export interface GradeParams {
  /** In grace after its end (D-3). */
  'grade.grace': { readonly warning: string };
  /** Ends within the policy's warning days (D-2). */
  'grade.expires-soon': { readonly warning: string };
}

function firstToEnd(finding: Finding): Carrier | undefined {
  if (finding.decision !== 'allow') return undefined;
  const carriers = finding.carriers ?? [];
  return carriers.reduce<Carrier | undefined>(
    (first, one) => (first && first.ends <= one.ends ? first : one),
    undefined,
  );
}

/** How many days before an end its warnings begin; negative where there are none. */
export function warnsWithin({ policy }: Question): number {
  return policy.warnDays.reduce((most, days) => Math.max(most, days), Number.NEGATIVE_INFINITY);
}

/** Days until the end, once at most `within` are left: calendar days to a last day, else rounded up to its instant. */
function daysLeft(question: Question, { ends, lastDay }: Carrier, within: number): number | undefined {
  const { clock, timeZone } = question;
  if (lastDay === undefined) return clock.reached(ends - within * DAY) ? clock.daysLeft(ends) : undefined;
  return isNear(question, lastDay, within) ? clock.calendarDaysLeft(lastDay, timeZone) : undefined;
}

/** Are at most so many calendar days left to a last day? Never within less than none. */
export function isNear({ clock, timeZone }: Question, lastDay: Day, within: number): boolean {
  return within >= 0 && clock.reached(startOfDay(addDays(lastDay, -within), timeZone));
}

export const gradeTempers: Tempers<GradeParams> = {
  'grade.grace': (question, row, finding) => {
    const first = firstToEnd(finding);
    if (first === undefined || !question.clock.reached(first.ends)) return undefined;
    const stops = first.ends + first.graceDays * DAY;
    return graded(row, question.clock.daysLeft(stops), stops);
  },
  'grade.expires-soon': (question, row, finding) => {
    const first = firstToEnd(finding);
    if (first === undefined || first.ends === Number.POSITIVE_INFINITY) return undefined;
    const days = daysLeft(question, first, warnsWithin(question));
    return days === undefined ? undefined : graded(row, days, first.ends);
  },
};

function graded(row: { readonly id: string; readonly warning: string }, days: number, ends: number): Finding {
  return warn(row, [row.warning], { value: { daysLeft: days }, ...until(ends) });
}
