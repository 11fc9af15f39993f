import { en, explain, ja } from '@leasehold/terms';
import type { Decision, Explanation, Texts } from '@leasehold/terms';
import { PROBLEMS_JA } from './problems-ja.js';

export type { Explanation };
export type Language = 'en' | 'ja';

/** A decision in words. Where no rule of the profile made it, the problem behind it speaks: it knows what happened. */
export function explainDecision(
  decision: Decision,
  language: Language,
  because?: { readonly code: string; readonly message: string; readonly remedy: string },
): Explanation {
  const texts: Texts = language === 'ja' ? ja : en;
  const explanation = explain(decision, texts);
  if (because === undefined) return explanation;
  const said = language === 'ja' ? inJapanese(decision.warnings?.[0] ?? because.code) : undefined;
  if (said !== undefined) {
    const [sentence, cure] = said.map((text) => text.replace('{until}', decision.until ?? ''));
    return { ...explanation, sentence: sentence!, cure: cure!, who: ['admin'] };
  }
  return { ...explanation, language: 'en', sentence: because.message, cure: because.remedy, who: ['admin'] };
}

function inJapanese(code: string): readonly [sentence: string, cure: string] | undefined {
  return Object.hasOwn(PROBLEMS_JA, code) ? PROBLEMS_JA[code as keyof typeof PROBLEMS_JA] : undefined;
}
