import { LeaseholdError } from '@leasehold/protocol';
import type { Given, Option } from './command.js';

const LANGUAGES = ['en', 'ja'] as const;

export const LANGUAGE_OPTION: Readonly<Record<string, Option>> = {
  language: { what: 'Language of the explanations: en or ja (en)', value: 'LANG' },
};

/** In which language a decision is explained. @throws LeaseholdError INPUT_INVALID */
export function readLanguage(given: Given): (typeof LANGUAGES)[number] {
  const typed = given.get('language') ?? 'en';
  const language = LANGUAGES.find((one) => one === typed);
  if (language !== undefined) return language;
  throw new LeaseholdError('INPUT_INVALID', `There are no texts in "${typed}".`, {
    path: 'language',
    remedy: `Choose one of ${LANGUAGES.join(', ')}.`,
  });
}
