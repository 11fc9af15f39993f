import { useState } from 'preact/hooks';
import { shortId } from '../texts/format.js';
import { s } from '../texts/shell.js';
import { Icon } from './icon.js';

/** Copies a text and says so for a moment. */
function useCopy(text: string): readonly [boolean, () => void] {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return [isCopied, () => void copy()];
}

/** An id or key, shortened in the middle; a click copies the whole of it. */
export function Copyable({ text, most }: { text: string; most?: number }) {
  const [isCopied, copy] = useCopy(text);
  return (
    <button type="button" class="copyable mono" title={`${s.value.copy.copy}: ${text}`} onClick={copy}>
      {shortId(text, most)}
      {isCopied && (
        <span class="copied" role="status">
          <Icon name="check" size={14} label={s.value.copy.copied} />
        </span>
      )}
    </button>
  );
}

/** A text that is needed whole, with its button. */
export function CopyBox({ text, label }: { text: string; label: string }) {
  const [isCopied, copy] = useCopy(text);
  return (
    <div class="copy-box">
      <code class="mono" aria-label={label} tabIndex={0}>
        {text}
      </code>
      <button type="button" class="button small" onClick={copy}>
        <Icon name={isCopied ? 'check' : 'copy'} size={14} />
        {isCopied ? s.value.copy.copied : s.value.copy.copy}
      </button>
    </div>
  );
}

/** Copies a text that stands elsewhere on the page. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [isCopied, copy] = useCopy(text);
  return (
    <button type="button" class="button" onClick={copy}>
      <Icon name={isCopied ? 'check' : 'copy'} size={14} />
      <span role="status">{isCopied ? s.value.copy.copied : label}</span>
    </button>
  );
}
