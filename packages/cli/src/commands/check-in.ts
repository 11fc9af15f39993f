import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { LeaseholdError } from '@leasehold/protocol';
import { askRunning } from '../agent/ask-running.js';
import { CONFIG_OPTION, readConfig } from '../agent/config.js';
import { asFailure, withLicense } from '../agent/open.js';
import { printStatus } from '../agent/print-status.js';
import type { License, Status } from '@leasehold/sdk';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: CONFIG_OPTION,
  notes: ['Renews the lease now; usage and refusals ride along. A running agent does this by itself every day.'],
  async run(given, io) {
    const { stateDir } = await readConfig(given);
    const isOurs = await access(stateDir, constants.R_OK | constants.W_OK).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
    );
    // Another user has the running agent do it, where that one lets him.
    const running = isOurs ? undefined : await askRunning(given, 'check');
    const status = running ?? (await withLicense(given, checkInWhole, 'silent'));
    if (given.json) io.out(JSON.stringify(status));
    else printStatus(status, io);
    return status.state === 'licensed' || running === undefined ? EXIT.ok : EXIT.failed;
  },
};

/** A check-in takes one batch of usage, and every process that ran before left one of its own: until all are counted. */
async function checkInWhole(license: License): Promise<Status> {
  // Opening has just asked for a seat, where it may: one that was given back is taken again by `activate` alone.
  const { state, problems } = license.status();
  if (state === 'not_activated') throw problems.length > 0 ? asFailure(problems.at(-1)!) : nothingHeld();
  for (let before = Number.POSITIVE_INFINITY; ;) {
    const { status, problem } = await license.check();
    if (problem !== undefined) throw asFailure(problem);
    const left = license.usage.health().waiting;
    if (left === 0 || left >= before) return status;
    before = left;
  }
}

function nothingHeld(): LeaseholdError {
  return new LeaseholdError('NOT_ACTIVATED', 'This installation holds no license yet.', {
    remedy: 'Activate it with its license key, or with the enrollment key of its company.',
  });
}
