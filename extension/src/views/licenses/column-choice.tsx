import { DropDown } from '../../components/drop-down.js';
import { choose, preferences } from '../../model/preferences.js';
import { platform } from '../../platform.js';
import { b } from '../../texts/buying.js';
import { p } from '../../texts/pages.js';

/** Columns that a reader may do without; the rest says which license it is and how it stands. */
const CHOICES = [
  ['company', 'company'],
  ['user', 'user'],
  ['until', 'validUntil'],
  ['renew', 'autoRenewal'],
  ['transaction', 'transaction'],
] as const;

/** The classes by which the grid leaves columns out. */
export const hiddenColumns = (): string =>
  CHOICES.map(([column]) => column)
    .filter((column) => preferences.value.hiddenColumns.includes(column))
    .map((column) => `without-${column}`)
    .join(' ');

/** Which columns the grid shows; remembered in this browser. */
export function ColumnChoice() {
  const hidden = preferences.value.hiddenColumns;
  const turn = (column: string, isOn: boolean) =>
    choose(platform, { hiddenColumns: isOn ? hidden.filter((each) => each !== column) : [...hidden, column] });
  return (
    <DropDown label={b.value.columns}>
      {CHOICES.map(([column, head]) => (
        <label key={column} class="check">
          <input
            type="checkbox"
            checked={!hidden.includes(column)}
            onChange={(event) => void turn(column, event.currentTarget.checked)}
          />
          {p.value.licenses[head]}
        </label>
      ))}
    </DropDown>
  );
}
