import { useId, useRef, useState } from 'preact/hooks';
import { x } from '../../texts/exchange.js';

/** What the authority takes at most, in bytes. */
const MOST = 1_000_000;

/** The request, as a file or as the text in it. */
export function RequestField({ value, set }: { value: string; set: (value: string) => void }) {
  const words = x.value;
  const id = useId();
  const picker = useRef<HTMLInputElement>(null);
  const [isTooLarge, setTooLarge] = useState(false);
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    setTooLarge(file.size > MOST);
    if (file.size <= MOST) set(await file.text());
  };
  return (
    <div class="field">
      <label for={id}>{words.request}</label>
      <textarea
        id={id}
        class="input mono"
        value={value}
        autocomplete="off"
        spellcheck={false}
        aria-describedby={`${id}-note`}
        onInput={(event) => set(event.currentTarget.value)}
      />
      <input
        ref={picker}
        type="file"
        hidden
        onChange={(event) => {
          void take(event.currentTarget.files?.[0]);
          event.currentTarget.value = '';
        }}
      />
      <div class="actions">
        <button type="button" class="button small" onClick={() => picker.current?.click()}>
          {words.choose}
        </button>
      </div>
      <p id={`${id}-note`} class={isTooLarge ? 'stop' : 'quiet'} role="status">
        {isTooLarge ? words.tooLarge : words.requestHint}
      </p>
    </div>
  );
}
