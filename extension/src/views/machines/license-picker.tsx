import { SelectField } from '../../components/field.js';
import { useResource } from '../../components/use-resource.js';
import type { Live } from '../../model/live.js';
import { licensesFor } from '../../model/plan-facts.js';
import { d } from '../../texts/decide.js';
import { number } from '../../texts/format.js';
import { typeName } from '../../texts/names.js';

interface PickerProps {
  readonly live: Live;
  /** The license that is looked at first: the one that carries the original. */
  readonly carrier: string | null;
  /** What no choice means. */
  readonly none?: string;
  readonly value: string;
  readonly set: (license: string) => void;
}

/** Licenses of the carrier's kind, of machines and hosts otherwise but no person's, that still have a seat, with how many of them are taken. */
export function LicensePicker({ live, carrier, none = '—', value, set }: PickerProps) {
  const words = d.value;
  const carriers = carrier === null || carrier.startsWith('host:') ? [] : [carrier];
  const all = useResource(live, `free ${carrier}`, () => licensesFor(live, carriers)).data.value;
  const kind = all?.find(({ id }) => id === carrier)?.profile ?? 'aip';
  const free = all?.filter(
    ({ profile, type, used, quota, status }) =>
      profile === kind && type !== 'it_pro' && used < quota && status !== 'expired' && status !== 'revoked',
  );
  return (
    <SelectField
      label={words.license}
      hint={free?.length === 0 ? words.licenseNone : undefined}
      value={value}
      set={set}
      options={[
        { value: '', label: none },
        ...(free ?? []).map(({ id, type, used, quota }) => ({
          value: id,
          label: words.seatsUsed(typeName(type), id, number(used), number(quota)),
        })),
      ]}
    />
  );
}
