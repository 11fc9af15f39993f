import type { ComponentChildren } from 'preact';
import { Moment } from '../components/moment.js';
import { reasonOf } from '../components/reason.js';
import { StatusChip } from '../components/status-chip.js';
import { TableHead } from '../components/table-head.js';
import { now } from '../model/clock.js';
import type { Live } from '../model/live.js';
import type { RefusalRow } from '../model/rows.js';
import { recent } from '../texts/format.js';
import { p } from '../texts/pages.js';
import { actionName } from '../texts/names.js';
import { s } from '../texts/shell.js';

interface Props {
  readonly live: Live;
  readonly refusals: readonly RefusalRow[];
  /** What can be done about one from here. */
  readonly act?: (refusal: RefusalRow) => ComponentChildren;
}

/** What was refused, why in the rules' own sentence, and what to do now. */
export function RefusalList({ live, refusals, act }: Props) {
  const words = p.value.technicians;
  return (
    <table role="table" class="box table refusals">
      <TableHead
        columns={[
          [words.when],
          [words.machine],
          [words.what, 'wide-only'],
          [words.why],
          [p.value.machines.detail.rule, 'wide-only'],
        ]}
      />
      <tbody role="rowgroup">
        {refusals.map((refusal) => {
          const { sentence, cure } = reasonOf(refusal.decision);
          const isNew = live.marked.value.has(`refusal:${refusal.id}`);
          return (
            <tr role="row" key={refusal.id} class={isNew ? 'changed' : ''}>
              <td role="cell" class="soft nowrap">
                <Moment at={refusal.at}>{recent(refusal.at, now.value)}</Moment>
              </td>
              <td role="cell" class="strong cut">
                {refusal.machine ?? s.value.table.none}
              </td>
              <td role="cell" class="soft wide-only cut">
                {actionName(refusal.action)}
              </td>
              <td role="cell" class="why">
                <StatusChip tone="stop" word={sentence} title={sentence} />
                {cure !== '' && <p class="soft">{cure}</p>}
                {act?.(refusal)}
              </td>
              <td role="cell" class="quiet nowrap wide-only">
                {refusal.decision.reason_rule}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
