import { useRef, useState } from 'preact/hooks';
import { DropDown } from '../../components/drop-down.js';
import { ProblemNote } from '../../components/problem.js';
import { useAct } from '../../components/use-act.js';
import type { Bulk } from '../../model/bulk.js';
import { allLicenses, type LicenseFilters } from '../../model/licenses.js';
import type { Live } from '../../model/live.js';
import type { LicenseRow } from '../../model/rows.js';
import { b } from '../../texts/buying.js';
import { TakeBackDialog } from './license-dialogs.js';

interface Props {
  readonly live: Live;
  readonly filters: LicenseFilters;
  readonly done: (undo: Bulk | null) => void;
}

type Which = keyof typeof FITS;
/** Of what has ended: what is in its grace, or was withdrawn, is not asked for here. */
const FITS = {
  expired: () => true,
  expiredRenewing: ({ autoRenew }: LicenseRow) => autoRenew,
  expiredUnassigned: ({ used }: LicenseRow) => used === 0,
} as const;

/** Group Actions of the source: what has ended of all that the filters show is removed in one act, asked about once. */
export function GroupActions({ live, filters, done }: Props) {
  const [licenses, setLicenses] = useState<readonly LicenseRow[]>([]);
  const [isNone, setNone] = useState(false);
  const which = useRef<Which>('expired');
  const act = useAct(async () => {
    const fits = (license: LicenseRow) => license.status === 'expired' && FITS[which.current](license);
    const found = await allLicenses(live, { ...filters, validity: 'expired' }, undefined, fits);
    setLicenses(found);
    setNone(found.length === 0);
  });
  return (
    <>
      <DropDown label={b.value.groupActions}>
        {(Object.keys(FITS) as Which[]).map((name) => (
          <button
            key={name}
            type="button"
            aria-disabled={act.busy}
            onClick={() => {
              which.current = name;
              act.run();
            }}
          >
            {b.value[name]}
          </button>
        ))}
        {isNone && (
          <p class="quiet" role="status">
            {b.value.noneExpired}
          </p>
        )}
        <ProblemNote problem={act.problem} />
      </DropDown>
      {licenses.length > 0 && (
        <TakeBackDialog {...{ live, licenses, done }} action="revoke" close={() => setLicenses([])} />
      )}
    </>
  );
}
