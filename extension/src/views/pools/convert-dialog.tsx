import { isChangeReply } from '@leasehold/protocol/guards';
import { AskDialog } from '../../components/ask-dialog.js';
import type { Consequence } from '../../components/dialog.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import { calName, conversionOf, count, KEY_LEASE_MS, kindsOf } from '../../model/pools.js';
import type { PoolLicenseRow, Pools } from '../../model/rows.js';
import { day, instant, number } from '../../texts/format.js';
import { lp } from '../../texts/pools.js';

interface Props {
  readonly live: Live;
  readonly pools: Pools;
  readonly license: PoolLicenseRow;
  readonly close: () => void;
}

/** Add to Pool: irreversible, so every consequence stands there with its numbers, a date made worse has its own checkbox,
 * and the license's name is typed (LMP-3.1, LMP-1.5b). */
export function ConvertDialog({ live, pools, license, close }: Props) {
  const words = lp.value;
  const change = conversionOf(pools, license);
  const totals = kindsOf(pools)
    .filter((cal) => count(license.cals, cal) > 0)
    .map((cal) => `${number(count(change.before, cal))} → ${number(count(change.after, cal))} ${calName(cal)}`);
  const consequences: Consequence[] = [
    { icon: 'layers', title: words.convertTotal(license.type, totals.join(', ')), body: words.convertTotalSub },
  ];
  if (change.lowers !== undefined) {
    const { from, to } = change.lowers;
    consequences.push({
      icon: 'alert',
      tone: 'attention',
      title: words.convertDate(license.type, change.keys, day(from), day(to)),
      body: words.convertDateSub,
    });
  }
  if (change.server !== null) {
    consequences.push({
      icon: 'clock',
      tone: 'attention',
      title: words.convertServer(change.server),
      body: words.convertServerSub(instant(now.value + KEY_LEASE_MS)),
    });
  }
  return (
    <AskDialog
      live={live}
      title={words.convertTitle(license.id)}
      lead={words.convertLead}
      act={words.convertAct(license.id)}
      danger
      consequences={consequences}
      checkbox={change.lowers && words.convertConfirmDate(change.keys, day(change.lowers.to))}
      name={license.id}
      route="poolConvert"
      isReply={isChangeReply}
      params={{ license: license.id }}
      body={{ confirmName: license.id }}
      close={close}
    />
  );
}
