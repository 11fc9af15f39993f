import type { ComponentChild } from 'preact';
import { useState } from 'preact/hooks';
import { Empty } from '../../components/empty.js';
import { Icon } from '../../components/icon.js';
import { Moment } from '../../components/moment.js';
import { QuotaBar } from '../../components/quota-bar.js';
import { StatusChip } from '../../components/status-chip.js';
import { TableHead } from '../../components/table-head.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import { place } from '../../model/place.js';
import { calName, count, kindsOf, splitName } from '../../model/pools.js';
import type { PoolKeyRow, PoolRow, Pools } from '../../model/rows.js';
import { day, number, recent } from '../../texts/format.js';
import { p } from '../../texts/pages.js';
import { lp } from '../../texts/pools.js';
import { s } from '../../texts/shell.js';
import { KeyDetail } from './key-detail.js';

/** A server that missed a daily check is marked from the first day. */
const LATE_MS = 26 * 3_600_000;

interface Props {
  readonly live: Live;
  readonly pools: Pools;
  readonly pool: PoolRow;
  readonly keys: readonly PoolKeyRow[];
}

export function KeyTable({ live, pools, pool, keys }: Props) {
  const words = lp.value;
  const kinds = kindsOf(pools);
  const [open, setOpen] = useState<string | undefined>(place.value.query['key']);
  if (keys.length === 0) return <Empty title={words.noKeys} body={words.noKeysSub} />;
  return (
    <table class="box table keys">
      <TableHead
        columns={[
          [words.licensee],
          [words.status],
          ...kinds.map((cal) => [calName(cal), 'key-cal wide-only'] as const),
          [words.server, 'wider-only'],
          [words.lastCheck, 'wide-only'],
          [words.expiryDate, 'wider-only'],
          [s.value.table.details, '', true],
        ]}
      />
      <tbody>
        {keys.map((key) => (
          <KeyLine
            key={key.id}
            live={live}
            row={key}
            kinds={kinds}
            isOpen={open === key.id}
            toggle={() => setOpen(open === key.id ? undefined : key.id)}
            detail={<KeyDetail live={live} pools={pools} pool={pool} keys={keys} row={key} />}
          />
        ))}
      </tbody>
    </table>
  );
}

interface LineProps {
  readonly live: Live;
  readonly row: PoolKeyRow;
  readonly kinds: readonly string[];
  readonly isOpen: boolean;
  readonly toggle: () => void;
  readonly detail: ComponentChild;
}

function KeyLine({ live, row, kinds, isOpen, toggle, detail }: LineProps) {
  const [prefix, name] = splitName(row.fullName, live.me.value?.prefix ?? null);
  return (
    <>
      <tr class={live.marked.value.has(`pool_key:${row.id}`) ? 'changed' : ''}>
        <th scope="row" class="key-name">
          <span class="quiet">{prefix}</span>
          <span class="strong">{name}</span>
        </th>
        <td class="nowrap">
          <KeyStatus inUse={row.status === 'in_use'} />
        </td>
        {kinds.map((cal) => (
          <CalCell key={cal} used={count(row.used, cal)} quota={count(row.quota, cal)} />
        ))}
        <td class="wider-only cut">{row.serverName ?? row.serverId ?? s.value.table.none}</td>
        <LastCheck at={row.lastCheckAt} />
        <td class="nowrap wider-only">
          <Moment at={row.expiryDate}>{day(row.expiryDate)}</Moment>
        </td>
        <td class="right">
          <button type="button" class="icon-button" aria-expanded={isOpen} onClick={toggle}>
            <Icon name={isOpen ? 'down' : 'chevron'} label={`${s.value.table.details}: ${name}`} />
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr class="detail-row">
          <td colSpan={6 + kinds.length} class="key-detail-cell">
            {detail}
          </td>
        </tr>
      )}
    </>
  );
}

function CalCell({ used, quota }: { used: number; quota: number }) {
  const over = Math.max(0, used - quota);
  return (
    <td class="key-cal wide-only">
      <div class="bar-and-figures">
        <QuotaBar quota={quota} used={used} label={p.value.bar(number(used), number(quota), over)} />
        <span class="nowrap">
          <span class={`strong ${over > 0 ? 'stop' : ''}`}>{number(used)}</span>
          <span class="quiet">{` / ${number(quota)}`}</span>
        </span>
      </div>
    </td>
  );
}

function KeyStatus({ inUse }: { inUse: boolean }) {
  const words = lp.value;
  if (inUse) return <StatusChip tone="ok" word={words.inUse} />;
  return <StatusChip tone="muted" icon="pending" word={words.notInUse} />;
}

function LastCheck({ at }: { at: string | null }) {
  if (at === null) return <td class="quiet wide-only">{lp.value.never}</td>;
  const isLate = now.value - Date.parse(at) > LATE_MS;
  return (
    <td class={`nowrap wide-only ${isLate ? 'attention' : ''}`}>
      <Moment at={at}>{recent(at, now.value)}</Moment>
    </td>
  );
}
