import { isChangeReply } from '@leasehold/protocol/guards';
import { useState } from 'preact/hooks';
import { ConfirmDialog } from '../../components/dialog.js';
import { ProblemNote } from '../../components/problem.js';
import { StatusChip } from '../../components/status-chip.js';
import { useAct } from '../../components/use-act.js';
import { canChange } from '../../model/app.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import { calsText, kindsOf, splitName } from '../../model/pools.js';
import type { PoolKeyRow, Pools } from '../../model/rows.js';
import { instant, shortDay } from '../../texts/format.js';
import { lp } from '../../texts/pools.js';

interface Props {
  readonly live: Live;
  readonly pools: Pools;
  readonly row: PoolKeyRow;
}

/** Whether the server's checks renew its lease: the way to be rid of the key of a lost server (F-12). Once the lease has
 * ended, the key is taken back from here (LMP-4.13). */
export function RenewingPart({ live, pools, row }: Props) {
  const words = lp.value;
  const { leaseUntil, renewing, status } = row;
  if (status !== 'in_use' || leaseUntil === null) return null;
  const server = row.serverName ?? row.serverId ?? '';
  const hasEnded = Date.parse(leaseUntil) <= now.value;
  return (
    <div class="renewing-part">
      {!renewing && (
        <>
          <StatusChip tone="attention" word={words.notRenewing(shortDay(leaseUntil))} />
          <p class="soft">{hasEnded ? words.takeBackBody : words.notRenewingBody(server)}</p>
        </>
      )}
      {canChange.value && pools.lockedBy === null && <Acts {...{ live, pools, row, server, leaseUntil, hasEnded }} />}
    </div>
  );
}

interface ActProps extends Props {
  readonly server: string;
  readonly leaseUntil: string;
  readonly hasEnded: boolean;
}

function Acts({ hasEnded, ...shown }: ActProps) {
  const words = lp.value;
  const { live, row } = shown;
  const [isAsking, setAsking] = useState(false);
  const params = { key: row.id };
  const set = async (renewing: boolean) => {
    await live.authority.call('poolKeySetRenewing', isChangeReply, { params, body: { renewing } });
  };
  const again = useAct(() => set(true));
  const back = useAct(async () => {
    await live.authority.call('poolKeyDeactivate', isChangeReply, { params, body: {} });
  });
  return (
    <>
      <div class="actions">
        <button
          type="button"
          class="button small"
          aria-disabled={again.busy}
          onClick={row.renewing ? () => setAsking(true) : again.run}
        >
          {row.renewing ? words.stopRenewing : words.renewAgain}
        </button>
        {hasEnded && (
          <button type="button" class="button small" aria-disabled={back.busy} onClick={back.run}>
            {words.takeBack}
          </button>
        )}
      </div>
      <ProblemNote problem={again.problem ?? back.problem} />
      {isAsking && <StopDialog {...shown} stop={() => set(false)} close={() => setAsking(false)} />}
    </>
  );
}

interface StopProps extends Omit<ActProps, 'hasEnded'> {
  readonly stop: () => Promise<void>;
  readonly close: () => void;
}

function StopDialog({ live, pools, row, server, leaseUntil, stop, close }: StopProps) {
  const words = lp.value;
  const [, name] = splitName(row.fullName, live.me.value?.prefix ?? null);
  return (
    <ConfirmDialog
      title={words.stopTitle(name)}
      lead={words.stopLead}
      act={words.stopAct(name)}
      consequences={[
        {
          icon: 'alert',
          tone: 'attention',
          title: words.stopEffect(server, instant(leaseUntil)),
          body: words.stopEffectSub,
        },
        { icon: 'layers', title: words.stopAfter(calsText(row.quota, kindsOf(pools))), body: words.stopAfterSub },
      ]}
      close={close}
      run={stop}
    />
  );
}
