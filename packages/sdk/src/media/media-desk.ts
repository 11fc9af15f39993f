import { LeaseholdError } from '@leasehold/protocol';
import type { Message } from '@leasehold/protocol';
import { judgeMedia, mediaCodes } from './boot-media.js';
import type { MediaUse } from './boot-media.js';
import type { Answer } from '../decision/answer.js';
import type { Language } from '../decision/explanation.js';
import { assertTexts, mistake } from '../given.js';
import type { License, MediaAnswer, MediaStamped, Waiting } from '../license.js';
import type { LicenseParts } from '../license-handle.js';
import { asLeaseholdError, notActivated, statusProblem } from '../problem-log.js';
import type { Transport } from '../wire/transport.js';

/** What a stamp says of the medium. */
export type StampRequest = Pick<Message<'AgentStamp'>, 'media' | 'base' | 'licensee' | 'validDays'>;

/** Boot media: used here, or made here. `start` is drawn once for each opening. */
export function mediaDesk(parts: LicenseParts, start: string): License['media'] {
  const { installation, machine, clock } = parts;
  const media = { installation, machine, clock, start };
  return {
    use: (use) => useMedia(parts, media, use ?? {}),
    codes: (use) => mediaCodes(media, use),
    stamp: (request, waiting) => stamp(parts, request, waiting),
  };
}

async function useMedia(
  { installation, authorizer }: LicenseParts,
  media: Parameters<typeof judgeMedia>[0],
  use: MediaUse,
): Promise<MediaAnswer> {
  const { decision, medium } = await judgeMedia(media, use);
  const request = { action: 'be_media.use', purpose: use.purpose, media: medium.id, machine: 'self' };
  const answer = authorizer.answer(decision, request, installation.moment());
  // A cold backup is never opened by a code: there it is not the code that was wrong.
  const mistyped = !answer.allowed && medium.oneTimeCode === 'invalid' && use.purpose !== 'cold_backup';
  return { ...answer, ...(mistyped ? { explain: wrongCode(answer) } : {}), medium };
}

/** Who typed a code wants to know that it was that. */
const WRONG_CODE: Readonly<Record<Language, readonly [sentence: string, cure: string]>> = {
  en: [
    'This is not the one-time code for the challenge of this start: it was mistyped, or given for another start, machine or medium.',
    'Compare its ten letters and digits, or read out the challenge that is shown now and ask for its code.',
  ],
  ja: [
    'このワンタイムコードは、今回の起動のチャレンジに対応していません。入力ミスか、別の起動、マシン、またはメディア用のコードです。',
    '10 文字の英数字を確認するか、現在表示されているチャレンジを伝えて、そのコードを受け取ってください。',
  ],
};

function wrongCode(answer: Answer): Answer['explain'] {
  return (language = 'en') => {
    const [sentence, cure] = language === 'ja' ? WRONG_CODE.ja : WRONG_CODE.en;
    return { ...answer.explain(language), sentence, cure, who: ['technician', 'admin'] };
  };
}

async function stamp(parts: LicenseParts, request: StampRequest, waiting?: Waiting): Promise<MediaStamped> {
  const { transport, installation, identity, settings, clock } = parts;
  try {
    assertTexts(request, 'media', 'base', 'licensee');
    if (!Number.isInteger(request.validDays)) throw mistake('validDays', 'a whole number of days');
    const { holding } = installation.document;
    const signer = await identity.find();
    if (holding === null || signer === undefined) throw notActivated();
    const body = { ...request, instance: holding.instance, product: settings.product };
    const { passport, keyset } = await online(transport).call('agentStamp', { body, signer, signal: waiting?.signal });
    await installation.trust.adoptKeyset(keyset);
    await installation.trust.media(passport);
    return { ok: true, passport, keyset };
  } catch (cause) {
    return { ok: false, problem: statusProblem(asLeaseholdError(cause), clock.wall()) };
  }
}

export function online(transport: Transport | undefined): Transport {
  if (transport !== undefined) return transport;
  throw new LeaseholdError('AUTHORITY_UNREACHABLE', 'This needs an authority, and none is set here.', {
    remedy: 'Give the option `authority`.',
  });
}
