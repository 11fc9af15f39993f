import { asFailure, withLicense } from '../agent/open.js';
import { CONFIG_OPTION } from '../agent/config.js';
import { printStatus } from '../agent/print-status.js';
import type { License, Status } from '@leasehold/sdk';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: CONFIG_OPTION,
  notes: ['Renews the lease now; usage and refusals ride along. A running agent does this by itself every day.'],
  run: (given, io) =>
    withLicense(given, async (license) => {
      const status = await checkInWhole(license);
      if (given.json) io.out(JSON.stringify(status));
      else printStatus(status, io);
      return EXIT.ok;
    }),
};

/** A check-in takes one batch of usage, and every process that ran before left one of its own: until all are counted. */
async function checkInWhole(license: License): Promise<Status> {
  for (;;) {
    const { waiting } = license.usage.health();
    const { status, problem } = await license.check();
    if (problem !== undefined) throw asFailure(problem);
    const left = license.usage.health().waiting;
    if (left === 0 || left >= waiting) return status;
  }
}
