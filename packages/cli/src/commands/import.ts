import { readFile } from 'node:fs/promises';
import { LeaseholdError } from '@leasehold/protocol';
import { CONFIG_OPTION } from '../agent/config.js';
import { asFailure, withLicense } from '../agent/open.js';
import { printStatus } from '../agent/print-status.js';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  args: ['FILE'],
  options: CONFIG_OPTION,
  notes: [
    'FILE comes from the vendor: an extension note, a keyset, a root’s word for the next. Only what a pinned root signed is taken.',
  ],
  async run(given, io) {
    const file = given.args[0] ?? '';
    const text = await readFile(file, 'utf8').catch((cause: unknown) => {
      throw new LeaseholdError('INPUT_INVALID', `${file} cannot be read.`, { path: file, cause });
    });
    return withLicense(given, async (license) => {
      const outcome = await license.install(text);
      if (!outcome.ok) throw asFailure(outcome.problem);
      if (given.json) io.out(JSON.stringify({ installed: outcome.installed, status: outcome.status }));
      else printStatus(outcome.status, io);
      return EXIT.ok;
    });
  },
};
