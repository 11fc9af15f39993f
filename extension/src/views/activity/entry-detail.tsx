import { Copyable } from '../../components/copyable.js';
import type { JournalPayload, JournalRow } from '../../model/rows.js';
import { exact } from '../../texts/format.js';
import { p } from '../../texts/pages.js';

/** An entry whole: who, when to the second, what it holds, and the fingerprints that chain it. */
export function EntryDetail(props: { row: JournalRow; payload: JournalPayload | undefined; who: string }) {
  const { row, payload, who } = props;
  const words = p.value.activity;
  return (
    <div class="detail entry-detail">
      <dl class="facts">
        <dt>{words.what}</dt>
        <dd class="mono">{row.type}</dd>
        <dt>{p.value.technicians.when}</dt>
        <dd>{exact(row.at)}</dd>
        <dt>{words.who}</dt>
        <dd>
          {who} <span class="quiet mono">{row.actor}</span>
        </dd>
        {payload !== undefined && (
          <>
            <dt>{words.subject}</dt>
            <dd>
              {payload.subject.type} <Copyable text={payload.subject.id} most={40} />
            </dd>
          </>
        )}
        {Object.entries(payload?.details ?? {}).map(([name, value]) => (
          <>
            <dt key={name}>{name.replaceAll('_', ' ')}</dt>
            <dd>{typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value)}</dd>
          </>
        ))}
        <dt>{words.hash}</dt>
        <dd>
          <Copyable text={row.hash} most={46} />
        </dd>
        <dt>{words.follows}</dt>
        <dd>{row.prev === '' ? '—' : <Copyable text={row.prev} most={46} />}</dd>
      </dl>
      {payload === undefined && <p class="soft">{words.erased}</p>}
    </div>
  );
}
