import { useState } from 'preact/hooks';
import { Empty } from '../../components/empty.js';
import { Moment } from '../../components/moment.js';
import { QuotaBar } from '../../components/quota-bar.js';
import { TableHead } from '../../components/table-head.js';
import { canChange } from '../../model/app.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import { calName, calsText, count, kindsOf } from '../../model/pools.js';
import type { PoolLicenseRow, Pools, PoolTotal } from '../../model/rows.js';
import { day, endOf, instant, number } from '../../texts/format.js';
import { lp } from '../../texts/pools.js';
import { s } from '../../texts/shell.js';
import { MaintenanceDialog } from './maintenance-dialog.js';
import { ConvertDialog } from './convert-dialog.js';

const WARN_MS = 30 * 86_400_000;

interface Props {
  readonly live: Live;
  readonly pools: Pools;
}

const changed = (live: Live, id: string) => (live.marked.value.has(`pool_license:${id}`) ? 'changed' : '');

/** Maintenance that ends within its warning days, or has ended, is marked. */
function UpgradeDate({ date }: { date: string }) {
  const isSoon = endOf(date) - now.value < WARN_MS;
  return (
    <Moment at={date} class={isSoon ? 'attention' : ''}>
      {day(date)}
    </Moment>
  );
}

function Columns({ fifth, last }: { fifth: string; last: string }) {
  const words = lp.value;
  return (
    <TableHead
      columns={[
        [words.license],
        [words.type, 'wide-only'],
        [words.cals],
        [words.freeUpgradeUntil, 'wide-only'],
        [fifth, 'wide-only'],
        [last, 'right', true],
      ]}
    />
  );
}

/** Licenses that were not added to a pool yet; metered ones have no button (LMP-4.2). */
export function PoolableLicenses({ live, pools }: Props) {
  const [chosen, setChosen] = useState<PoolLicenseRow>();
  const words = lp.value;
  const kinds = kindsOf(pools);
  const rows = pools.licenses.filter(({ state }) => state === 'poolable');
  if (rows.length === 0) return <Empty title={words.noPoolable} body={words.noPoolableSub} />;
  return (
    <section>
      <table class="box table">
        <Columns fifth={words.server} last={words.addToPool} />
        <tbody>
          {rows.map((license) => (
            <tr key={license.id} class={changed(live, license.id)}>
              <th scope="row" class="strong">
                {license.id}
              </th>
              <td class="wide-only">{license.type}</td>
              <td class="soft">{calsText(license.cals, kinds)}</td>
              <td class="nowrap wide-only">
                <UpgradeDate date={license.freeUpgradeUntil} />
              </td>
              <td class="soft wide-only">{license.appliedTo ?? s.value.table.none}</td>
              <td class="right">
                {license.purchase === 'metered' ? (
                  <span class="quiet">{words.metered}</span>
                ) : (
                  canChange.value && (
                    <button
                      type="button"
                      class="button small"
                      disabled={pools.lockedBy !== null}
                      onClick={() => setChosen(license)}
                    >
                      {words.addToPool}
                    </button>
                  )
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {chosen !== undefined && (
        <ConvertDialog live={live} pools={pools} license={chosen} close={() => setChosen(undefined)} />
      )}
    </section>
  );
}

/** What is pooled, type by type: total, how much of it pools hold, and the date that rules all keys (LMP-4.17). */
export function PooledLicenses({ live, pools }: Props) {
  const words = lp.value;
  const kinds = kindsOf(pools);
  const pooled = pools.licenses.filter(({ state }) => state === 'pooled');
  const [renewed, setRenewed] = useState<PoolLicenseRow>();
  if (pooled.length === 0) return <Empty title={words.noPooled} body={words.noPooledSub} />;
  const totals = pools.totals.filter(({ type }) => pooled.some((license) => license.type === type));
  return (
    <>
      {totals.map((total) => (
        <section key={total.type}>
          <div class="section-head">
            <h2>{words.total(total.type)}</h2>
            <p class="quiet">{calsText(total.cals, kinds)}</p>
          </div>
          <TotalBars total={total} kinds={kinds} />
          <table class="box table pooled">
            <Columns fifth={words.pooledAt} last={words.renewMaintenance} />
            <tbody>
              {pooled
                .filter((license) => license.type === total.type)
                .map((license) => (
                  <PooledLine
                    key={license.id}
                    live={live}
                    license={license}
                    kinds={kinds}
                    renew={() => setRenewed(license)}
                  />
                ))}
            </tbody>
          </table>
          <EarliestLine until={total.freeUpgradeUntil} from={total.freeUpgradeFrom} />
        </section>
      ))}
      {renewed !== undefined && (
        <MaintenanceDialog live={live} pools={pools} license={renewed} close={() => setRenewed(undefined)} />
      )}
    </>
  );
}

function TotalBars({ total, kinds }: { total: PoolTotal; kinds: readonly string[] }) {
  return (
    <ul class="box total-bars">
      {kinds
        .filter((cal) => count(total.cals, cal) > 0)
        .map((cal) => {
          const [given, all] = [count(total.inPools, cal), count(total.cals, cal)];
          const label = lp.value.inPools(number(given), number(all), calName(cal));
          return (
            <li key={cal}>
              <span class="strong">{calName(cal)}</span>
              <QuotaBar quota={all} used={given} label={label} />
              <span class="soft">{label}</span>
            </li>
          );
        })}
    </ul>
  );
}

interface LineProps {
  readonly live: Live;
  readonly license: PoolLicenseRow;
  readonly kinds: readonly string[];
  readonly renew: () => void;
}

function PooledLine({ live, license, kinds, renew }: LineProps) {
  const { pooledAt } = license;
  return (
    <tr class={changed(live, license.id)}>
      <th scope="row" class="strong">
        {license.id}
      </th>
      <td class="wide-only">{license.type}</td>
      <td class="soft">{calsText(license.cals, kinds)}</td>
      <td class="nowrap wide-only">
        <UpgradeDate date={license.freeUpgradeUntil} />
      </td>
      <td class="soft nowrap wide-only">
        {pooledAt === null ? s.value.table.none : <Moment at={pooledAt}>{instant(pooledAt)}</Moment>}
      </td>
      <td class="right">
        {canChange.value && (
          <button type="button" class="button small" onClick={renew}>
            {lp.value.renewRow}
          </button>
        )}
      </td>
    </tr>
  );
}

/** Which license the date of all keys comes from. */
export function EarliestLine({ until, from }: { until: string | null; from: string | null }) {
  if (until === null || from === null) return null;
  const [before, license, after] = lp.value.earliest(day(until), from);
  return (
    <p class="soft below">
      {before}
      <span class="strong">{license}</span>
      {after}
    </p>
  );
}
