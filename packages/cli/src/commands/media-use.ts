import { createInterface } from 'node:readline/promises';
import { LeaseholdError } from '@leasehold/protocol';
import type { Language, MediaAnswer, MediaUse } from '@leasehold/sdk';
import { CONFIG_OPTION } from '../agent/config.js';
import { readMedium } from '../agent/medium.js';
import { askForCode } from '../agent/one-time-code.js';
import { withLicense } from '../agent/open.js';
import { mediumLines } from '../agent/tell-medium.js';
import { EXIT, type Command, type Given, type Io } from '../command.js';
import { LANGUAGE_OPTION, readLanguage } from '../language.js';
import { readTextFile } from '../read-file.js';

export const command: Command = {
  args: ['DIR'],
  options: {
    ...LANGUAGE_OPTION,
    ...CONFIG_OPTION,
    purpose: { what: 'system_recovery, cold_backup or file_recovery (system_recovery)', value: 'PURPOSE' },
    os: { what: 'The system on the disk of this machine; unknown for a blank one', value: 'OS' },
    'image-of': { what: 'The machine whose image is restored', value: 'ID' },
    disposition: { what: 'Its hardware: disposed, parallel or undeclared', value: 'WHAT' },
    proof: { what: 'The recovery proof that lies beside the backup', value: 'FILE' },
    'ask-code': { what: 'When refused, tell the challenge and read a one-time code from the input' },
  },
  notes: [
    'May the medium at DIR be used on the machine that it was started on? Decided here alone, without a network. Exit status',
    '77 when it is refused.',
  ],
  run: (given, io) =>
    withLicense(given, async (license) => {
      const language = readLanguage(given);
      const { passport = null, keyset } = await readMedium(given.args[0] ?? '');
      const use = { ...(await wishesOf(given)), passport, ...(keyset === undefined ? {} : { keyset }) };
      const first = await license.media.use(use);
      const input = first.allowed || !given.has('ask-code') ? undefined : createInterface({ input: process.stdin });
      const lines = input?.[Symbol.asyncIterator]();
      const answer = lines === undefined ? first : await askForCode(license, use, first, { language, io, lines });
      input?.close();
      tell(answer, language, given, io);
      return answer.allowed ? EXIT.ok : EXIT.refused;
    }),
};

const PURPOSES = ['system_recovery', 'cold_backup', 'file_recovery'];
const SYSTEMS = ['windows_server', 'windows_client', 'linux', 'macos', 'unknown'];
const DISPOSITIONS = ['disposed', 'parallel', 'undeclared'];

async function wishesOf(given: Given): Promise<Omit<MediaUse, 'passport' | 'keyset'>> {
  const wishes = {
    purpose: word(given, 'purpose', PURPOSES) ?? 'system_recovery',
    os: word(given, 'os', SYSTEMS),
    imageOf: given.get('image-of'),
    sourceDisposition: word(given, 'disposition', DISPOSITIONS),
    recoveryProof: await textOf(given.get('proof')),
  };
  const typed = Object.entries(wishes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(typed) as unknown as Omit<MediaUse, 'passport' | 'keyset'>;
}

function word(given: Given, option: string, words: readonly string[]): string | undefined {
  const typed = given.get(option);
  if (typed === undefined || words.includes(typed)) return typed;
  throw new LeaseholdError('INPUT_INVALID', `--${option} takes ${words.join(', ')}.`, { path: option });
}

async function textOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  return (await readTextFile(file)).trim();
}

function tell(answer: MediaAnswer, language: Language, given: Given, io: Io): void {
  const { medium, allowed, decision, reason_rule: rule, code, warnings, obligations } = answer;
  if (given.json) {
    io.out(JSON.stringify({ allowed, decision, reason_rule: rule, code, warnings, obligations, medium }));
    return;
  }
  const recovery = given.get('purpose') !== 'cold_backup';
  const tried = { proof: given.get('proof'), code: given.has('ask-code'), recovery };
  for (const line of mediumLines(answer, language, tried)) io.out(line);
}
