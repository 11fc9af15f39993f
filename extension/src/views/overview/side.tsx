import { QuotaBar } from '../../components/quota-bar.js';
import { TimeRuler } from '../../components/time-ruler.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import { hrefOf } from '../../model/place.js';
import type { PoolRow, SessionRow } from '../../model/rows.js';
import { number, since, span } from '../../texts/format.js';
import { p } from '../../texts/pages.js';
import { s } from '../../texts/shell.js';

const marked = (live: Live, key: string) => (live.marked.value.has(key) ? 'changed' : '');

interface SessionsProps {
  readonly live: Live;
  readonly sessions: readonly SessionRow[];
  /** Live beside these. */
  readonly more: number;
}

/** Who works with an IT Pro license now, on what, how long still. */
export function LiveSessions({ live, sessions, more }: SessionsProps) {
  const words = p.value.overview;
  const all = hrefOf('technicians');
  return (
    <section>
      <div class="section-head">
        <h2>{words.sessions}</h2>
        <a class="end" href={all}>
          {p.value.technicians.sessionsSub(sessions.length + more)}
        </a>
      </div>
      {sessions.length === 0 ? (
        <p class="quiet">{words.noSessions}</p>
      ) : (
        <ul class="lines">
          {sessions.map((session) => {
            const until = Date.parse(session.until);
            return (
              <li key={session.id} class={`session-line ${marked(live, `session:${session.id}`)}`}>
                <div>
                  <p class="strong">{session.technicianName ?? session.technician}</p>
                  <p class="soft">
                    {p.value.technicians.on(session.machine, session.media, since(session.startedAt, now.value))}
                  </p>
                </div>
                <div class="right">
                  <p class="strong nowrap">{span(Math.max(0, until - now.value))}</p>
                  <TimeRuler
                    since={Date.parse(session.startedAt)}
                    until={until}
                    width={84}
                    levels={[]}
                    tone="neutral"
                  />
                </div>
              </li>
            );
          })}
          {more > 0 && (
            <li>
              <a href={all}>{s.value.table.more(more)}</a>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

/** How much of each pool is in keys. */
export function PoolBars({ live, pools }: { live: Live; pools: readonly PoolRow[] }) {
  const words = p.value.overview;
  return (
    <section>
      <div class="section-head">
        <h2>{words.pools}</h2>
        <a class="end" href={hrefOf('pools')}>
          {pools.length}
        </a>
      </div>
      {pools.length === 0 ? (
        <p class="quiet">{words.noPools}</p>
      ) : (
        <ul class="lines">
          {pools.map((pool) => {
            const quota = Object.values(pool.quota).reduce((a, b) => a + b, 0);
            const given = Object.values(pool.keyQuota).reduce((a, b) => a + b, 0);
            const label = words.inKeys(number(given), number(quota));
            return (
              <li key={pool.id} class={`pool-line ${marked(live, `pool:${pool.id}`)}`}>
                <a class="row-link cut" href={hrefOf('pools', pool.id)}>
                  {pool.name}
                </a>
                <QuotaBar quota={quota} used={given} label={label} />
                <span class="nowrap right">
                  <span class="strong">{number(given)}</span>
                  <span class="quiet">{` / ${number(quota)}`}</span>
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
