import { en, explain, ja } from '@leasehold/terms';
import type { Decision, Explanation, Texts } from '@leasehold/terms';

export type { Explanation };
export type Language = 'en' | 'ja';

/** A decision in words. Where no rule of the profile made it, the problem behind it speaks: it knows what happened. */
export function explainDecision(
  decision: Decision,
  language: Language,
  because?: { readonly message: string; readonly remedy: string },
): Explanation {
  const texts: Texts = language === 'ja' ? ja : en;
  const explanation = explain(decision, texts);
  if (because === undefined) return explanation;
  return { ...explanation, language: 'en', sentence: because.message, cure: because.remedy, who: ['admin'] };
}
