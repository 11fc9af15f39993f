import { HOUR, instant } from '../dates.js';
import { daysOf } from '../defaults/shortage.js';
import type { Tempers } from '../kinds.js';
import { warn, type Finding } from '../question.js';
import { mediaDoubts } from './boot-media.js';

/** Field rules: what real sites do to an answer (rules 1.7). One warning is named, but for the doubts of boot media. */
export interface FieldParams {
  /** A source that runs on after its license moved, where the policy grants days for it (AIP-2.2, `parallelDays`). */
  'field.parallel': { readonly warning: string };
  /** The host is declared, not reported (F-1). */
  'field.host-declared': { readonly warning: string };
  /** No HyperAgent has reported yet (F-2). */
  'field.hyper-agents': { readonly warning: string };
  /** The inventory is silent (F-3); at exactly `freshHours` it is fresh. */
  'field.inventory': { readonly warning: string; readonly freshHours: number };
  /** Doubts about a boot medium (F-10). */
  'field.media': object;
}

/** The allow with a warning instead; duties stay. */
function doubtful(row: { readonly id: string }, warnings: readonly string[], finding: Finding, also?: string): Finding {
  const { obligations } = finding;
  const named = also === undefined ? finding.also : [also];
  return warn(row, warnings, { ...(named && { also: named }), ...(obligations && { obligations }) });
}

export const fieldTempers: Tempers<FieldParams> = {
  'field.parallel': (question, row, finding) => {
    if (finding.decision !== 'needs' || finding.reason_rule !== row.id) return undefined;
    const { supersededAt } = question.ledger.machine(question.request['machine'] as string | undefined) ?? {};
    const left = daysOf(question, supersededAt, question.policy.parallelDays);
    return left === undefined ? undefined : warn(row, [row.warning], { needs: finding.needs ?? [], ...left });
  },
  'field.host-declared': (_question, row, finding) =>
    finding.decision === 'allow' && finding.doubts?.hostDeclaredOnly === true
      ? doubtful(row, [row.warning], finding)
      : undefined,
  'field.hyper-agents': (_question, row, finding) =>
    finding.decision === 'allow' && finding.doubts?.hyperAgentsUnknown === true
      ? doubtful(row, [row.warning], finding)
      : undefined,
  'field.inventory': (question, row, finding) => {
    const asOf = finding.doubts?.inventoryAsOf;
    if (finding.decision !== 'allow' || asOf === undefined) return undefined;
    if (!question.clock.passed(instant(asOf) + row.freshHours * HOUR)) return undefined;
    return doubtful(row, [row.warning], finding, finding.reason_rule);
  },
  'field.media': (question, row, finding) => {
    const doubts = mediaDoubts(question);
    if (doubts.length === 0) return undefined;
    if (finding.decision === 'warn') return { ...finding, warnings: [...(finding.warnings ?? []), ...doubts] };
    return finding.decision === 'allow' ? doubtful(row, doubts, finding) : undefined;
  },
};
