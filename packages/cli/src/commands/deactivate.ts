import { asFailure, withLicense } from '../agent/open.js';
import { CONFIG_OPTION } from '../agent/config.js';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: CONFIG_OPTION,
  notes: ['Gives the seat of this machine back. Without an authority in reach nothing changes.'],
  run: (given, io) =>
    withLicense(given, async (license) => {
      const outcome = await license.deactivate();
      if (!outcome.ok) throw asFailure(outcome.problem);
      const { reusableFrom } = outcome;
      if (given.json) io.out(JSON.stringify({ reusableFrom }));
      else io.out(reusableFrom === null ? 'The seat is free.' : `The seat can be used again from ${reusableFrom}.`);
      return EXIT.ok;
    }),
};
