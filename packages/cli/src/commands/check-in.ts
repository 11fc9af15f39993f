import { asFailure, withLicense } from '../agent/open.js';
import { CONFIG_OPTION } from '../agent/config.js';
import { printStatus } from '../agent/print-status.js';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: CONFIG_OPTION,
  notes: ['Renews the lease now; usage and refusals ride along. A running agent does this by itself every day.'],
  run: (given, io) =>
    withLicense(given, async (license) => {
      const { status, problem } = await license.check();
      if (problem !== undefined) throw asFailure(problem);
      if (given.json) io.out(JSON.stringify(status));
      else printStatus(status, io);
      return EXIT.ok;
    }),
};
