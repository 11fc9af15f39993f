import { useState } from 'preact/hooks';
import { Icon } from '../../components/icon.js';
import { canChange } from '../../model/app.js';
import type { Live } from '../../model/live.js';
import { place } from '../../model/place.js';
import { calName, count, kindsOf, sum, totalOf } from '../../model/pools.js';
import type { PoolKeyRow, PoolRow, Pools } from '../../model/rows.js';
import { number } from '../../texts/format.js';
import { lp } from '../../texts/pools.js';
import { BarLegend } from '../overview/seats.js';
import { CreateKeyDialog } from './key-dialogs.js';
import { KeyTable } from './key-table.js';
import { EarliestLine } from './pool-licenses.js';
import { PoolHistory } from './pool-history.js';
import { QuotaForm } from './quota-form.js';

/** One pool: its quota, its keys, where their date comes from. */
export function PoolDetail({ live, pools, pool }: { live: Live; pools: Pools; pool: PoolRow }) {
  const words = lp.value;
  const keys = pools.keys.filter(({ poolId }) => poolId === pool.id);
  const total = totalOf(pools, pool.type) ?? NO_TOTAL;
  return (
    <>
      <section>
        <div class="section-head">
          <h2>{words.quota}</h2>
          <p class="quiet">{words.quotaSub(pool.type, number(sum(total.inPools)), number(sum(total.cals)))}</p>
          <BarLegend />
        </div>
        <QuotaForm live={live} pools={pools} pool={pool} keys={keys} />
      </section>
      <section>
        <KeysHead live={live} pools={pools} pool={pool} keys={keys} />
        <KeyTable live={live} pools={pools} pool={pool} keys={keys} />
        {keys.length > 0 && <EarliestLine until={total.freeUpgradeUntil} from={total.freeUpgradeFrom} />}
      </section>
      <PoolHistory live={live} pools={pools} pool={pool} keys={keys} />
    </>
  );
}

const NO_TOTAL = { cals: {}, inPools: {}, freeUpgradeUntil: null, freeUpgradeFrom: null } as const;

interface HeadProps {
  readonly live: Live;
  readonly pools: Pools;
  readonly pool: PoolRow;
  readonly keys: readonly PoolKeyRow[];
}

function KeysHead({ live, pools, pool, keys }: HeadProps) {
  const [isCreating, setCreating] = useState(place.value.query['create'] === 'key');
  const words = lp.value;
  const given = kindsOf(pools).map((cal) => {
    const inKeys = keys.reduce((whole, key) => whole + count(key.quota, cal), 0);
    return words.inKeys(number(inKeys), number(count(pool.quota, cal)), calName(cal));
  });
  return (
    <div class="section-head">
      <h2>{words.poolKeys}</h2>
      {keys.length > 0 && <p class="quiet">{`${keys.length} · ${given.join(' · ')} ${words.keysSuffix}`}</p>}
      {canChange.value && (
        <button
          type="button"
          class="button small link-like end"
          disabled={pools.lockedBy !== null}
          onClick={() => setCreating(true)}
        >
          <Icon name="plus" size={14} />
          {words.createKey}
        </button>
      )}
      {isCreating && canChange.value && (
        <CreateKeyDialog live={live} pools={pools} pool={pool} keys={keys} close={() => setCreating(false)} />
      )}
    </div>
  );
}
