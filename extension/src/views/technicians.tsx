import { useState } from 'preact/hooks';
import { SearchBox } from '../components/filters.js';
import { LoadProblem } from '../components/problem.js';
import { useResource } from '../components/use-resource.js';
import { canChange } from '../model/app.js';
import type { Live } from '../model/live.js';
import { place, setQuery } from '../model/place.js';
import type { RefusalRow, SessionRow } from '../model/rows.js';
import { isHolding, matches, mediaRows, refusalRows, sessionRows } from '../model/technicians.js';
import { Page } from '../shell/page.js';
import { d } from '../texts/decide.js';
import { p } from '../texts/pages.js';
import { s } from '../texts/shell.js';
import { RefusalList } from './refusal-list.js';
import { GivenCodes } from './technicians/codes.js';
import { ItProTable } from './technicians/it-pro.js';
import { MediaTable } from './technicians/media-table.js';
import { NoRows } from './technicians/no-rows.js';
import { RegisterDialog } from './technicians/register-dialog.js';
import { EndDialog, LiveSessionList, PastSessions } from './technicians/sessions.js';

/** Who works where with which stick, what was refused, which media exist. */
export function TechniciansPage({ live }: { live: Live }) {
  const words = p.value.technicians;
  const search = place.value.query['search'] ?? '';
  const [isRegistering, setRegistering] = useState(false);
  const [ending, setEnding] = useState<SessionRow>();
  const sessions = useResource(live, 'sessions', () => sessionRows(live));
  const refusals = useResource(live, 'refusals', () => refusalRows(live));
  const media = useResource(live, 'media', () => mediaRows(live));
  const all = [sessions, refusals, media];
  const known = sessions.data.value ?? [];
  const shown = known.filter((row) => matches(search, [row.technicianName, row.technician, row.media, row.machine]));
  // What a license, a medium or a refusal says of its session is no matter of the search.
  const holding = known.filter(isHolding);
  return (
    <Page
      title={words.title}
      busy={all.some((resource) => resource.loading.value && resource.data.value === undefined)}
      aside={<Head search={search} register={() => setRegistering(true)} />}
    >
      <LoadProblem live={live} resources={all} />
      {sessions.data.value !== undefined && (
        <section>
          <div class="section-head">
            <h2>{p.value.overview.sessions}</h2>
            <p class="quiet">{words.sessionsSub(shown.filter(({ status }) => status === 'live').length)}</p>
          </div>
          <LiveSessionList live={live} sessions={shown.filter(isHolding)} end={setEnding} />
        </section>
      )}
      <ItProTable live={live} sessions={holding} media={media.data.value ?? []} search={search} />
      {refusals.data.value !== undefined && (
        <Refused live={live} rows={refusals.data.value} search={search} sessions={holding} end={setEnding} />
      )}
      {media.data.value !== undefined && (
        <MediaTable
          live={live}
          media={media.data.value.filter((row) => matches(search, [row.id, row.licensee, row.technician]))}
          sessions={holding}
        />
      )}
      <GivenCodes live={live} media={media.data.value ?? []} search={search} />
      <PastSessions live={live} sessions={shown.filter((row) => !isHolding(row))} />
      {ending !== undefined && <EndDialog live={live} session={ending} close={() => setEnding(undefined)} />}
      {isRegistering && <RegisterDialog live={live} close={() => setRegistering(false)} />}
    </Page>
  );
}

function Head({ search, register }: { search: string; register: () => void }) {
  const words = p.value.technicians;
  return (
    <>
      <SearchBox
        label={words.search}
        value={search}
        set={(text) => setQuery({ search: text === '' ? undefined : text })}
      />
      {canChange.value && (
        <button type="button" class="button primary" onClick={register}>
          {words.register}
        </button>
      )}
    </>
  );
}

interface RefusedProps {
  readonly live: Live;
  readonly rows: readonly RefusalRow[];
  readonly search: string;
  readonly sessions: readonly SessionRow[];
  readonly end: (session: SessionRow) => void;
}

function Refused({ live, rows, search, sessions, end }: RefusedProps) {
  const words = p.value.technicians;
  /** Where a session that still runs stood in the way, it can be ended from here, with notice. */
  const takeOver = ({ decision }: RefusalRow) => {
    const { holder } = (decision.value ?? {}) as { readonly holder?: { readonly session?: unknown } };
    const inTheWay = sessions.find(({ id, status }) => id === holder?.session && status === 'live');
    if (inTheWay === undefined || !canChange.value) return null;
    return (
      <button type="button" class="text-button" onClick={() => end(inTheWay)}>
        {`${d.value.title(d.value.acts.end, inTheWay.technicianName ?? inTheWay.technician)}…`}
      </button>
    );
  };
  const [isWhole, setWhole] = useState(false);
  const newest = rows
    .filter((row) => matches(search, [row.machine, row.action, row.decision.reason_rule]))
    .toSorted((a, b) => b.at.localeCompare(a.at));
  const few = 10;
  return (
    <section>
      <div class="section-head">
        <h2>{words.refused}</h2>
        {newest.length > 0 && <p class="quiet">{words.refusedSub}</p>}
      </div>
      {newest.length === 0 ? (
        <NoRows title={p.value.overview.noRefusals} />
      ) : (
        <RefusalList live={live} refusals={isWhole ? newest : newest.slice(0, few)} act={takeOver} />
      )}
      {!isWhole && newest.length > few && (
        <button type="button" class="text-button below" onClick={() => setWhole(true)}>
          {s.value.table.more(newest.length - few)}
        </button>
      )}
    </section>
  );
}
