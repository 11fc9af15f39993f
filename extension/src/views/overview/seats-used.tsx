import { LoadProblem } from '../../components/problem.js';
import { SeatLine } from '../../components/seat-line.js';
import { useResource } from '../../components/use-resource.js';
import type { Live } from '../../model/live.js';
import { seatDays, seatHistory } from '../../model/seat-history.js';
import type { Overview } from '../../model/rows.js';
import { p } from '../../texts/pages.js';

/** All licenses together; a pool's own line stands with the pool. */
export function SeatsUsed({ live, types }: { live: Live; types: Overview['types'] }) {
  const resource = useResource(live, 'seat history', () => seatHistory(live));
  const history = resource.data.value;
  const { title } = p.value.seatLine;
  const sum = (which: 'used' | 'owned') => types.reduce((whole, type) => whole + type[which], 0);
  const today = { used: sum('used'), owned: sum('owned') };
  return (
    <section>
      <div class="section-head">
        <h2>{title}</h2>
      </div>
      <LoadProblem live={live} resources={[resource]} />
      {history !== undefined && (
        <SeatLine of="owned" label={title} seats={seatDays(history, ({ kind }) => kind === 'type', today)} />
      )}
    </section>
  );
}
