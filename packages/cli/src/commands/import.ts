import { isExchange } from '@leasehold/protocol';
import type { License } from '@leasehold/sdk';
import { CONFIG_OPTION } from '../agent/config.js';
import { asFailure, withLicense } from '../agent/open.js';
import { printStatus } from '../agent/print-status.js';
import { EXIT, type Command, type Given, type Io } from '../command.js';
import { readTextFile } from '../read-file.js';

export const command: Command = {
  args: ['FILE'],
  options: CONFIG_OPTION,
  notes: [
    'FILE is an extension note, a keyset or a root’s word for the next from the vendor, or the answer to',
    '`leasehold request`. Only what leads to a pinned root is taken.',
  ],
  async run(given, io) {
    const file = given.args[0] ?? '';
    const text = await readTextFile(file);
    return withLicense(given, async (license) => {
      if (isExchange('RESPONSE', text)) return takeAnswer(license, text, given, io);
      const outcome = await license.install(text);
      if (!outcome.ok) throw asFailure(outcome.problem);
      if (given.json) io.out(JSON.stringify({ installed: outcome.installed, status: outcome.status }));
      else printStatus(outcome.status, io);
      return EXIT.ok;
    });
  },
};

/** The answer to a request file of this machine. */
async function takeAnswer(license: License, text: string, given: Given, io: Io): Promise<number> {
  const { problem, status } = await license.responseFile(text);
  if (problem !== undefined) throw asFailure(problem);
  if (given.json) io.out(JSON.stringify({ installed: 'response', status }));
  else printStatus(status, io);
  return EXIT.ok;
}
