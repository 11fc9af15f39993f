import { CONFIG_OPTION, readConfig } from '../agent/config.js';
import { asFailure, withLicense } from '../agent/open.js';
import { EXIT, type Command } from '../command.js';
import { isMeant } from '../confirm.js';

export const command: Command = {
  options: {
    ...CONFIG_OPTION,
    yes: { what: 'Do not ask' },
    'keep-seat': { what: 'Do not give the seat of this machine back' },
    'discard-usage': { what: 'Go on where usage cannot be handed in; it is lost' },
  },
  notes: [
    'Prepares a golden image: hands usage in, gives the seat back, and removes device key, lease and reports, so that each',
    'copy enrolls as a machine of its own. The settings and their enrollmentKeyFile stay. Stop the agent first, and let the',
    'system forget its own identity too (an empty /etc/machine-id). Interrupted, it can be repeated.',
  ],
  async run(given, io) {
    const { stateDir, enrollmentKeyFile } = await readConfig(given);
    await isMeant(given, `This removes the license state in ${stateDir}.`);
    const wishes = { keepSeat: given.has('keep-seat'), discardUsage: given.has('discard-usage') };
    return withLicense(given, async (license) => {
      const done = await license.generalize(wishes);
      if (!done.ok) throw asFailure(done.problem);
      const { seat, usageDiscarded, removed, left } = done;
      const enrollment = enrollmentKeyFile === undefined ? 'none' : 'file';
      if (given.json) io.out(JSON.stringify({ stateDir, seat, usageDiscarded, removed, left, enrollment }));
      else io.out(`${SEATS[seat]} ${removed.length} files of ${stateDir} are gone.`);
      if (left.length > 0) io.err(`Not ours, and left there: ${left.join(', ')}`);
      if (enrollment === 'none') io.err('The settings name no enrollmentKeyFile: each copy waits for a key.');
      return EXIT.ok;
    });
  },
};

const SEATS = {
  given_back: 'The seat is free.',
  kept: 'The seat stays with this machine.',
  none: 'There was no seat.',
} as const;
