import { entryWords } from '../../components/journal-words.js';
import { Moment } from '../../components/moment.js';
import { LoadProblem } from '../../components/problem.js';
import { useResource } from '../../components/use-resource.js';
import { now } from '../../model/clock.js';
import { merged, newestEntries } from '../../model/journal.js';
import type { Live } from '../../model/live.js';
import { hrefOf } from '../../model/place.js';
import { recent } from '../../texts/format.js';
import { p } from '../../texts/pages.js';

const SHOWN = 6;

export function RecentActivity({ live }: { live: Live }) {
  const words = p.value.overview;
  const resource = useResource(live, 'recent-activity', () => newestEntries(live, SHOWN));
  const known = resource.data.value;
  const rows = known === undefined ? undefined : merged(known.rows, live.arrived.value).slice(0, SHOWN);
  return (
    <section>
      <div class="section-head">
        <h2>{words.activity}</h2>
        <a class="end" href={hrefOf('activity')}>
          {words.allActivity}
        </a>
      </div>
      <LoadProblem live={live} resources={[resource]} />
      <ol class="lines activity-lines" aria-live="polite">
        {rows?.map((row) => {
          const { sentence, who } = entryWords(row, live.tokenNames.value);
          return (
            <li key={row.seq} class={live.arrived.value.includes(row) ? 'changed' : ''}>
              <Moment class="quiet nowrap" at={row.at}>
                {recent(row.at, now.value)}
              </Moment>
              <span>{sentence}</span>
              <span class="quiet">{who}</span>
            </li>
          );
        })}
      </ol>
      {rows?.length === 0 && <p class="quiet">{words.noActivity}</p>}
    </section>
  );
}
