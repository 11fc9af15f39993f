import { effect, signal, type Signal } from '@preact/signals';
import type { Platform } from '../platform.js';
import { language, type Language } from '../texts/language.js';

export type Theme = 'system' | 'light' | 'dark';
export type LanguageChoice = 'system' | Language;

interface Preferences {
  readonly theme: Theme;
  readonly language: LanguageChoice;
  /** The connection that pages show. */
  readonly active: string | null;
  /** Columns of the license grid that the reader put away. */
  readonly hiddenColumns: readonly string[];
}

const DEFAULTS: Preferences = { theme: 'system', language: 'system', active: null, hiddenColumns: [] };
const KEY = 'preferences';

export const preferences: Signal<Preferences> = signal(DEFAULTS);

/** Reads the stored choices, applies them to the document and follows changes made in other pages. */
export async function loadPreferences(platform: Platform): Promise<void> {
  preferences.value = preferencesFrom(await platform.read(KEY));
  platform.watch((changed) => {
    if (KEY in changed) preferences.value = preferencesFrom(changed[KEY]);
  });
  effect(() => {
    const { theme, language: choice } = preferences.value;
    language.value = languageOf(platform, choice);
    document.documentElement.lang = language.value;
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  });
}

/** The worker speaks the reader's language too, and has no document to put it in. */
export async function loadStored(platform: Platform): Promise<void> {
  preferences.value = preferencesFrom(await platform.read(KEY));
  language.value = languageOf(platform, preferences.value.language);
}

function languageOf(platform: Platform, choice: LanguageChoice): Language {
  if (choice !== 'system') return choice;
  return platform.language().startsWith('ja') ? 'ja' : 'en';
}

export async function choose(platform: Platform, change: Partial<Preferences>): Promise<void> {
  preferences.value = { ...preferences.value, ...change };
  await platform.write(KEY, preferences.value);
}

function preferencesFrom(value: unknown): Preferences {
  const {
    theme,
    language: choice,
    active,
    hiddenColumns,
  } = (typeof value === 'object' && value !== null ? value : {}) as {
    theme?: unknown;
    language?: unknown;
    active?: unknown;
    hiddenColumns?: unknown;
  };
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    language: choice === 'en' || choice === 'ja' ? choice : 'system',
    active: typeof active === 'string' ? active : null,
    hiddenColumns: Array.isArray(hiddenColumns) ? hiddenColumns.filter((each) => typeof each === 'string') : [],
  };
}
