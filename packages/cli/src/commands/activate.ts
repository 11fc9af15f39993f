import { asFailure, withLicense } from '../agent/open.js';
import { CONFIG_OPTION } from '../agent/config.js';
import { printStatus } from '../agent/print-status.js';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  args: ['KEY'],
  options: CONFIG_OPTION,
  notes: ['KEY is the license key (LH-…), or the enrollment key of a company (LE-…). The same machine keeps its seat.'],
  run: (given, io) =>
    withLicense(
      given,
      async (license) => {
        const { status, problem } = await license.check();
        if (problem !== undefined) throw asFailure(problem);
        if (given.json) io.out(JSON.stringify(status));
        else printStatus(status, io);
        return EXIT.ok;
      },
      given.args[0],
    ),
};
