import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';

export type Language = 'en' | 'ja';

/** The language of every page; set once from the preferences. */
export const language: Signal<Language> = signal('en');

/** The texts of the language that is chosen now, for a part of the console. */
export function inBoth<T>(en: T, ja: T): ReadonlySignal<T> {
  return computed(() => (language.value === 'ja' ? ja : en));
}
