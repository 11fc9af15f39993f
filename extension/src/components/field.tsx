import { useId, useState } from 'preact/hooks';
import { Icon } from './icon.js';

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly kind?: 'text' | 'number' | 'date';
  readonly mono?: boolean;
  readonly problem?: string | undefined;
  readonly required?: boolean;
}

/** A labeled input; what is wrong with it stands at it. A value that comes late changes nothing under the hands of whoever
 * is in the field. */
export function Field({ label, hint, value, set, kind = 'text', mono = false, problem, required = false }: FieldProps) {
  const id = useId();
  const [found, setFound] = useState<string>();
  const note = problem ?? hint;
  const put = (event: { readonly currentTarget: HTMLInputElement; readonly isComposing?: boolean }) => {
    const { value: typed } = event.currentTarget;
    setFound(undefined);
    // Wide figures, as input methods write them, are figures; not before they are done with them.
    set(kind === 'number' && event.isComposing !== true ? typed.normalize('NFKC') : typed);
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        {...(kind === 'date' && { type: 'date' as const })}
        class={`input ${mono ? 'mono' : ''}`}
        value={found ?? value}
        required={required}
        autocomplete="off"
        spellcheck={false}
        inputMode={kind === 'number' ? 'numeric' : undefined}
        aria-invalid={problem !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        onFocus={() => setFound(value)}
        onBlur={() => setFound(undefined)}
        onInput={put}
        onCompositionEnd={put}
      />
      {note !== undefined && (
        <p id={`${id}-note`} class={problem === undefined ? 'quiet' : 'stop'}>
          {note}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly label: string; readonly disabled?: boolean }[];
  readonly value: T;
  readonly set: (value: T) => void;
}

/** A few options of which one holds. */
export function Choice<T extends string>({ label, options, value, set }: ChoiceProps<T>) {
  const id = useId();
  return (
    <fieldset class="field">
      <legend>{label}</legend>
      <div class="segments">
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={id}
              checked={option.value === value}
              disabled={option.disabled}
              onChange={() => set(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface SelectProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly value: string;
  readonly set: (value: string) => void;
}

/** One of a list that may be long. */
export function SelectField({ label, hint, options, value, set }: SelectProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="select-field">
        <select
          id={id}
          class="input"
          value={value}
          aria-describedby={hint === undefined ? undefined : `${id}-note`}
          onChange={(event) => set(event.currentTarget.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </div>
      {hint !== undefined && (
        <p id={`${id}-note`} class="quiet">
          {hint}
        </p>
      )}
    </div>
  );
}
