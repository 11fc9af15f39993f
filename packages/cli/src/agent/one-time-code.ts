import type { Language, License, MediaAnswer, MediaUse } from '@leasehold/sdk';
import type { Io } from '../command.js';

/** What the technician at the machine reads, who may have been got out of bed for it. */
const WORDS = {
  en: {
    notGenuine: 'No one-time code: the stamp of this medium is not genuine.',
    nameless: 'No one-time code: nothing of the firmware of this machine can be read. As root it may be.',
    takesNone: 'No one-time code: this medium was stamped without any.',
    refused: (medium: string, machine: string, challenge: string) =>
      `Refused so far. Medium ${medium}, machine ${machine}, challenge ${challenge}`,
    ask: 'One-time code:',
  },
  ja: {
    notGenuine: 'ワンタイムコードは使えません。このメディアのスタンプは正規のものではありません。',
    nameless:
      'ワンタイムコードは使えません。このマシンのファームウェア情報を読み取れません。root であれば読み取れる場合があります。',
    takesNone: 'ワンタイムコードは使えません。このメディアはコードなしで作成されています。',
    refused: (medium: string, machine: string, challenge: string) =>
      `現時点では使用できません。メディア ${medium}、マシン ${machine}、チャレンジ ${challenge}`,
    ask: 'ワンタイムコード:',
  },
} as const satisfies Record<Language, object>;

/** Mistyped or misheard twice is daily life; more often it is another stick, or another telephone call. */
const TRIES = 3;

export interface Conversation {
  readonly language: Language;
  readonly io: Io;
  /** What is typed, line by line. */
  readonly lines: AsyncIterator<string>;
}

/** Whoever helps by telephone answers the challenge of this very start (F-10). */
export async function askForCode(
  license: Pick<License, 'media'>,
  use: MediaUse,
  refused: MediaAnswer,
  { language, io, lines }: Conversation,
): Promise<MediaAnswer> {
  const words = WORDS[language];
  const { passport, keyset } = use;
  const codes = await license.media.codes({ passport: passport ?? null, ...(keyset === undefined ? {} : { keyset }) });
  if (codes?.challenge === undefined) {
    io.err(words[whyNoCode(codes, refused)]);
    return refused;
  }
  io.err(words.refused(refused.medium.id, codes.machine, codes.challenge));
  let answer = refused;
  for (let tries = 0; tries < TRIES && !answer.allowed; tries += 1) {
    if (answer.medium.oneTimeCode === 'invalid') io.err(answer.explain(language).sentence);
    io.err(words.ask);
    const line = await lines.next();
    if (line.done === true) break;
    answer = await license.media.use({ ...use, oneTimeCode: line.value.trim() });
  }
  return answer;
}

/** A genuine stamp makes a challenge of what the firmware says of the machine. */
function whyNoCode(codes: object | undefined, { medium }: MediaAnswer): 'takesNone' | 'notGenuine' | 'nameless' {
  if (codes !== undefined) return 'takesNone';
  return medium.stamp === 'missing' || medium.stamp === 'invalid' ? 'notGenuine' : 'nameless';
}
