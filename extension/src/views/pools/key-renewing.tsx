import { isChangeReply } from '@leasehold/protocol/guards';
import { useState } from 'preact/hooks';
import { AskDialog } from '../../components/ask-dialog.js';
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
  const [asked, setAsked] = useState<'stop' | 'takeBack'>();
  const close = () => setAsked(undefined);
  const again = useAct(async () => {
    const input = { params: { key: row.id }, body: { renewing: true } };
    await live.authority.call('poolKeySetRenewing', isChangeReply, input);
  });
  return (
    <>
      <div class="actions">
        <button
          type="button"
          class="button small"
          aria-disabled={again.busy}
          onClick={row.renewing ? () => setAsked('stop') : again.run}
        >
          {row.renewing ? words.stopRenewing : words.renewAgain}
        </button>
        {hasEnded && (
          <button type="button" class="button small" onClick={() => setAsked('takeBack')}>
            {words.takeBack}
          </button>
        )}
      </div>
      <ProblemNote problem={again.problem} />
      {asked === 'stop' && <StopDialog {...shown} close={close} />}
      {asked === 'takeBack' && <TakeBackDialog {...shown} close={close} />}
    </>
  );
}

interface DialogProps extends Omit<ActProps, 'hasEnded'> {
  readonly close: () => void;
}

function StopDialog({ live, pools, row, server, leaseUntil, close }: DialogProps) {
  const words = lp.value;
  const [, name] = splitName(row.fullName, live.me.value?.prefix ?? null);
  return (
    <AskDialog
      live={live}
      title={words.stopTitle(name)}
      lead={words.stopLead}
      act={words.stopAct(name)}
      danger
      consequences={[
        {
          icon: 'alert',
          tone: 'attention',
          title: words.stopEffect(server, instant(leaseUntil)),
          body: words.stopEffectSub,
        },
        { icon: 'layers', title: words.stopAfter(calsText(row.quota, kindsOf(pools))), body: words.stopAfterSub },
      ]}
      route="poolKeySetRenewing"
      isReply={isChangeReply}
      params={{ key: row.id }}
      body={{ renewing: false }}
      close={close}
    />
  );
}

/** From a server whose lease has ended: it has to be given a key again, so what it loses stands there before (LMP-4.13). */
function TakeBackDialog({ live, pools, row, server, leaseUntil, close }: DialogProps) {
  const words = lp.value;
  const [, name] = splitName(row.fullName, live.me.value?.prefix ?? null);
  return (
    <AskDialog
      live={live}
      title={words.takeBackTitle(name)}
      act={words.takeBackAct(name)}
      danger
      consequences={[
        {
          icon: 'alert',
          tone: 'attention',
          title: words.takeBackEffect(server, instant(leaseUntil)),
          body: words.takeBackEffectSub,
        },
        {
          icon: 'layers',
          title: words.takeBackAfter(calsText(row.quota, kindsOf(pools))),
          body: words.takeBackAfterSub,
        },
      ]}
      route="poolKeyDeactivate"
      isReply={isChangeReply}
      params={{ key: row.id }}
      body={{}}
      close={close}
    />
  );
}
