import { en, explain, ja } from '@leasehold/terms';
import type { Decision, Explanation, Texts } from '@leasehold/terms';

export type { Explanation };
export type Language = 'en' | 'ja';
const TEXTS: Readonly<Record<Language, Texts>> = { en, ja };

/** A decision in words. Where no rule of the profile made it, the problem behind it speaks: it knows what happened. */
export function explainDecision(
  decision: Decision,
  language: Language,
  because?: { readonly message: string; readonly remedy: string },
): Explanation {
  const explanation = explain(decision, TEXTS[language]);
  if (because === undefined) return explanation;
  return { ...explanation, language: 'en', sentence: because.message, cure: because.remedy, who: ['admin'] };
}
