import { LoadProblem } from '../../components/problem.js';
import { SeatLine } from '../../components/seat-line.js';
import { useResource } from '../../components/use-resource.js';
import type { Live } from '../../model/live.js';
import { calName, count, kindsOf } from '../../model/pools.js';
import type { PoolKeyRow, PoolRow, Pools } from '../../model/rows.js';
import { seatDays, seatHistory } from '../../model/seat-history.js';
import { p } from '../../texts/pages.js';

interface Props {
  readonly live: Live;
  readonly pools: Pools;
  readonly pool: PoolRow;
  readonly keys: readonly PoolKeyRow[];
}

/** What the servers with keys of the pool used of its quota: a line for each kind of client access license. */
export function PoolHistory({ live, pools, pool, keys }: Props) {
  const resource = useResource(live, 'seat history', () => seatHistory(live));
  const history = resource.data.value;
  const { poolTitle } = p.value.seatLine;
  return (
    <section>
      <div class="section-head">
        <h2>{poolTitle}</h2>
      </div>
      <LoadProblem live={live} resources={[resource]} />
      <div class="seat-lines">
        {history !== undefined &&
          kindsOf(pools).map((kind) => {
            const used = keys.reduce((whole, key) => whole + count(key.used, kind), 0);
            const today = { used, owned: count(pool.quota, kind) };
            const seats = seatDays(history, ({ id, cal }) => id === pool.id && cal === kind, today);
            return (
              <div key={kind}>
                <h3 class="soft">{calName(kind)}</h3>
                <SeatLine label={`${poolTitle}, ${calName(kind)}`} seats={seats} of="quota" />
              </div>
            );
          })}
      </div>
    </section>
  );
}
