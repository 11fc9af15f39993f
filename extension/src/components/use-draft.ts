import { useEffect, useState } from 'preact/hooks';
import { active } from '../model/connections.js';

/** A state of a form that outlives the browser: who comes back to the form finds what stood in it. It is gone once the form
 * was sent or left. Never for a secret. */
export function useDraft<T>(name: string, initial: T): readonly [T, (value: T) => void] {
  const [key] = useState(`draft:${active.peek()?.id}:${name}`);
  const [value, setValue] = useState<T>(() => kept(key, initial));
  useEffect(() => () => localStorage.removeItem(key), [key]);
  const put = (next: T) => {
    setValue(next);
    localStorage.setItem(key, JSON.stringify(next));
  };
  return [value, put];
}

/** What another version of the console left may be of another kind. */
function kept<T>(key: string, initial: T): T {
  const text = localStorage.getItem(key);
  const value = text === null ? undefined : (JSON.parse(text) as T);
  return typeof value === typeof initial ? value! : initial;
}
