import { isChangeReply } from '@leasehold/protocol/guards';
import { Copyable } from '../../components/copyable.js';
import { AskDialog } from '../../components/ask-dialog.js';
import { NoRows } from './no-rows.js';
import { Icon } from '../../components/icon.js';
import { Moment } from '../../components/moment.js';
import { StatusChip } from '../../components/status-chip.js';
import { TableHead } from '../../components/table-head.js';
import { TimeRuler } from '../../components/time-ruler.js';
import { canChange } from '../../model/app.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import type { SessionRow } from '../../model/rows.js';
import { d } from '../../texts/decide.js';
import { instant, recent, since as sinceText, span } from '../../texts/format.js';
import { p } from '../../texts/pages.js';

const nameOf = ({ technicianName, technician }: SessionRow) => technicianName ?? technician;
const changed = (live: Live, { id }: SessionRow) => (live.marked.value.has(`session:${id}`) ? 'changed' : '');

interface ListProps {
  readonly live: Live;
  readonly sessions: readonly SessionRow[];
  readonly end: (session: SessionRow) => void;
}

export function LiveSessionList({ live, sessions, end }: ListProps) {
  const words = p.value.technicians;
  if (sessions.length === 0) {
    return <NoRows title={p.value.overview.noSessions} body={words.noSessionsSub} />;
  }
  return (
    <>
      <ul class="box sessions">
        {sessions.map((session) => (
          <LiveSession key={session.id} live={live} session={session} end={() => end(session)} />
        ))}
      </ul>
      <p class="quiet below">{words.seatNote}</p>
    </>
  );
}

/** Ends a session for its holder, with notice: its grant runs out, and the next caller has the seat. What is on a medium
 * without a network cannot be called back. */
export function EndDialog({ live, session, close }: { live: Live; session: SessionRow; close: () => void }) {
  const words = d.value;
  const { machine, until, voucher } = session;
  return (
    <AskDialog
      live={live}
      title={words.title(words.acts.end, nameOf(session))}
      act={words.acts.end}
      danger
      consequences={[
        {
          icon: 'stop',
          title: words.noStart(machine),
          body: voucher === 'fetched' ? words.stays(instant(until)) : words.freed,
        },
      ]}
      route="sessionStop"
      isReply={isChangeReply}
      params={{ session: session.id }}
      body={{}}
      close={close}
    />
  );
}

/** How it goes on: online, out of reach of a network, or told to finish and by whom. */
function SessionState({ session: { status, voucher, takenBy } }: { session: SessionRow }) {
  const words = p.value.technicians;
  const isLive = status === 'live';
  const isOut = isLive && voucher != null;
  const said = [
    isOut ? d.value.checkedOut : isLive ? words.live : words.finishing,
    isOut && d.value.noNetwork,
    isOut && voucher === 'waiting' && d.value.waiting,
    takenBy != null && d.value.takenBy(takenBy),
  ];
  return (
    <>
      <Icon name={isOut ? 'key' : isLive ? 'activity' : 'clock'} class={isLive ? 'ok' : 'attention'} />
      {said.filter(Boolean).join(' · ')}
    </>
  );
}

interface RowProps {
  readonly live: Live;
  readonly session: SessionRow;
  readonly end: () => void;
}

function LiveSession({ live, session, end }: RowProps) {
  const words = p.value.technicians;
  const since = Date.parse(session.startedAt);
  const until = Date.parse(session.until);
  const isLive = session.status === 'live';
  return (
    <li class={`session-row ${changed(live, session)}`}>
      <div>
        <p class="strong">{nameOf(session)}</p>
        <Copyable text={session.license} />
      </div>
      <div>
        <p class="strong session-state">
          <SessionState session={session} />
        </p>
        <p class="soft">{words.on(session.machine, session.media, sinceText(since, now.value))}</p>
      </div>
      <TimeRuler since={since} until={until} levels={[]} tone="neutral" width={190} />
      <div class="right">
        <p class="strong nowrap">{span(Math.max(0, until - now.value))}</p>
        <p class="quiet nowrap">{words.of(span(until - since))}</p>
      </div>
      {canChange.value && isLive ? (
        <button type="button" class="button small" onClick={end}>
          {`${d.value.acts.end}…`}
        </button>
      ) : (
        <span />
      )}
    </li>
  );
}

/** Of a license or medium: online, or out of reach until its end. */
export function InUse({ session: { voucher } }: { session: SessionRow }) {
  if (voucher != null) return <StatusChip tone="muted" icon="key" word={d.value.checkedOut} />;
  return <StatusChip tone="ok" icon="activity" word={p.value.technicians.inSession} />;
}

export function PastSessions({ live, sessions }: { live: Live; sessions: readonly SessionRow[] }) {
  const words = p.value.technicians;
  if (sessions.length === 0) return null;
  return (
    <section>
      <div class="section-head">
        <h2>{words.past}</h2>
      </div>
      <table class="box table">
        <TableHead
          columns={[
            [words.when],
            [words.technician],
            [words.machine],
            [words.medium, 'wide-only'],
            [p.value.machines.status],
          ]}
        />
        <tbody>
          {sessions.slice(0, 50).map((session) => (
            <tr key={session.id} class={changed(live, session)}>
              <td class="soft nowrap">
                <Moment at={session.startedAt}>{recent(session.startedAt, now.value)}</Moment>
              </td>
              <td class="strong cut">{nameOf(session)}</td>
              <td class="cut">{session.machine}</td>
              <td class="mono wide-only">{session.media}</td>
              <td class="soft">
                {session.status === 'lapsed' ? words.lapsed : words.ended}
                {session.takenBy != null && ` · ${d.value.takenBy(session.takenBy)}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
