import type { Live } from '../../model/live.js';
import { hrefOf } from '../../model/place.js';
import type { RefusalRow } from '../../model/rows.js';
import { p } from '../../texts/pages.js';
import { RefusalList } from '../refusal-list.js';

const SHOWN = 5;

export function LastRefusals({ live, refusals }: { live: Live; refusals: readonly RefusalRow[] }) {
  const words = p.value.overview;
  return (
    <section>
      <div class="section-head">
        <h2>{words.refusals}</h2>
        {refusals.length > 0 && (
          <a class="end" href={hrefOf('technicians')}>
            {words.allRefusals}
          </a>
        )}
      </div>
      {refusals.length === 0 ? (
        <p class="quiet">{words.noRefusals}</p>
      ) : (
        <RefusalList live={live} refusals={refusals.slice(0, SHOWN)} />
      )}
    </section>
  );
}
