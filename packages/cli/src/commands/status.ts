import { withLicense } from '../agent/open.js';
import { CONFIG_OPTION } from '../agent/config.js';
import { printStatus } from '../agent/print-status.js';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: CONFIG_OPTION,
  notes: ['Exit status 1 unless a new backup would be allowed now. Reads, and never goes online.'],
  run: (given, io) =>
    withLicense(given, (license) => {
      const status = license.status();
      if (given.json) io.out(JSON.stringify(status));
      else printStatus(status, io);
      const { decision } = status.backup;
      return Promise.resolve(decision === 'allow' || decision === 'warn' ? EXIT.ok : EXIT.failed);
    }),
};
