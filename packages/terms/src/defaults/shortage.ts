import { DAY, instant } from '../dates.js';
import type { Tempers } from '../kinds.js';
import type { BackupServer, Instance, Iso, Machine } from '../model.js';
import { until, warn, type Finding, type Question } from '../question.js';

/** The shortage grace: of a machine, and of an instance or server that was copied. */
export interface ShortageParams {
  /** Covered until something else changed: days to cure it (F-4). */
  'field.shortage': { readonly warning: string };
}

export const shortageTempers: Tempers<ShortageParams> = {
  'field.shortage': (question, row, finding) => {
    if (finding.decision !== 'needs') return undefined;
    const left = daysOf(question, subject(question)?.shortSince, question.policy.shortageGraceDays);
    if (left === undefined) return undefined;
    return warn(row, [row.warning], { needs: finding.needs ?? [], also: [finding.reason_rule], ...left });
  },
};

/** Whose backup is asked about: each profile names it by a field of its own. */
function subject({ ledger, request }: Question): Machine | Instance | BackupServer | undefined {
  return (
    ledger.machine(request['machine'] as string | undefined) ??
    ledger.find('instances', request['instance'] as string | undefined) ??
    ledger.find('servers', request['server'] as string | undefined)
  );
}

/** What is left of a number of days from an instant; undefined when there is none, or they are over. */
export function daysOf(
  question: Question,
  since: Iso | undefined,
  days: number,
): Pick<Finding, 'value' | 'until'> | undefined {
  if (since === undefined) return undefined;
  const ends = instant(since) + days * DAY;
  if (question.clock.reached(ends)) return undefined;
  return { value: { daysLeft: question.clock.daysLeft(ends) }, ...until(ends) };
}
