import { useLayoutEffect, useId, useRef } from 'preact/hooks';
import { number } from '../texts/format.js';
import { Icon } from './icon.js';

export interface Option<T extends string> {
  readonly value: T;
  readonly label: string;
  /** What this option would leave, with all other filters kept. */
  readonly count?: number | undefined;
}

interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly options: readonly Option<T>[];
  readonly value: T;
  readonly set: (value: T) => void;
  /** It hides rows: accent border. */
  readonly hides?: boolean;
  readonly disabled?: boolean;
  readonly title?: string | undefined;
}

/** A filter with a count in each option. Real radio buttons: arrows move, the group has a name. */
export function FilterSegments<T extends string>(props: SegmentsProps<T>) {
  const { label, options, value, set, hides = false, disabled = false } = props;
  const name = useId();
  return (
    <fieldset class={`segments filter ${hides ? 'hides' : ''}`} disabled={disabled} title={props.title}>
      <legend class="sr-only">{label}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input type="radio" name={name} checked={option.value === value} onChange={() => set(option.value)} />
          <span>
            {option.label}
            {option.count !== undefined && <span class="count">{number(option.count)}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

interface SelectProps {
  readonly label: string;
  readonly options: readonly Option<string>[];
  readonly value: string;
  readonly set: (value: string) => void;
  readonly hides?: boolean;
}

export function FilterSelect({ label, options, value, set, hides = false }: SelectProps) {
  const id = useId();
  return (
    <div class={`select-chip ${hides ? 'hides' : ''}`}>
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => set(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.count === undefined ? option.label : `${option.label}  ${number(option.count)}`}
          </option>
        ))}
      </select>
      <Icon name="down" />
    </div>
  );
}

interface SearchProps {
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
}

/** The page's search; `/` goes there from anywhere on it. */
export function SearchBox({ label, value, set }: SearchProps) {
  const ref = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const typed = useRef<string>(undefined);
  // What is not typed here comes with a link, or is cleared beside it.
  useLayoutEffect(() => {
    if (value !== typed.current) ref.current!.value = typed.current = value;
  }, [value]);
  useLayoutEffect(() => {
    const jump = (event: KeyboardEvent) => {
      const isTyping = (event.target as HTMLElement | null)?.closest('input, textarea, select, dialog') !== null;
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      ref.current?.focus();
    };
    addEventListener('keydown', jump);
    return () => removeEventListener('keydown', jump);
  }, []);
  return (
    <div class="search">
      <Icon name="search" />
      <input
        ref={ref}
        type="search"
        aria-label={label}
        placeholder={label}
        onInput={(event) => {
          const text = event.currentTarget.value;
          clearTimeout(timer.current);
          timer.current = setTimeout(() => set((typed.current = text.trim())), 40);
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}
