import { problemWords } from '../../components/problem.js';
import { useAct } from '../../components/use-act.js';
import { allLicenses, AT_MOST, type LicenseFilters } from '../../model/licenses.js';
import type { Live } from '../../model/live.js';
import type { LicenseRow } from '../../model/rows.js';
import { number } from '../../texts/format.js';
import { typeName } from '../../texts/names.js';
import { p } from '../../texts/pages.js';
import type { Selection } from './license-group.js';

interface Props {
  readonly live: Live;
  readonly filters: LicenseFilters;
  /** Undefined: of every type. */
  readonly type?: string;
  /** How many there are. */
  readonly count: number;
  readonly selection: Selection;
  readonly select: (licenses: readonly LicenseRow[], isOn: boolean) => void;
}

/** Selects all that the filters leave, also what is folded; more than one act can take is said instead of half done. */
export function SelectAll({ live, filters, type, count, selection, select }: Props) {
  const words = p.value.licenses;
  const chosen = [...selection.values()].filter((row) => type === undefined || row.type === type);
  const isAll = chosen.length >= count;
  const act = useAct(async () => select(await allLicenses(live, filters, type), true));
  const failed = act.problem === undefined ? undefined : problemWords(act.problem);
  const isTooMany = count > AT_MOST;
  const label = isTooMany
    ? words.selectTooMany(number(AT_MOST))
    : words.selectAll(number(count), type === undefined ? undefined : typeName(type));
  return (
    <input
      type="checkbox"
      aria-label={label}
      title={failed === undefined ? label : `${failed.title}. ${failed.next}`}
      aria-busy={act.busy}
      disabled={isTooMany && chosen.length === 0}
      checked={isAll}
      indeterminate={!isAll && chosen.length > 0}
      onChange={() => {
        if (chosen.length > 0) select(chosen, false);
        else act.run();
      }}
    />
  );
}
