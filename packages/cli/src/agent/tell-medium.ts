import type { Language, MediaAnswer } from '@leasehold/sdk';

/** What the technician at the machine reads of it beside the decision. */
const WORDS = {
  en: {
    allowed: 'Allowed',
    refused: 'Refused',
    medium: (id: string) => `Medium ${id}`,
    valid: (until: string) => `stamp valid until ${until}`,
    expired: (until: string) => `stamp ended ${until}`,
    missing: 'There is no stamp on this medium.',
    invalid: (why: string) => `The stamp cannot be verified: ${why}`,
    between: ', ',
    noProof: (file: string) => `${file} is no recovery proof of this product, or was changed.`,
    otherwise: 'What opens the recovery without a license: --proof FILE, the proof that lies beside the backup;',
    byTelephone: '--ask-code, a one-time code by telephone from whoever has the console.',
  },
  ja: {
    allowed: '使用できます',
    refused: '使用できません',
    medium: (id: string) => `メディア ${id}`,
    valid: (until: string) => `スタンプは ${until} まで有効`,
    expired: (until: string) => `スタンプは ${until} に失効`,
    missing: 'このメディアにはスタンプがありません。',
    invalid: (why: string) => `スタンプを検証できません: ${why}`,
    between: '、',
    noProof: (file: string) => `${file} はこの製品のリカバリープルーフではないか、変更されています。`,
    otherwise: 'ライセンスがなくてもリカバリーできる方法: --proof FILE (バックアップと一緒に保存されたプルーフ)、',
    byTelephone: '--ask-code (コンソールの管理者から電話で受け取るワンタイムコード)。',
  },
} as const satisfies Record<Language, object>;

/** The answer as lines for a person. `tried`: ways to open a recovery that were gone already. */
export function mediumLines(
  answer: MediaAnswer,
  language: Language,
  tried: { readonly proof?: string | undefined; readonly code: boolean; readonly recovery: boolean },
): string[] {
  const words = WORDS[language];
  const { medium: found, allowed, decision, reason_rule: rule } = answer;
  const { sentence, cure } = answer.explain(language);
  const lines = [`${allowed ? words.allowed : words.refused} (${rule}): ${sentence}`, cure];
  if (found.recoveryProof === 'invalid' && !allowed) lines.push(words.noProof(tried.proof ?? ''));
  // Codes and proofs open a recovery on any hardware, never a cold backup (F-10).
  if (decision === 'needs' && tried.recovery && !tried.code) lines.push(words.otherwise, `  ${words.byTelephone}`);
  return [...lines, stampLine(found, words)].filter((line) => line !== '');
}

function stampLine(found: MediaAnswer['medium'], words: (typeof WORDS)[Language]): string {
  if (found.stamp === 'missing') return words.missing;
  if (found.stamp === 'invalid') return words.invalid(found.because ?? '');
  return `${words.medium(found.id)}${words.between}${words[found.stamp](found.validUntil ?? '')}`;
}
