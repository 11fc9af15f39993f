import { useState } from 'preact/hooks';
import { Empty } from '../components/empty.js';
import { SearchBox } from '../components/filters.js';
import { Icon } from '../components/icon.js';
import { entryWords, type EntryWords } from '../components/journal-words.js';
import { Moment } from '../components/moment.js';
import { LoadProblem, ProblemNote } from '../components/problem.js';
import { TableHead } from '../components/table-head.js';
import { useAct } from '../components/use-act.js';
import { useResource } from '../components/use-resource.js';
import { now } from '../model/clock.js';
import { entriesUpTo, merged, newestEntries, type Entries } from '../model/journal.js';
import type { Live } from '../model/live.js';
import { place, setQuery } from '../model/place.js';
import type { JournalRow } from '../model/rows.js';
import { matches } from '../model/technicians.js';
import { Page } from '../shell/page.js';
import { number, recent } from '../texts/format.js';
import { p } from '../texts/pages.js';
import { s } from '../texts/shell.js';
import { EntryDetail } from './activity/entry-detail.js';

const STEP = 100;
const NONE: Entries = { rows: [], from: 0 };

/** The journal, live. Every entry was followed from the one before and stands under a signed head. */
export function ActivityPage({ live }: { live: Live }) {
  const words = p.value.activity;
  const search = place.value.query['search'] ?? '';
  const resource = useResource(live, 'journal', () => newestEntries(live, STEP));
  const loaded = resource.data.value;
  const [older, setOlder] = useState<Entries>();
  const { from } = older ?? loaded ?? NONE;
  const rows = loaded && merged(older?.rows ?? [], loaded.rows, live.arrived.value);
  const more = useAct(async () => {
    const found = await entriesUpTo(live, from, STEP);
    setOlder({ rows: [...rows!, ...found.rows], from: found.from });
  });
  return (
    <Page
      title={s.value.nav.activity}
      busy={resource.loading.value && loaded === undefined}
      aside={<SearchBox label={words.search} value={search} set={(text) => setQuery({ search: text || undefined })} />}
    >
      <Verified live={live} />
      <LoadProblem live={live} resources={[resource]} />
      {rows !== undefined && <Found live={live} rows={rows} search={search} />}
      <ProblemNote problem={more.problem} />
      {from > 0 && (
        <button type="button" class="button small older" disabled={more.busy} onClick={more.run}>
          {words.older}
        </button>
      )}
    </Page>
  );
}

function Found({ live, rows, search }: { live: Live; rows: readonly JournalRow[]; search: string }) {
  const words = p.value.activity;
  const names = live.tokenNames.value;
  const shown = rows
    .map((row) => ({ row, ...entryWords(row, names) }))
    .filter(({ row, sentence, who }) => matches(search, [sentence, who, row.type]));
  if (shown.length > 0) return <Entries live={live} entries={shown} />;
  return search === '' ? <Empty title={words.none} body={words.noneSub} /> : <Empty title={words.noMatch} />;
}

function Verified({ live }: { live: Live }) {
  const words = p.value.activity;
  const status = live.status.value;
  const seq = number(live.seq.value ?? 0);
  const isVerified = status.phase === 'live' && status.verified;
  const said = status.phase === 'live' ? (isVerified ? words.verifiedUpTo(seq) : words.checking(seq)) : words.notLive;
  return (
    <p class="verified-line">
      <Icon name={isVerified ? 'shield' : 'pending'} class={isVerified ? 'ok' : 'quiet'} />
      <span class="strong">{said}</span>
      <span class="quiet">{words.explain}</span>
    </p>
  );
}

type Entry = EntryWords & { readonly row: JournalRow };

function Entries({ live, entries }: { live: Live; entries: readonly Entry[] }) {
  const words = p.value.activity;
  const [open, setOpen] = useState<number>();
  const arrived = new Set(live.arrived.value.map(({ seq }) => seq));
  return (
    <table class="box table entries">
      <TableHead
        columns={[
          [words.entry, 'wide-only entry-number'],
          [p.value.technicians.when, 'entry-when'],
          [words.what],
          [words.who, 'wide-only entry-who'],
          [s.value.table.details, 'entry-open', true],
        ]}
      />
      <tbody>
        {entries.map((entry) => (
          <EntryLine
            key={entry.row.seq}
            entry={entry}
            isNew={arrived.has(entry.row.seq)}
            isOpen={open === entry.row.seq}
            toggle={() => setOpen(open === entry.row.seq ? undefined : entry.row.seq)}
          />
        ))}
      </tbody>
    </table>
  );
}

interface LineProps {
  readonly entry: Entry;
  readonly isNew: boolean;
  readonly isOpen: boolean;
  readonly toggle: () => void;
}

function EntryLine({ entry, isNew, isOpen, toggle }: LineProps) {
  const { row, sentence, who, payload } = entry;
  return (
    <>
      <tr class={isNew ? 'changed' : ''}>
        <td class="quiet wide-only">{number(row.seq)}</td>
        <td class="soft nowrap">
          <Moment at={row.at}>{recent(row.at, now.value)}</Moment>
        </td>
        <td class="sentence">{sentence}</td>
        <td class="soft wide-only cut">{who}</td>
        <td class="right">
          <button type="button" class="icon-button" aria-expanded={isOpen} onClick={toggle}>
            <Icon name={isOpen ? 'down' : 'chevron'} label={`${s.value.table.details}: ${row.seq}`} />
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr class="detail-row">
          <td colSpan={5}>
            <EntryDetail row={row} payload={payload} who={who} />
          </td>
        </tr>
      )}
    </>
  );
}
