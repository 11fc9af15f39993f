import { isChangeReply } from '@leasehold/protocol/guards';
import { useState } from 'preact/hooks';
import { Copyable } from '../../components/copyable.js';
import { ConfirmDialog } from '../../components/dialog.js';
import { Empty } from '../../components/empty.js';
import { Icon } from '../../components/icon.js';
import { Moment } from '../../components/moment.js';
import { TimeRuler } from '../../components/time-ruler.js';
import { canChange } from '../../model/app.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import type { SessionRow } from '../../model/rows.js';
import { recent, since as sinceText, span } from '../../texts/format.js';
import { p } from '../../texts/pages.js';

const nameOf = ({ technicianName, technician }: SessionRow) => technicianName ?? technician;
const changed = (live: Live, { id }: SessionRow) => (live.marked.value.has(`session:${id}`) ? 'changed' : '');

export function LiveSessionList({ live, sessions }: { live: Live; sessions: readonly SessionRow[] }) {
  const [asked, setAsked] = useState<SessionRow>();
  const words = p.value.technicians;
  if (sessions.length === 0) {
    return (
      <div class="box">
        <Empty title={words.noSessions} body={words.noSessionsSub} />
      </div>
    );
  }
  return (
    <>
      <ul class="box sessions">
        {sessions.map((session) => (
          <LiveSession key={session.id} live={live} session={session} end={() => setAsked(session)} />
        ))}
      </ul>
      <p class="quiet below">{words.seatNote}</p>
      {asked !== undefined && (
        <ConfirmDialog
          title={words.endTitle(nameOf(asked))}
          act={words.endAct}
          consequences={[{ icon: 'stop', title: words.endEffect(asked.machine), body: words.endEffectSub }]}
          close={() => setAsked(undefined)}
          run={async () => {
            await live.authority.call('sessionStop', isChangeReply, { params: { session: asked.id }, body: {} });
          }}
        />
      )}
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
          <Icon name={isLive ? 'activity' : 'clock'} class={isLive ? 'ok' : 'attention'} />
          {isLive ? words.live : words.finishing}
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
          {words.end}
        </button>
      ) : (
        <span />
      )}
    </li>
  );
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
        <thead>
          <tr>
            <th scope="col">{words.when}</th>
            <th scope="col">{words.technician}</th>
            <th scope="col">{words.machine}</th>
            <th scope="col" class="wide-only">
              {words.medium}
            </th>
            <th scope="col">{words.state}</th>
          </tr>
        </thead>
        <tbody>
          {sessions.slice(0, 50).map((session) => (
            <tr key={session.id} class={changed(live, session)}>
              <td class="soft nowrap">
                <Moment at={session.startedAt}>{recent(session.startedAt, now.value)}</Moment>
              </td>
              <td class="strong cut">{nameOf(session)}</td>
              <td class="cut">{session.machine}</td>
              <td class="mono wide-only">{session.media}</td>
              <td class="soft">{session.status === 'lapsed' ? words.lapsed : words.ended}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
