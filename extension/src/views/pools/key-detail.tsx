import { isChangeReply } from '@leasehold/protocol/guards';
import { useState } from 'preact/hooks';
import { AskDialog } from '../../components/ask-dialog.js';
import { StatusChip } from '../../components/status-chip.js';
import { TimeRuler } from '../../components/time-ruler.js';
import { canChange } from '../../model/app.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import { calName, calsText, count, kindsOf, splitName } from '../../model/pools.js';
import type { PoolKeyRow, PoolRow, Pools } from '../../model/rows.js';
import { instant, number, shortSpan } from '../../texts/format.js';
import { lp } from '../../texts/pools.js';
import { KeyQuotaForm } from './key-dialogs.js';
import { RenewingPart } from './key-renewing.js';

const DAY = 86_400_000;

interface Props {
  readonly live: Live;
  readonly pools: Pools;
  readonly pool: PoolRow;
  readonly keys: readonly PoolKeyRow[];
  readonly row: PoolKeyRow;
}

/** Details of a key, below its row: its lease, its quota (to be changed at any time, LMP-3.10), whether it can be deleted. */
export function KeyDetail({ live, pools, pool, keys, row }: Props) {
  return (
    <div class="key-detail">
      <LeasePart row={row} />
      <QuotaPart live={live} pools={pools} pool={pool} keys={keys} row={row} />
      <div>
        <RenewingPart live={live} pools={pools} row={row} />
        <DeletePart live={live} pools={pools} row={row} />
      </div>
    </div>
  );
}

function LeasePart({ row }: { row: PoolKeyRow }) {
  const words = lp.value;
  if (row.leaseUntil === null) {
    return (
      <div>
        <StatusChip tone="muted" icon="pending" word={words.notApplied} />
        <p class="soft">{words.notAppliedBody}</p>
      </div>
    );
  }
  const checked = Date.parse(row.lastCheckAt ?? row.createdAt);
  const until = Date.parse(row.leaseUntil);
  const missed = Math.floor((now.value - checked) / DAY);
  if (now.value >= until) {
    return (
      <div>
        <StatusChip tone="stop" word={words.offlineOver} />
        <p class="soft">{words.offlineOverBody(instant(until))}</p>
        <TimeRuler since={checked} until={until} />
      </div>
    );
  }
  return (
    <div>
      {missed > 0 ? (
        <StatusChip tone="attention" word={words.offlineTitle(shortSpan(until - now.value))} />
      ) : (
        <StatusChip tone="ok" word={words.fine} />
      )}
      <p class="soft">
        {missed > 0 ? words.offlineBody(missed, instant(until)) : words.fineBody(instant(checked), instant(until))}
      </p>
      <TimeRuler since={checked} until={until} tone={missed > 0 ? 'attention' : 'neutral'} />
    </div>
  );
}

function QuotaPart({ live, pools, pool, keys, row }: Props) {
  const words = lp.value;
  const kinds = kindsOf(pools);
  const over = kinds.filter((cal) => count(row.used, cal) > count(row.quota, cal));
  const isPending =
    row.fetchedQuota !== null && kinds.some((cal) => count(row.fetchedQuota!, cal) !== count(row.quota, cal));
  return (
    <div>
      {over.length === 0 && <h3>{words.keyQuota}</h3>}
      {over.map((cal) => (
        <div key={cal}>
          <StatusChip tone="stop" word={words.overTitle(count(row.used, cal) - count(row.quota, cal), calName(cal))} />
          <p class="soft">{words.overBody(number(count(row.used, cal)), number(count(row.quota, cal)))}</p>
        </div>
      ))}
      {isPending && <p class="quiet">{words.pendingQuota}</p>}
      {canChange.value && pools.lockedBy === null && (
        <KeyQuotaForm live={live} pools={pools} pool={pool} keys={keys} row={row} />
      )}
    </div>
  );
}

/** LMP-4.13: while it may be in use, the reason and the earliest instant stand where the button would be. */
function DeletePart({ live, pools, row }: Omit<Props, 'pool' | 'keys'>) {
  const [isAsking, setAsking] = useState(false);
  const words = lp.value;
  const [, name] = splitName(row.fullName, live.me.value?.prefix ?? null);
  if (row.deletableFrom !== null && Date.parse(row.deletableFrom) > now.value) {
    return (
      <div>
        <h3>{words.cannotDelete}</h3>
        <p class="soft">{words.cannotDeleteBody(instant(row.deletableFrom))}</p>
      </div>
    );
  }
  return (
    <div>
      <h3>{words.canDelete}</h3>
      <p class="soft">{words.canDeleteBody}</p>
      {canChange.value && (
        <button type="button" class="button small" onClick={() => setAsking(true)}>
          {words.deleteButton}
        </button>
      )}
      {isAsking && (
        <AskDialog
          live={live}
          title={words.deleteQuestion(name)}
          act={words.deleteAct(name)}
          danger
          name={name}
          consequences={[
            {
              icon: 'layers',
              title: words.deleteEffect(calsText(row.quota, kindsOf(pools))),
              body: words.deleteEffectSub,
            },
          ]}
          route="poolKeyDelete"
          isReply={isChangeReply}
          params={{ key: row.id }}
          body={{}}
          close={() => setAsking(false)}
        />
      )}
    </div>
  );
}
