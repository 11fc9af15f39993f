import { useEffect, useId } from 'preact/hooks';
import { useDraft } from '../../components/use-draft.js';
import { useResource } from '../../components/use-resource.js';
import type { Live } from '../../model/live.js';
import { nameOf } from '../../model/machines.js';
import { machinesLike } from '../../model/plan-facts.js';
import type { MachineRow } from '../../model/rows.js';
import { pl } from '../../texts/plan.js';

interface PickerProps {
  readonly live: Live;
  readonly label: string;
  readonly hint: string;
  readonly chosen: MachineRow | undefined;
  readonly set: (id: string) => void;
  /** The form that it is a field of, where that keeps what stands in it. */
  readonly draft?: string;
}

/** Finds one machine among any number: the authority searches, the browser's own list of suggestions offers what it found. */
export function MachinePicker({ live, label, hint, chosen, set, draft }: PickerProps) {
  const id = useId();
  const [{ typed }, setTyped] = useDraft<{ readonly typed?: string }>(draft, 'machine', {});
  const text = typed ?? (chosen === undefined ? '' : nameOf(chosen));
  const found = useResource(live, `pick ${text}`, () => machinesLike(live, text)).data.value?.machines;
  /** The one that is called so; none while two are. */
  const called = (value: string) => {
    const match = found?.filter((row) => nameOf(row) === value || row.id === value) ?? [];
    return match.length === 1 ? match[0]!.id : '';
  };
  const take = (value: string) => {
    setTyped({ typed: value });
    set(called(value));
  };
  // What was typed may be found later than it was typed.
  const late = typed === undefined ? '' : called(typed);
  useEffect(() => {
    if (late !== '') set(late);
  }, [late]);
  const isUnknown = typed !== undefined && found?.length === 0;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="input"
        list={`${id}-list`}
        value={text}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={isUnknown}
        aria-describedby={`${id}-note`}
        onInput={(event) => take(event.currentTarget.value)}
      />
      <datalist id={`${id}-list`}>
        {found?.map((row) => (
          <option key={row.id} value={called(nameOf(row)) === '' ? row.id : nameOf(row)} label={nameOf(row)} />
        ))}
      </datalist>
      <p id={`${id}-note`} class={isUnknown ? 'stop' : 'quiet'}>
        {isUnknown ? pl.value.noMachines : hint}
      </p>
    </div>
  );
}
