import { useState } from 'preact/hooks';
import { Icon } from '../../components/icon.js';
import { canChange } from '../../model/app.js';
import type { Live } from '../../model/live.js';
import { calName, count, kindsOf, sum, totalOf } from '../../model/pools.js';
import type { PoolRow, Pools } from '../../model/rows.js';
import { number } from '../../texts/format.js';
import { lp } from '../../texts/pools.js';
import { BarLegend } from '../overview/seats.js';
import { CreateKeyDialog } from './key-dialogs.js';
import { KeyTable } from './key-table.js';
import { EarliestLine } from './pool-licenses.js';
import { QuotaForm } from './quota-form.js';

/** One pool: its quota, its keys, where their date comes from. */
export function PoolDetail({ live, pools, pool }: { live: Live; pools: Pools; pool: PoolRow }) {
  const [isCreating, setCreating] = useState(false);
  const words = lp.value;
  const kinds = kindsOf(pools);
  const keys = pools.keys.filter(({ poolId }) => poolId === pool.id);
  const total = totalOf(pools, pool.type);
  const given = kinds.map((cal) => {
    const inKeys = keys.reduce((whole, key) => whole + count(key.quota, cal), 0);
    return words.inKeys(number(inKeys), number(count(pool.quota, cal)), calName(cal));
  });
  return (
    <>
      <section>
        <div class="section-head">
          <h2>{words.quota}</h2>
          <p class="quiet">
            {words.quotaSub(pool.type, number(sum(total?.inPools ?? {})), number(sum(total?.cals ?? {})))}
          </p>
          <BarLegend />
        </div>
        <QuotaForm live={live} pools={pools} pool={pool} keys={keys} />
      </section>
      <section>
        <div class="section-head">
          <h2>{words.poolKeys}</h2>
          <p class="quiet">{keys.length > 0 && `${keys.length} · ${given.join(' · ')} ${words.keysSuffix}`}</p>
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
        </div>
        <KeyTable live={live} pools={pools} pool={pool} keys={keys} />
        {keys.length > 0 && (
          <EarliestLine until={total?.freeUpgradeUntil ?? null} from={total?.freeUpgradeFrom ?? null} />
        )}
      </section>
      {isCreating && (
        <CreateKeyDialog live={live} pools={pools} pool={pool} keys={keys} close={() => setCreating(false)} />
      )}
    </>
  );
}
