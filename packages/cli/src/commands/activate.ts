import { resolve } from 'node:path';
import { LeaseholdError } from '@leasehold/protocol';
import { asFailure, withLicense } from '../agent/open.js';
import { CONFIG_OPTION } from '../agent/config.js';
import { printStatus } from '../agent/print-status.js';
import { EXIT, type Command, type Given } from '../command.js';
import { orFromInput } from '../from-input.js';

export const command: Command = {
  args: ['[KEY]'],
  options: { ...CONFIG_OPTION, 'enrollment-key-file': { what: 'Read the key from there', value: 'FILE' } },
  notes: [
    'KEY is the license key (LH-…), or the enrollment key of a company (LE-…); - reads it from the input, where no list of',
    'processes shows it. Without one, the file that the settings name as enrollmentKeyFile is read, else the variable',
    'LEASEHOLD_ENROLLMENT_KEY. The same machine keeps its seat.',
  ],
  run: async (given, io) =>
    withLicense(
      given,
      async (license) => {
        const { status, problem } = await license.check();
        if (problem !== undefined) throw asFailure(problem);
        if (given.json) io.out(JSON.stringify(status));
        else printStatus(status, io);
        return EXIT.ok;
      },
      await typedKey(given),
    ),
};

async function typedKey(given: Given): Promise<{ readonly key: string } | { readonly file: string } | 'silent'> {
  const [key] = given.args;
  const file = given.get('enrollment-key-file');
  if (key !== undefined && file !== undefined) {
    throw new LeaseholdError('INPUT_INVALID', 'A key and a file with a key were given.', {
      path: 'enrollment-key-file',
      remedy: 'Give one of them.',
    });
  }
  if (key !== undefined) return { key: await orFromInput(key, 'KEY') };
  return file === undefined ? 'silent' : { file: resolve(file) };
}
