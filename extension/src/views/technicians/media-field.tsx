import { SelectField } from '../../components/field.js';
import type { MediaRow } from '../../model/rows.js';
import { p } from '../../texts/pages.js';
import { s } from '../../texts/shell.js';

interface MediaFieldProps {
  readonly media: readonly MediaRow[];
  /** The id of a medium, or an empty text. */
  readonly value: string;
  readonly set: (id: string) => void;
}

/** Which boot medium: none until one is chosen. */
export function MediaField({ media, value, set }: MediaFieldProps) {
  const ids = ['', ...media.map(({ id }) => id)];
  const options = ids.map((id) => ({ value: id, label: id || s.value.table.none }));
  return <SelectField label={p.value.technicians.medium} value={value} set={set} options={options} />;
}
