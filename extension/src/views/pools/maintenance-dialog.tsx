import { useDraft } from '../../components/use-draft.js';
import { isChangeReply } from '@leasehold/protocol/guards';
import { AskDialog } from '../../components/ask-dialog.js';
import { Choice, Field } from '../../components/field.js';
import { role } from '../../model/app.js';
import type { Live } from '../../model/live.js';
import { earliestWith } from '../../model/pools.js';
import type { PoolLicenseRow, Pools } from '../../model/rows.js';
import { day } from '../../texts/format.js';
import { lp } from '../../texts/pools.js';

interface Props {
  readonly live: Live;
  readonly pools: Pools;
  readonly license: PoolLicenseRow;
  readonly close: () => void;
}

type How = 'maintenanceOrder' | 'maintenanceRenew';

/** A later Free Upgrade Until, ordered or, by an owner, set at once; what it does to the keys of the type stands there
 * before (LMP-4.17). Open while the console is read-only, too: it is the way out (F-11). */
export function MaintenanceDialog({ live, pools, license, close }: Props) {
  const words = lp.value;
  const form = `maintenance ${license.id}`;
  const [until, setUntil] = useDraft(form, 'until', '');
  const [how, setHow] = useDraft<How>(form, 'how', 'maintenanceOrder');
  const isLater = until > license.freeUpgradeUntil;
  const isWrong = until !== '' && !isLater;
  const options = [
    { value: 'maintenanceOrder' as const, label: words.renewOrder },
    { value: 'maintenanceRenew' as const, label: words.renewSet },
  ];
  return (
    <AskDialog
      live={live}
      title={words.renewTitle(license.id)}
      lead={words.renewLead}
      act={words.renewAct(license.id)}
      draft={form}
      route={how}
      isReply={isChangeReply}
      params={{ license: license.id }}
      body={isLater ? { until } : undefined}
      close={close}
    >
      <Field
        label={words.renewUntil}
        hint={words.renewAfter(day(license.freeUpgradeUntil))}
        problem={isWrong ? words.renewAfter(day(license.freeUpgradeUntil)) : undefined}
        kind="date"
        value={until}
        set={setUntil}
        required
      />
      {role.value === 'owner' && <Choice label={words.renewHow} value={how} set={setHow} options={options} />}
      <p class="quiet">{how === 'maintenanceOrder' ? words.renewOrderHint : words.renewSetHint}</p>
      {isLater && license.state === 'pooled' && <Effect pools={pools} license={license} until={until} />}
    </AskDialog>
  );
}

function Effect({ pools, license, until }: Pick<Props, 'pools' | 'license'> & { until: string }) {
  const words = lp.value;
  const [before, after] = earliestWith(pools, license, until);
  return (
    <p class="strong" role="status">
      {before.date === after.date
        ? words.renewStays(license.type, day(after.date), after.license)
        : words.renewRaises(license.type, day(before.date), day(after.date))}
    </p>
  );
}
