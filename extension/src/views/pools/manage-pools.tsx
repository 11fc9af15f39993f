import { Empty } from '../../components/empty.js';
import { QuotaBar } from '../../components/quota-bar.js';
import { TableHead } from '../../components/table-head.js';
import type { Live } from '../../model/live.js';
import { hrefOf, place } from '../../model/place.js';
import { calName, figuresOf, kindsOf } from '../../model/pools.js';
import type { PoolRow, Pools } from '../../model/rows.js';
import { number } from '../../texts/format.js';
import { p } from '../../texts/pages.js';
import { lp } from '../../texts/pools.js';

/** Manage License Pools: each pool with its quota in keys; Edit leads into it. */
export function ManagePools({ live, pools }: { live: Live; pools: Pools }) {
  const words = lp.value;
  const kinds = kindsOf(pools);
  if (pools.pools.length === 0) return <Empty title={words.noPools} body={words.noPoolsSub} />;
  return (
    <table class="box table pools">
      <TableHead
        columns={[
          [words.pool],
          [words.type, 'wide-only'],
          ...kinds.map((cal) => [calName(cal), 'pool-cal'] as const),
          [words.keys, 'right wide-only'],
          [words.edit, '', true],
        ]}
      />
      <tbody>
        {pools.pools.map((pool) => (
          <PoolLine key={pool.id} live={live} pools={pools} pool={pool} kinds={kinds} />
        ))}
      </tbody>
    </table>
  );
}

interface LineProps {
  readonly live: Live;
  readonly pools: Pools;
  readonly pool: PoolRow;
  readonly kinds: readonly string[];
}

function PoolLine({ live, pools, pool, kinds }: LineProps) {
  const keys = pools.keys.filter(({ poolId }) => poolId === pool.id);
  // Whoever came to make a key still wants one.
  const href = hrefOf('pools', pool.id, { create: place.value.query['create'] });
  return (
    <tr class={live.marked.value.has(`pool:${pool.id}`) ? 'changed' : ''}>
      <th scope="row">
        <a class="row-link strong" href={href}>
          {pool.name}
        </a>
      </th>
      <td class="soft wide-only">{pool.type}</td>
      {kinds.map((cal) => {
        const { quota, used, reserved } = figuresOf(pool, keys, cal);
        const label = p.value.overview.inKeys(number(used + reserved), number(quota));
        return (
          <td key={cal} class="pool-cal">
            <div class="bar-and-figures">
              <QuotaBar quota={quota} used={used} reserved={reserved} label={label} />
              <span class="nowrap">
                <span class="strong">{number(used + reserved)}</span>
                <span class="quiet">{` / ${number(quota)}`}</span>
              </span>
            </div>
          </td>
        );
      })}
      <td class="right soft wide-only">{number(pool.keys)}</td>
      <td class="right">
        <a class="button small" href={href} aria-label={`${lp.value.edit}: ${pool.name}`}>
          {lp.value.edit}
        </a>
      </td>
    </tr>
  );
}
