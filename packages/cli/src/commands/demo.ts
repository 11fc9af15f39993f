import { resolve } from 'node:path';
import { EXIT, type Command } from '../command.js';
import { playStory } from '../demo/play.js';

export const command: Command = {
  options: {
    dir: { what: 'Folder for all that it writes (.leasehold)', value: 'DIR' },
    extension: { what: 'Folder of the built extension (extension/dist)', value: 'DIR' },
    once: { what: 'End after the last step instead of keeping the authority running' },
  },
  notes: [
    'Exit status 1 names the step that failed. Every start begins anew and removes what the last demo left in DIR.',
  ],
  async run(given, io) {
    const played = await playStory(
      {
        folder: resolve(given.get('dir') ?? '.leasehold'),
        extension: resolve(given.get('extension') ?? 'extension/dist'),
        once: given.has('once'),
      },
      io,
    );
    return played ? EXIT.ok : EXIT.failed;
  },
};
