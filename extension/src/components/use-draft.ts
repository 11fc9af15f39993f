import { useState } from 'preact/hooks';
import { active } from '../model/connections.js';

/** A state of a form that outlives the form: who leaves the page or the browser finds what stood in it on coming back. It
 * is gone once the form was sent, or discarded. Without a form's name it is a plain state. Never for a secret. */
export function useDraft<T>(form: string | undefined, field: string, initial: T): readonly [T, (value: T) => void] {
  const [key] = useState(form && `${prefixOf(form)}${field}`);
  const [value, setValue] = useState<T>(() => kept(key, initial));
  const put = (next: T) => {
    setValue(next);
    if (key !== undefined) localStorage.setItem(key, JSON.stringify(next));
  };
  return [value, put];
}

/** Forgets what stood in the form. */
export function discardDraft(form: string): void {
  discard(prefixOf(form));
}

/** Forgets what stood in every form of a connection. */
export function discardDraftsOf(connection: string): void {
  discard(`draft:${connection}:`);
}

const prefixOf = (form: string) => `draft:${active.peek()?.id}:${form}:`;

function discard(prefix: string): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
}

/** What another version of the console left may be of another kind. */
function kept<T>(key: string | undefined, initial: T): T {
  const text = key === undefined ? null : localStorage.getItem(key);
  const value = text === null ? undefined : (JSON.parse(text) as T);
  return typeof value === typeof initial ? value! : initial;
}
