import { en, explain, ja } from '@leasehold/terms';
import type { Decision, Explanation, Texts } from '@leasehold/terms';

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
  const said = language === 'ja' ? JA[decision.warnings?.[0] ?? because.code] : undefined;
  if (said !== undefined) {
    const [sentence, cure] = said.map((text) => text.replace('{until}', decision.until ?? ''));
    return { ...explanation, sentence: sentence!, cure: cure!, who: ['admin'] };
  }
  return { ...explanation, language: 'en', sentence: because.message, cure: because.remedy, who: ['admin'] };
}

/** What an admin meets most, in Japanese: sentence and cure. Problems of the way to the authority speak English. */
const JA: Readonly<Record<string, readonly [string, string]>> = {
  NOT_ACTIVATED: ['このインストールにはまだライセンスがありません。', 'ライセンスキーで認証してください。'],
  FIRST_RUN: [
    'このインストールにはまだライセンスがありませんが、{until} まではバックアップを続けられます。',
    'それまでにライセンスキーで認証してください。',
  ],
  MACHINE_CHANGED: [
    'リースが発行されたときのハードウェアではありません。',
    '一度ライセンスサーバーに接続してください。移動したマシンかどうかはサーバーが判断します。バックアップは不足時の猶予期間中は続けられます。',
  ],
};
