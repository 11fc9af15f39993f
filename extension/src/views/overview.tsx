import { endsHref, EndsTimeline } from '../components/ends-timeline.js';
import { Headline, StateBar } from '../components/health.js';
import { Icon } from '../components/icon.js';
import { LoadProblem } from '../components/problem.js';
import { SHAPES } from '../components/status-chip.js';
import type { Live } from '../model/live.js';
import { hrefOf } from '../model/place.js';
import type { Resource } from '../model/resource.js';
import type { Overview } from '../model/rows.js';
import { Page } from '../shell/page.js';
import { t } from '../texts/core.js';
import { instant, number } from '../texts/format.js';
import { p } from '../texts/pages.js';
import { now } from '../model/clock.js';
import { s } from '../texts/shell.js';
import { TONES } from './machines/machine-status.js';
import { RecentActivity } from './overview/recent-activity.js';
import { LastRefusals } from './overview/last-refusals.js';
import { LiveSessions, PoolBars } from './overview/side.js';
import { SeatsByType } from './overview/seats.js';
import { SeatsUsed } from './overview/seats-used.js';
import { TodoList } from './overview/todo-list.js';

const STATES = ['valid', 'expires_soon', 'offline', 'grace', 'stopped'] as const;

const LAPSING = ['day', 'fortnight'] as const;

/** Each state leads to the machines that it counts. */
function Health({ machines }: { machines: Overview['machines'] }) {
  const words = t.value.health;
  const { leasesEnd } = p.value.overview;
  const { online, silent, lapsing, total } = machines;
  const counts = { ...machines, expires_soon: machines.expiresSoon };
  return (
    <section class="health">
      <Headline machines={machines} />
      <StateBar machines={machines} />
      {total > 0 && (
        <div class="health-figures">
          <p class="legend">
            {STATES.map((status) => {
              const n = counts[status] ?? 0;
              return (
                (n > 0 || status === 'valid') && (
                  <a key={status} href={hrefOf('machines', undefined, { status })}>
                    <Icon name={SHAPES[TONES[status]]} class={TONES[status]} />
                    {words[status](n)}
                  </a>
                )
              );
            })}
          </p>
          <p class="soft">
            {[words.online(online), words.silent(silent)].join(' · ')}
            {lapsing &&
              LAPSING.map((span) => (
                <span key={span}>
                  {' · '}
                  <a href={hrefOf('machines', undefined, { mark: `lapses_${span}` })}>
                    {leasesEnd[span](lapsing[span])}
                  </a>
                </span>
              ))}
          </p>
        </div>
      )}
    </section>
  );
}

/** How the whole is, what to do, what is used, what ends, who works, what was refused, what happened. */
export function OverviewPage({ live, resource }: { live: Live; resource: Resource<Overview> }) {
  const overview = resource.data.value;
  const words = p.value.overview;
  return (
    <Page title={s.value.nav.overview} busy={resource.loading.value && overview === undefined} aside={<Clock />}>
      <LoadProblem live={live} resources={[resource]} />
      {overview !== undefined && (
        <>
          <Health machines={overview.machines} />
          <TodoList overview={overview} />
          <div class="columns">
            <SeatsByType types={overview.types} />
            <div class="stack">
              <SeatsUsed live={live} types={overview.types} />
              <LiveSessions live={live} sessions={overview.sessions} more={overview.sessionsMore ?? 0} />
              <PoolBars live={live} pools={overview.pools} />
            </div>
          </div>
          <section>
            <div class="section-head">
              <h2>{words.ends}</h2>
              <p class="quiet">{words.endsSub}</p>
              <a class="end" href={endsHref()}>
                {`${number(overview.ends.reduce((sum, { count }) => sum + count, 0))} ${s.value.nav.licenses}`}
              </a>
            </div>
            {overview.ends.length > 0 ? <EndsTimeline ends={overview.ends} /> : <p class="quiet">{words.noEnds}</p>}
          </section>
          <LastRefusals live={live} refusals={overview.refusals} />
          <RecentActivity live={live} />
        </>
      )}
    </Page>
  );
}

function Clock() {
  return <span class="quiet clock">{instant(now.value)}</span>;
}
